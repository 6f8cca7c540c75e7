/** The values of a series as they are tested, and back. */
import { ranksOf } from './rank-sum.ts';
import type { NightValue, Scale } from './series-plan.ts';

export interface Scaled {
  readonly scale: Scale;
  readonly values: readonly number[];
}

/** @param nights those with a value. A time or a rate of zero has no logarithm: then ranks are compared. */
export function scaled(nights: readonly NightValue[], scale: Scale): Scaled {
  const values = nights.map((one) => one.value ?? Number.NaN);
  if (scale === 'root') return { scale, values: values.map(rootOf) };
  if (scale === 'log' && values.every((one) => one > 0)) return { scale, values: values.map(logOf) };
  // Whatever time a watch ended at, it is later than all that recovered.
  const order = nights.map((one) => (one.censored ? Number.MAX_VALUE : (one.value ?? Number.NaN)));
  return { scale: 'rank', values: [...ranksOf(order)] };
}

/** To nine digits: equal times are equal in any unit, and ranks see ties where times are. */
const logOf = (value: number): number => Math.round(Math.log(value) * 1e9) / 1e9;

export const rootOf = (share: number): number => Math.asin(Math.sqrt(Math.min(1, Math.max(0, share))));
export const shareOfRoot = (root: number): number => Math.sin(Math.min(Math.PI / 2, Math.max(0, root))) ** 2;

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, one) => sum + one, 0) / values.length;
