/** Confidence intervals without assumptions about the shape of a distribution. All at 95 % unless said. */

/** z for a two-sided 95 % interval. */
const Z = 1.959964;

/**
 * Ranks (1-based) whose values hold the quantile with at least 95 % confidence: order statistics, binomial(n,
 * q) with the normal approximation n·q ± z·√(n·q·(1-q)) (Conover, Practical Nonparametric Statistics, §3.2).
 * Null when the sample is too small for a finite bound on either side.
 */
export function quantileRanks(count: number, quantile: number): readonly [number, number] | null {
  const centre = count * quantile;
  const half = Z * Math.sqrt(count * quantile * (1 - quantile));
  const low = Math.floor(centre - half);
  const high = Math.ceil(centre + half) + 1;
  return low < 1 || high > count ? null : [low, high];
}

/**
 * Wilson score interval of a share (Wilson 1927): stays within 0 to 1, and is all of it for no sample. With no hit at all (or nothing but
 * hits) the far end is the exact one-sided bound 1 - 0.05^(1/n), about 3/n: Wilson's would ask for 380 good
 * arrivals to prove "below 1 %", and the rule of three, by which {@link samplesForShare} counts, asks for
 * 300.
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
 * How many samples an objective needs before it means anything: ten beyond the quantile (P99: 1,000; P99.9:
 * 10,000), and for "failed < x" the rule of three, 3/x: with fewer, zero failures do not exclude x. Infinity for P100 and for 0 %.
 */
export const samplesForQuantile = (quantile: number): number => Math.ceil(10 / (1 - quantile) - 1e-6);
export const samplesForShare = (limit: number): number => Math.ceil(3 / limit);
