/**
 * Where a series is best cut in two: the energy statistic of E-divisive (Matteson and James 2014) with
 * exponent 1. It compares all values before with all values after, so that it needs no model of the noise.
 */

export interface Cut {
  /** Index of the first value after the cut. */
  readonly at: number;
  readonly energy: number;
}

/** Of the mean distance times n, which no energy is far above: less is rounding, and no difference. */
const ROUNDING = 1e-6;

/**
 * The cut with the highest energy, the first of equal ones; null when both sides of every cut that leaves
 * `least` values on each are alike.
 * @param least at least 2. O(n²) for n values.
 */
export function bestCut(values: readonly number[], least: number): Cut | null {
  const n = values.length;
  const distance = (i: number, j: number): number => Math.abs((values[i] ?? 0) - (values[j] ?? 0));
  // Sums of the distances within the first t values, within the rest, and between the two, moved along by one
  // value at a time.
  let [before, after, between] = [0, 0, 0];
  for (let i = 0; i < n; i += 1) for (let j = i + 1; j < n; j += 1) after += distance(i, j);
  const rounding = (ROUNDING * after * 2) / Math.max(1, n - 1);
  let best: Cut | null = null;
  for (let t = 1; t < n; t += 1) {
    const moved = t - 1;
    let [toBefore, toAfter] = [0, 0];
    for (let i = 0; i < moved; i += 1) toBefore += distance(i, moved);
    for (let j = moved + 1; j < n; j += 1) toAfter += distance(moved, j);
    before += toBefore;
    after -= toAfter;
    between += toAfter - toBefore;
    const rest = n - t;
    if (t < least || rest < least) continue;
    const within = before / ((t * (t - 1)) / 2) + after / ((rest * (rest - 1)) / 2);
    const energy = ((t * rest) / n) * ((2 * between) / (t * rest) - within);
    if (energy > (best?.energy ?? 0) + rounding) best = { at: t, energy };
  }
  return best;
}
