/**
 * What a series of comparable nights says: steady, a change that is suspected or confirmed, or why it cannot
 * say.
 */
import type { Rng } from '../../core/rng.ts';
import { normalCdf } from '../gate/normal.ts';
import { type ChangeOptions, type ChangePoint, changePoints } from './change-points.ts';

/** Fewer nights are no history. */
export const LEAST_NIGHTS = 12;
/** From so many nights on a correlation of neighbours is told from chance. */
const LEAST_FOR_LAG = 20;
/**
 * Above it nights are not independent, and every test over them finds changes that are none (56 % of steady
 * series at 0.5).
 */
const MOST_LAG1 = 0.3;
/** Of twenty nights, the fewest, a correlation of 0.3 is one such. */
export const LAG_LEVEL = 0.1;

export type TrendAnswer =
  | { readonly state: 'insufficient'; readonly nights: number }
  | { readonly state: 'not-testable'; readonly nights: number; readonly lag1: number }
  | { readonly state: 'steady'; readonly nights: number; readonly lag1: number | null }
  | {
      readonly state: 'suspected' | 'confirmed';
      readonly nights: number;
      readonly lag1: number | null;
      readonly changes: readonly ChangePoint[];
    };

/** What one series shows, before it is known what the others show. */
export interface Examined {
  readonly nights: number;
  readonly changes: readonly ChangePoint[];
  /** Null: too few nights to tell it from chance. */
  readonly lag1: number | null;
}

/** @param values one a night that has one, oldest first; logarithms. Gaps are left out, never filled. */
export function examineNights(values: readonly number[], rng: Rng, options?: ChangeOptions): Examined {
  const nights = values.length;
  if (nights < LEAST_NIGHTS) return { nights, changes: [], lag1: null };
  const changes = changePoints(values, rng, options);
  const cuts = changes.map((one) => one.at);
  return { nights, changes, lag1: nights < LEAST_FOR_LAG ? null : residualLag1(values, cuts) };
}

/**
 * Of a correlation that is none, one-sided, where it is above what is let pass; 1 below that. Of many series
 * some have one by chance.
 */
export const lagChance = ({ nights, lag1 }: Examined): number =>
  lag1 === null || lag1 <= MOST_LAG1 ? 1 : normalCdf(-lag1 * Math.sqrt(nights));

/** @param lagCounts largest chance of a correlation that counts among all series; absent: any that may. */
export function answerOfNights(examined: Examined, lagCounts = LAG_LEVEL): TrendAnswer {
  const { nights, changes, lag1 } = examined;
  if (nights < LEAST_NIGHTS) return { state: 'insufficient', nights };
  if (lag1 !== null && lagChance(examined) <= lagCounts) return { state: 'not-testable', nights, lag1 };
  if (changes.length === 0) return { state: 'steady', nights, lag1 };
  return { state: changes.some((one) => one.confirmed) ? 'confirmed' : 'suspected', nights, lag1, changes };
}

/** One series alone. */
export const judgeTrend = (values: readonly number[], rng: Rng, options?: ChangeOptions): TrendAnswer =>
  answerOfNights(examineNights(values, rng, options));

/**
 * Correlation of each night's distance from the mean of its segment with the next one's, set right for what
 * the means of k segments of n nights take away: E(r) ≈ ρ - (1 + 3ρ)k/n (Kendall 1954).
 */
export function residualLag1(values: readonly number[], cuts: readonly number[]): number {
  const bounds = [0, ...cuts, values.length];
  const residuals = bounds.slice(1).flatMap((to, index) => {
    const segment = values.slice(bounds[index] ?? 0, to);
    const mean = segment.reduce((sum, one) => sum + one, 0) / segment.length;
    return segment.map((one) => one - mean);
  });
  return lag1Of(residuals, bounds.length - 1);
}

/** @param fitted how many numbers were fitted to make these residuals. */
export function lag1Of(residuals: readonly number[], fitted: number): number {
  const variance = residuals.reduce((sum, one) => sum + one * one, 0);
  // Equal values differ from their mean by what floating point leaves.
  if (variance < 1e-20 * residuals.length) return 0;
  const raw = residuals.slice(1).reduce((sum, one, at) => sum + one * (residuals[at] ?? 0), 0) / variance;
  const taken = fitted / residuals.length;
  return (raw + taken) / (1 - 3 * taken);
}
