/**
 * Wilcoxon's signed-rank statistic, exact: which shift a set of differences is centred on, and between which
 * bounds (Hollander, Wolfe and Chicken, Nonparametric Statistical Methods, §3.1 to 3.3). Exact by design
 * where the order within each pair was a coin: under equality the signs of the differences are then
 * exchangeable, whatever drift and correlation do.
 */

/**
 * P(T ≤ k) at index k, of the sum T of the positive ranks of n differences that are as likely negative as
 * positive.
 */
export function signedRankCdf(n: number): Float64Array {
  const highest = (n * (n + 1)) / 2;
  const probability = new Float64Array(highest + 1);
  probability[0] = 1;
  for (let rank = 1; rank <= n; rank += 1) {
    const reach = (rank * (rank + 1)) / 2;
    for (let sum = reach; sum >= 0; sum -= 1)
      probability[sum] = ((probability[sum] ?? 0) + (sum >= rank ? (probability[sum - rank] ?? 0) : 0)) / 2;
  }
  for (let sum = 1; sum <= highest; sum += 1)
    probability[sum] = (probability[sum] ?? 0) + (probability[sum - 1] ?? 0);
  return probability;
}

/** The means of all pairs of differences, each with itself too, rising: n(n+1)/2 of them. */
export function walshAverages(differences: readonly number[]): Float64Array {
  const averages = new Float64Array((differences.length * (differences.length + 1)) / 2);
  let at = 0;
  for (let one = 0; one < differences.length; one += 1)
    for (let other = one; other < differences.length; other += 1) {
      averages[at] = ((differences[one] ?? Number.NaN) + (differences[other] ?? Number.NaN)) / 2;
      at += 1;
    }
  return averages.sort();
}

/** The median of the Walsh averages: the Hodges–Lehmann estimate of the shift. NaN for none. */
export function hodgesLehmann(walsh: Float64Array): number {
  const middle = walsh.length / 2;
  return ((walsh[Math.ceil(middle) - 1] ?? Number.NaN) + (walsh[Math.floor(middle)] ?? Number.NaN)) / 2;
}

/**
 * Below the shift's lower bound lies the true shift with a probability of at most `level`. Ties (equal
 * differences, zeros) make it wider, never wrong. -Infinity where so few differences cannot give a bound at
 * this level: n of them need at least 2^-n.
 */
export const lowerBound = (walsh: Float64Array, cdf: Float64Array, level: number): number =>
  boundAt(walsh, cdf, level, (k) => k) ?? Number.NEGATIVE_INFINITY;

/** As {@link lowerBound}, from above. */
export const upperBound = (walsh: Float64Array, cdf: Float64Array, level: number): number =>
  boundAt(walsh, cdf, level, (k) => walsh.length - 1 - k) ?? Number.POSITIVE_INFINITY;

/** @param cdf of {@link signedRankCdf} for as many differences as the averages were made of. */
function boundAt(
  walsh: Float64Array,
  cdf: Float64Array,
  level: number,
  place: (k: number) => number,
): number | undefined {
  let k = -1;
  while (k + 1 < cdf.length && (cdf[k + 1] ?? 1) <= level * (1 + 1e-12)) k += 1;
  return k < 0 ? undefined : walsh[place(k)];
}

/**
 * P(T ≥ observed) when no difference is really positive: one-sided, exact without ties. Zeros say nothing and
 * are left out; equal sizes share their mean rank, and a half rank is rounded down, so that ties never make
 * it smaller. 1 for no difference at all.
 */
export function signedRankP(differences: readonly number[]): number {
  const told = differences.filter((one) => one !== 0).sort((a, b) => Math.abs(a) - Math.abs(b));
  let positive = 0;
  for (let from = 0; from < told.length; ) {
    let to = from;
    while (to < told.length && Math.abs(told[to] ?? 0) === Math.abs(told[from] ?? 0)) to += 1;
    const rank = (from + 1 + to) / 2;
    for (let at = from; at < to; at += 1) if ((told[at] ?? 0) > 0) positive += rank;
    from = to;
  }
  const cdf = signedRankCdf(told.length);
  const below = Math.floor(positive) - 1;
  return below < 0 ? 1 : 1 - (cdf[below] ?? 1);
}
