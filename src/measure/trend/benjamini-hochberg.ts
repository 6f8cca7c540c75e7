/** Of many series some are unusual by chance in any night (Benjamini and Hochberg 1995). */

/**
 * The largest p that still counts, so that of the series that do at most `level` are false on average; 0:
 * none counts. @param chances one p for each series that was tested, 1 where it shows nothing.
 */
export function largestThatCounts(chances: readonly number[], level: number): number {
  const sorted = chances.toSorted((a, b) => a - b);
  return sorted.findLast((p, at) => p <= (level * (at + 1)) / sorted.length) ?? 0;
}
