/**
 * How unlikely a count is: exact tails of the binomial distribution, for small windows and a handful of
 * repeats.
 */

/**
 * P(B ≥ k) for B ~ Binomial(n, p); exact. `n` whole and ≥ 0, `p` in [0, 1]. Cost: k or n − k terms, the
 * fewer.
 */
export function tailAtLeast(k: number, n: number, p: number): number {
  if (k <= 0) return 1;
  if (k > n || p <= 0) return 0;
  if (p >= 1) return 1;
  // The sum over the shorter, smaller side: 1 − (something near 1) would lose the digits that matter.
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

/** Stirling's series; below 16 the product itself, since the series is good to 1e-12 only from there. */
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
