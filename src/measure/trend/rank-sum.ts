/** Ranks, and Wilcoxon's rank sum (Hollander, Wolfe, Chicken: Nonparametric Statistical Methods, §4.1). */
import { normalCdf } from '../gate/normal.ts';

/** From 1; equal values share their mean rank. */
export function ranksOf(values: readonly number[]): Float64Array {
  const sorted = Float64Array.from(values).sort();
  return Float64Array.from(values, (value) => (sorted.indexOf(value) + sorted.lastIndexOf(value)) / 2 + 1);
}

/** Above it the exact distribution takes longer than it is worth. */
const MOST_CELLS = 4e6;

/**
 * Two-sided p of the rank sum of `after` among both. Exact, ties included, for small samples; otherwise the
 * normal approximation with the correction for ties. 1 where all values are equal.
 */
export function rankSumP(before: readonly number[], after: readonly number[]): number {
  const ranks = ranksOf([...before, ...after]);
  const n = ranks.length;
  const [few, from] = before.length < after.length ? [before.length, 0] : [after.length, before.length];
  if (few === 0) return 1;
  // Doubled, so that shared ranks are whole.
  const doubled = Array.from(ranks, (rank) => Math.round(2 * rank));
  const sum = doubled.slice(from, from + few).reduce((total, one) => total + one, 0);
  const distance = Math.abs(sum - few * (n + 1));
  return 2 * n * few * n * few <= MOST_CELLS
    ? exactP(doubled, few, distance)
    : normalP(doubled, few, distance);
}

/** How many of all choices of `few` ranks have a sum as far from the middle. */
function exactP(doubled: readonly number[], few: number, distance: number): number {
  const n = doubled.length;
  const highest = 2 * n * few;
  // Shares of the choices of k ranks with each sum, in rows; each rank is chosen or not, so counts only grow.
  const rows = Array.from({ length: few + 1 }, () => new Float64Array(highest + 1));
  (rows[0] as Float64Array)[0] = 1;
  for (const rank of doubled)
    for (let k = few; k >= 1; k -= 1) {
      const [row, less] = [rows[k] as Float64Array, rows[k - 1] as Float64Array];
      for (let sum = highest; sum >= rank; sum -= 1) row[sum] = (row[sum] ?? 0) + (less[sum - rank] ?? 0);
    }
  const counts = rows[few] as Float64Array;
  let [asFar, all] = [0, 0];
  for (const [sum, count] of counts.entries()) {
    all += count;
    if (Math.abs(sum - few * (n + 1)) >= distance) asFar += count;
  }
  return asFar / all;
}

function normalP(doubled: readonly number[], few: number, distance: number): number {
  const n = doubled.length;
  const middle = n + 1;
  // The variance of the ranks as they are: ties make it smaller than that of 1 to n.
  const spread = doubled.reduce((sum, one) => sum + (one - middle) ** 2, 0) / (n - 1);
  const deviation = Math.sqrt((spread * few * (n - few)) / n);
  // Half a step of doubled ranks for continuity.
  return deviation === 0 ? 1 : Math.min(1, 2 * normalCdf(-Math.max(0, distance - 1) / deviation));
}
