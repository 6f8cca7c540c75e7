/**
 * A least-squares line with a realistic uncertainty: memory has the saw-tooth shape of garbage collectors, so
 * neighbouring samples are correlated, and the usual formula would understate the uncertainty.
 */

export interface Slope {
  readonly perUnit: number;
  /** Half the width of the 95 % interval, for the effective number of independent samples. */
  readonly plusMinus: number;
}

/** @param points (x, y) in order of x, at least 8. */
export function slopeOf(points: readonly (readonly [number, number])[]): Slope {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, one) => sum + one, 0) / values.length;
  const [x, y] = [mean(points.map(([one]) => one)), mean(points.map(([, one]) => one))];
  const spread = points.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
  const perUnit = points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0) / spread;
  const rests = points.map(([a, b]) => b - y - perUnit * (a - x));
  const squares = rests.reduce((sum, one) => sum + one * one, 0);
  const variance = (squares / Math.max(1, points.length - 2)) * inflation(rests, squares);
  return { perUnit, plusMinus: 1.96 * Math.sqrt(variance / spread) };
}

/**
 * The factor by which a sample counts less than an independent one: 1 + 2 Σ ρ(lag), while pairs of
 * neighbouring sums are positive (Geyer 1992, the initial positive sequence).
 */
function inflation(rests: readonly number[], squares: number): number {
  if (squares === 0) return 1;
  const correlation = (lag: number): number => {
    let sum = 0;
    for (let at = 0; at + lag < rests.length; at += 1) sum += (rests[at] ?? 0) * (rests[at + lag] ?? 0);
    return sum / squares;
  };
  let total = -1;
  for (let lag = 0; lag + 1 < rests.length / 2; lag += 2) {
    const pair = correlation(lag) + correlation(lag + 1);
    if (pair <= 0) break;
    total += 2 * pair;
  }
  return Math.max(1, total);
}
