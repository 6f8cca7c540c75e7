/**
 * Distribution-free confidence intervals, at 95 % unless stated otherwise; exact tails of the binomial
 * distribution; and statistics of few repeated runs: order statistics, and "not estimable" in place of a
 * guess.
 */
import type { Objective } from '../core/objective.ts';

/** z for a two-sided 95 % interval. */
const Z = 1.959964;

/**
 * Ranks (1-based) whose values enclose the quantile with at least 95 % confidence: order statistics,
 * binomial(n, q) with the normal approximation n·q ± z·√(n·q·(1-q)) (Conover, Practical Nonparametric
 * Statistics, §3.2). Null when the sample is too small for a finite bound on either side.
 */
export function quantileRanks(count: number, quantile: number): readonly [number, number] | null {
  const centre = count * quantile;
  const half = Z * Math.sqrt(count * quantile * (1 - quantile));
  const low = Math.floor(centre - half);
  const high = Math.ceil(centre + half) + 1;
  return low < 1 || high > count ? null : [low, high];
}

/**
 * Wilson score interval of a share (Wilson 1927): stays within 0 to 1, and is [0, 1] without samples. With no
 * hit at all (or nothing but hits) the far end is the exact one-sided bound 1 - 0.05^(1/n), about 3/n:
 * Wilson's would need 380 good arrivals to prove "below 1 %"; the rule of three, which {@link
 * samplesForShare} uses, needs 300.
 */
export function wilson(hits: number, count: number): readonly [number, number] {
  const ruleOfThree = 1 - 0.05 ** (1 / count);
  if (hits === 0) return [0, ruleOfThree];
  if (hits === count) return [1 - ruleOfThree, 1];
  const share = hits / count;
  const z2 = Z * Z;
  const centre = (share + z2 / (2 * count)) / (1 + z2 / count);
  const half = (Z / (1 + z2 / count)) * Math.sqrt((share * (1 - share)) / count + z2 / (4 * count * count));
  return [centre - half, centre + half];
}

/**
 * How many samples an objective needs before it can be judged: ten beyond the quantile (P99: 1,000; P99.9:
 * 10,000), and for "failed < x" the rule of three, 3/x: with fewer, zero failures do not exclude x. Infinity
 * for P100 and for 0 %.
 */
export const samplesForQuantile = (quantile: number): number => Math.ceil(10 / (1 - quantile) - 1e-6);
export const samplesForShare = (limit: number): number => Math.ceil(3 / limit);

/**
 * P(B ≥ k) for B ~ Binomial(n, p); exact. `n` whole and ≥ 0, `p` in [0, 1]. Cost: k or n − k terms, whichever
 * are fewer.
 */
export function tailAtLeast(k: number, n: number, p: number): number {
  if (k <= 0) return 1;
  if (k > n) return 0;
  if (p >= 1) return 1;
  // Sums the shorter, smaller side: 1 − (a value near 1) would lose the significant digits.
  if (k <= n * p) return 1 - sumTerms(n, p, 0, k - 1);
  return sumTerms(n, p, k, n);
}

function sumTerms(n: number, p: number, from: number, to: number): number {
  let [term, sum] = [logTerm(n, p, from), 0];
  const mean = n * p;
  for (let k = from; k <= to; k += 1) {
    const value = Math.exp(term);
    sum += value;
    if (k > mean && value < sum * 1e-17) break;
    term += Math.log(((n - k) / (k + 1)) * (p / (1 - p)));
  }
  return Math.min(1, sum);
}

const logTerm = (n: number, p: number, k: number): number =>
  logFactorial(n) - logFactorial(k) - logFactorial(n - k) + k * Math.log(p) + (n - k) * Math.log(1 - p);

/**
 * Stirling's series; below 16 the product itself, because the series is accurate to 1e-12 only from there.
 */
function logFactorial(n: number): number {
  if (n < 16) {
    let product = 1;
    for (let factor = 2; factor <= n; factor += 1) product *= factor;
    return Math.log(product);
  }
  const inverse = 1 / n;
  const series = inverse / 12 - inverse ** 3 / 360 + inverse ** 5 / 1260;
  return (n + 0.5) * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI) + series;
}

export type Estimate<T> =
  | ({ readonly estimable: true } & T)
  /** `needs` repeats would be enough; `worst` is the largest observed value, the only available statement. */
  | { readonly estimable: false; readonly needs: number; readonly worst: number | null };

const CONFIDENCE = 0.95;

/**
 * Six repeats: all are on one side of the median with probability 2 × 0.5^6 = 3.1 %, otherwise least and
 * greatest enclose it.
 */
const REPEATS_FOR_MEDIAN = 6;

/** The middle of the values, or of the two in the middle; null for none. */
export function medianOf(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}

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

/**
 * How many repeats are needed for the greatest to be a 95 % upper bound: ln 0.05 / ln q. P90 29, P95 59, P99
 * 299.
 */
export const repeatsForQuantile = (quantile: number): number =>
  Math.ceil(Math.log(1 - CONFIDENCE) / Math.log(quantile));

/**
 * A one-sided 95 % upper bound of a quantile of repeats. @param quantile in (0, 1).
 * A repeat that timed out must be in the list with its lower bound; a result that equals such a bound is
 * itself a lower bound.
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

/**
 * How many samples an objective needs in its phase, or in each of its windows. 0 where any number is enough.
 */
export function neededSamples({ indicator, limit }: Pick<Objective, 'indicator' | 'limit'>): number {
  if (indicator.kind === 'quantile') return samplesForQuantile(indicator.quantile);
  return indicator.kind === 'failed' || indicator.kind === 'late' ? samplesForShare(limit) : 0;
}
