import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  hodgesLehmann,
  lowerBound,
  signedRankCdf,
  signedRankP,
  upperBound,
  walshAverages,
} from '../../../../src/measure/gate/signed-rank.ts';

/** P(T ≤ k) by going through all 2^n signs. */
function byEnumeration(n: number): number[] {
  const counts = new Array<number>((n * (n + 1)) / 2 + 1).fill(0);
  for (let signs = 0; signs < 2 ** n; signs += 1) {
    let sum = 0;
    for (let rank = 1; rank <= n; rank += 1) if (signs & (1 << (rank - 1))) sum += rank;
    counts[sum] = (counts[sum] ?? 0) + 1;
  }
  return counts.map((_, k) => counts.slice(0, k + 1).reduce((sum, one) => sum + one, 0) / 2 ** n);
}

describe('the signed-rank distribution', () => {
  it.each([1, 2, 3, 5, 8, 12])('is that of all signs of %i ranks', (n) => {
    const cdf = signedRankCdf(n);
    for (const [k, expected] of byEnumeration(n).entries()) expect(cdf[k]).toBeCloseTo(expected, 12);
  });

  it('cannot be more sure than 2^-n', () => {
    const walsh = walshAverages([1, 2, 3, 4]);
    expect(lowerBound(walsh, signedRankCdf(4), 0.05)).toBe(Number.NEGATIVE_INFINITY);
    expect(lowerBound(walsh, signedRankCdf(4), 1 / 16)).toBe(1);
  });
});

describe('bounds of the shift', () => {
  const differences = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 6, maxLength: 20 });

  it('stand on both sides of the estimate, the surer the wider', () => {
    fc.assert(
      fc.property(differences, (values) => {
        const [walsh, cdf] = [walshAverages(values), signedRankCdf(values.length)];
        const estimate = hodgesLehmann(walsh);
        expect(lowerBound(walsh, cdf, 0.05)).toBeLessThanOrEqual(estimate);
        expect(upperBound(walsh, cdf, 0.05)).toBeGreaterThanOrEqual(estimate);
        expect(lowerBound(walsh, cdf, 0.02)).toBeLessThanOrEqual(lowerBound(walsh, cdf, 0.05));
      }),
    );
  });

  it('move with the differences, and turn with their sign', () => {
    fc.assert(
      fc.property(differences, fc.integer({ min: -3, max: 3 }), (values, shift) => {
        const cdf = signedRankCdf(values.length);
        const moved = walshAverages(values.map((one) => one + shift));
        expect(lowerBound(moved, cdf, 0.05)).toBeCloseTo(
          lowerBound(walshAverages(values), cdf, 0.05) + shift,
          9,
        );
        const turned = walshAverages(values.map((one) => -one));
        expect(upperBound(turned, cdf, 0.05)).toBeCloseTo(-lowerBound(walshAverages(values), cdf, 0.05), 9);
      }),
    );
  });

  it('lie above zero exactly when the test finds a positive shift, as long as no two sizes are equal', () => {
    const distinct = fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { minLength: 6, maxLength: 14 });
    fc.assert(
      fc.property(distinct, fc.nat(), (sizes, signs) => {
        const values = sizes.map((size, at) => (signs & (1 << at) ? -size : size));
        const bound = lowerBound(walshAverages(values), signedRankCdf(values.length), 0.05);
        expect(bound > 0).toBe(signedRankP(values) <= 0.05);
      }),
    );
  });

  it('finds 7 of 10 pairs a hundred times slower though 3 are equal: p is 1/128', () => {
    const values = [...new Array<number>(7).fill(Math.log(100)), 0, 0, 0];
    expect(signedRankP(values)).toBeCloseTo(1 / 128, 12);
    expect(lowerBound(walshAverages(values), signedRankCdf(10), 0.05 / 3)).toBeGreaterThan(0);
  });
});
