/**
 * What a handful of repeated runs can say: order statistics, no assumed shape, and "not estimable" instead of
 * a guess.
 */
import { tailAtLeast } from './statistics-binomial.ts';

export type Estimate<T> =
  | ({ readonly estimable: true } & T)
  /** `needs` repeats would do; `worst` is what was seen, which is all that can be said. */
  | { readonly estimable: false; readonly needs: number; readonly worst: number | null };

const CONFIDENCE = 0.95;
/**
 * Six repeats: all lie on one side of the median with probability 2 × 0.5^6 = 3.1 %, else least and greatest
 * enclose it.
 */
const REPEATS_FOR_MEDIAN = 6;

/** The median with its 95 % interval, from six repeats on. */
export function medianOfRepeats(
  values: readonly number[],
): Estimate<{ readonly median: number; readonly low: number; readonly high: number }> {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  let rank = 0;
  while (tailAtLeast(rank + 1, n, 0.5) >= 1 - (1 - CONFIDENCE) / 2) rank += 1;
  if (rank === 0) return { estimable: false, needs: REPEATS_FOR_MEDIAN, worst: sorted.at(-1) ?? null };
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const median = (at(Math.ceil(n / 2) - 1) + at(Math.floor(n / 2))) / 2;
  return { estimable: true, median, low: at(rank - 1), high: at(n - rank) };
}

/** How many repeats until their greatest is a 95 % upper bound: ln 0.05 / ln q. P90 29, P95 59, P99 299. */
export const repeatsForQuantile = (quantile: number): number =>
  Math.ceil(Math.log(1 - CONFIDENCE) / Math.log(quantile));

/**
 * A one-sided 95 % upper bound of a quantile of repeats. @param quantile in (0, 1).
 * A repeat that timed out must stand in the list with its lower bound; a bound that lands on it is itself a
 * lower bound.
 */
export function upperOfRepeats(
  values: readonly number[],
  quantile: number,
): Estimate<{ readonly upper: number; readonly rank: number }> {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  let rank = 1;
  while (rank <= n && 1 - tailAtLeast(rank, n, quantile) < CONFIDENCE) rank += 1;
  const upper = sorted[rank - 1];
  if (upper !== undefined) return { estimable: true, upper, rank };
  return { estimable: false, needs: repeatsForQuantile(quantile), worst: sorted.at(-1) ?? null };
}
