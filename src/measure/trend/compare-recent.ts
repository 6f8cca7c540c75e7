/**
 * The newest night against the nights before it: the prediction interval of one more (Hahn and Meeker,
 * Statistical Intervals, §4.8).
 */
import type { RecentComparison } from '../../core/trend.ts';
import { studentQuantile } from '../gate/normal.ts';
import { standardDeviation } from '../gate/pairs-needed.ts';
import { medianOf } from '../statistics.ts';
import { LEAST_NIGHTS } from './judge-trend.ts';
import { meanOf, type Scaled, shareOfRoot } from './scaled.ts';
import type { NightValue } from './series-plan.ts';

/**
 * @param nights those with a value, oldest first; the newest is the one in question.
 * @param scaled the same nights. @param last against how many at most.
 */
export function compareRecent(
  nights: readonly NightValue[],
  { scale, values }: Scaled,
  last: number,
): RecentComparison | null {
  const before = values.slice(0, -1).slice(-last);
  const now = values.at(-1);
  if (now === undefined || before.length < LEAST_NIGHTS) return null;
  if (scale === 'rank') return byOrder(nights.slice(-1 - before.length));
  const mean = meanOf(before);
  const freedom = before.length - 1;
  const half = studentQuantile(0.975, freedom) * standardDeviation(before) * Math.sqrt(1 + 1 / before.length);
  const back = (value: number): number =>
    scale === 'log' ? Math.exp(value - mean) : shareOfRoot(value) - shareOfRoot(mean);
  const isUnusual = Math.abs(now - mean) > half + 1e-12;
  return {
    ...{ nights: before.length, ratio: back(now), low: back(mean - half), high: back(mean + half) },
    isUnusual,
  };
}

/** By least and greatest. Null where half had not recovered, or had at once: nothing to divide by. */
function byOrder(nights: readonly NightValue[]): RecentComparison | null {
  const order = nights.map((one) => (one.censored ? Number.MAX_VALUE : (one.value ?? Number.NaN)));
  const [before, now] = [order.slice(0, -1), order.at(-1) ?? Number.NaN];
  const middle = medianOf(before) ?? 0;
  if (middle <= 0 || middle === Number.MAX_VALUE) return null;
  const [least, greatest] = [Math.min(...before), Math.max(...before)];
  return {
    nights: before.length,
    ratio: now === Number.MAX_VALUE ? null : now / middle,
    low: least / middle,
    high: greatest === Number.MAX_VALUE ? null : greatest / middle,
    isUnusual: now < least || now > greatest,
  };
}
