/**
 * The last nights against the pinned one. A change that creeps up is smaller each night than what nights
 * differ by, and no change point finds it; against a night that does not move it adds up.
 */
import type { PinComparison } from '../../core/trend.ts';
import { studentQuantile } from '../gate/normal.ts';
import { lag1Of } from './judge-trend.ts';
import { meanOf, type Scaled, shareOfRoot } from './scaled.ts';

/** Fewer values say too little about what nights differ by. */
const LEAST_VALUES = 6;
/** One night is one draw; more than these would lag behind. */
const RECENT = 5;
/** Of shares, whose ratios mean nothing near zero: half a percent, as a gate must find. */
const SHARE_ALLOW = 0.005;
const MOST_LAG1 = 0.9;

export interface PinQuestion {
  /** Id of the pinned night. */
  readonly night: string;
  /** Its index among the values. */
  readonly at: number;
  /** Of the residuals; null: not known, and nights are taken as independent. */
  readonly lag1: number | null;
  /** 0.1 allows a time of 10 % more, a rate of 10 % less. */
  readonly allow: number;
  readonly isMoreWorse: boolean;
}

/** Null: too few values to tell what nights differ by, none after the pinned one, or ranks. */
export function comparePin({ scale, values }: Scaled, question: PinQuestion): PinComparison | null {
  const { night, at, lag1, allow, isMoreWorse } = question;
  const then = values[at];
  const now = values.slice(at + 1).slice(-RECENT);
  if (scale === 'rank' || then === undefined || now.length === 0 || values.length < LEAST_VALUES) return null;
  // A slow drift is no correlation: what is left of a straight line shows it, what is left of steps does not.
  const rho = lag1 === null ? 0 : Math.min(lag1, lag1Of(residualsOfLine(values), 2));
  const error = errorOf(values, now.length, Math.min(MOST_LAG1, Math.max(0, rho)));
  const half = studentQuantile(0.975, freedomOf(values.length)) * error;
  const shift = meanOf(now) - then;
  const back = (moved: number): number =>
    scale === 'log' ? Math.exp(moved) : shareOfRoot(then + moved) - shareOfRoot(then);
  const [ratio, low, high] = [back(shift), back(shift - half), back(shift + half)];
  return { night, ratio, low, high, status: statusOf(low, high, boundsOf(scale, allow), isMoreWorse) };
}

/**
 * Of the mean of so many nights less one night. What nights differ by is told by neighbours (von Neumann
 * 1941), which neither a step nor a slow drift makes larger; where neighbours are alike (lag-1 ρ) they show
 * 1 - ρ of it.
 */
function errorOf(values: readonly number[], recent: number, rho: number): number {
  const steps = values.slice(1).map((one, at) => (one - (values[at] ?? 0)) ** 2);
  const variance = meanOf(steps) / 2 / (1 - rho);
  const together = Array.from({ length: recent - 1 }, (_, at) => (1 - (at + 1) / recent) * rho ** (at + 1));
  const ofMean = (1 + 2 * together.reduce((sum, one) => sum + one, 0)) / recent;
  return Math.sqrt(variance * (ofMean + 1));
}

function residualsOfLine(values: readonly number[]): readonly number[] {
  const middle = (values.length - 1) / 2;
  const mean = meanOf(values);
  const over = values.reduce((sum, _, at) => sum + (at - middle) ** 2, 0);
  const slope = values.reduce((sum, one, at) => sum + (at - middle) * (one - mean), 0) / over;
  return values.map((one, at) => one - mean - slope * (at - middle));
}

/** Differences of neighbours share their nights: they are worth two thirds of their number. */
const freedomOf = (nights: number): number => Math.max(1, Math.floor((2 * (nights - 1)) / 3));

/** Least and greatest that is allowed. */
function boundsOf(scale: Scaled['scale'], allow: number): readonly [number, number] {
  return scale === 'log' ? [1 / (1 + allow), 1 + allow] : [-SHARE_ALLOW, SHARE_ALLOW];
}

function statusOf(
  low: number,
  high: number,
  [least, greatest]: readonly [number, number],
  isMoreWorse: boolean,
): PinComparison['status'] {
  const [surelyWorse, surelyFine] = isMoreWorse
    ? [low > greatest, high <= greatest]
    : [high < least, low >= least];
  if (surelyWorse) return 'FAIL';
  return surelyFine ? 'PASS' : 'INCONCLUSIVE';
}
