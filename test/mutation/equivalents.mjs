/** Mutants that no test can kill because they change nothing observable; each with its reason. */
const statistics = 'src/measure/statistics.ts';

export const EQUIVALENTS = [
  {
    file: 'src/measure/judge-generator.ts',
    line: 'const { stale = 0, due } = stats;',
    change: '0 → (-1)',
    why: 'no share below zero is above the limit',
  },
  {
    file: statistics,
    line: 'if (k <= n * p) return 1 - sumTerms(n, p, 0, k - 1);',
    change: '<= → <',
    why: 'at the mean itself both sums are the same number',
  },
  {
    file: statistics,
    line: 'let rank = 0;',
    change: '0 → (-1)',
    why: 'P(B ≥ 0) is 1: the loop steps over rank 0 at once',
  },
  {
    file: statistics,
    line: 'let rank = 1;',
    change: '1 → 0',
    why: 'rank 0 gives a confidence of 0: the loop steps over it at once',
  },
  {
    file: statistics,
    line: 'while (tailAtLeast(rank + 1, n, 0.5) >= 1 - (1 - CONFIDENCE) / 2) rank += 1;',
    change: '>= → >',
    why: 'tails of p = 0.5 are sums of powers of 1/2, and 0.975 is none: they are never equal',
  },
  {
    file: statistics,
    line: 'while (rank <= n && 1 - tailAtLeast(rank, n, quantile) < CONFIDENCE) rank += 1;',
    change: '< → <=',
    why: 'the confidence reached is never exactly 0.95 for a quantile with few decimals',
  },
  ...['1e-6 → 0.00000102', '1e-6 → 9.8e-7'].map((change) => ({
    file: statistics,
    line: 'export const samplesForQuantile = (quantile: number): number => Math.ceil(10 / (1 - quantile) - 1e-6);',
    change,
    why: 'it takes off the error of 1 - quantile in binary (1e-12 of the result); anything between that and 1 will do',
  })),
];
