/** The normal and Student's t distribution: what levels and sample sizes of the gate are made of. */

/**
 * P(Z ≤ z) for a standard normal Z, to 1e-14: a series near the middle (Abramowitz and Stegun 26.2.11), a
 * continued fraction in the tails (26.2.14), where 1 - (something near 1) would lose the digits that matter.
 */
export function normalCdf(z: number): number {
  if (z > 0) return 1 - normalCdf(-z);
  return Math.abs(z) < 3 ? 0.5 - bulk(-z) : tail(-z);
}

const density = (z: number): number => Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);

function bulk(z: number): number {
  let term = z;
  let sum = z;
  for (let k = 1; Math.abs(term) > 1e-17; k += 1) {
    term *= (z * z) / (2 * k + 1);
    sum += term;
  }
  return density(z) * sum;
}

function tail(z: number): number {
  let fraction = 0;
  for (let k = 60; k >= 1; k -= 1) fraction = k / (z + fraction);
  return density(z) / (z + fraction);
}

/**
 * The z that a standard normal stays below with this probability. @param probability strictly between 0 and
 * 1.
 */
export const normalQuantile = (probability: number): number => solve(normalCdf, probability, 40);

/**
 * P(T ≤ t) for Student's t (Abramowitz and Stegun 26.7.1 by the incomplete beta function). @param freedom
 * degrees of freedom, above 0.
 */
export function studentCdf(t: number, freedom: number): number {
  const half = 0.5 * incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5);
  return t < 0 ? half : 1 - half;
}

/** The t that Student's t stays below with this probability. @param probability strictly between 0 and 1. */
export const studentQuantile = (probability: number, freedom: number): number =>
  solve((t) => studentCdf(t, freedom), probability, 1e7);

/**
 * Bisection over a rising distribution function: sure, and sizes and levels are worked out a few times a run.
 */
function solve(cdf: (x: number) => number, probability: number, far: number): number {
  let low = -far;
  let high = far;
  while (high - low > 1e-12 * Math.max(1, Math.abs(low))) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (cdf(middle) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** I_x(a, b) by Lentz's continued fraction (Numerical Recipes §6.4). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logBetaTerm(x, a, b));
  return x < (a + 1) / (a + b + 2)
    ? (front * betaFraction(x, a, b)) / a
    : 1 - (front * betaFraction(1 - x, b, a)) / b;
}

const logBetaTerm = (x: number, a: number, b: number): number =>
  logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(1 - x);

function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m <= 10_000; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    const step = d * c;
    result *= step;
    if (Math.abs(step - 1) < 1e-15) break;
  }
  return result;
}

/** Lanczos (g = 7, 9 terms): 1e-14 for what is needed here, a > 0. */
function logGamma(value: number): number {
  const terms = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  if (value < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * value)) - logGamma(1 - value);
  const x = value - 1;
  const sum = terms.reduce((total, term, k) => (k === 0 ? term : total + term / (x + k)), 0);
  const base = x + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (x + 0.5) * Math.log(base) - base + Math.log(sum);
}
