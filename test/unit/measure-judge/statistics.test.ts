import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../src/core/rng.ts';
import {
  medianOfRepeats,
  quantileRanks,
  repeatsForQuantile,
  samplesForQuantile,
  samplesForShare,
  tailAtLeast,
  upperOfRepeats,
  wilson,
} from '../../../src/measure/statistics.ts';

describe('statistics', () => {
  it('needs ten samples beyond a quantile and three over the limit for a share', () => {
    expect([0.5, 0.95, 0.99, 0.999].map(samplesForQuantile)).toEqual([20, 200, 1000, 10_000]);
    expect([0.01, 0.005, 0.5].map(samplesForShare)).toEqual([300, 600, 6]);
    expect(samplesForShare(0.07)).toBe(43);
    expect([samplesForShare(0), samplesForQuantile(1)]).toEqual([
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ]);
  });

  it('has no ranks where the sample is too small for one on either side, and has them from there on', () => {
    expect(quantileRanks(100, 0.5)).toEqual([40, 61]);
    expect(quantileRanks(8, 0.5)).toEqual([1, 8]);
    expect(quantileRanks(7, 0.5)).toBeNull();
    // The lower rank would be 0, the upper one is within the sample; and the other way round.
    expect(quantileRanks(35, 0.1)).toBeNull();
    expect(quantileRanks(35, 0.9)).toBeNull();
  });

  it.each([
    [0.5, 20],
    [0.95, 200],
    [0.99, 1000],
    [0.999, 10_000],
  ])(
    'gives ranks around the quantile %d of %d samples that hold it with at least 95 % by the exact binomial',
    (q, n) => {
      const ranks = quantileRanks(n, q);
      expect(ranks).not.toBeNull();
      const [low, high] = ranks ?? [0, 0];
      const inside = (from: number, to: number): number => tailAtLeast(from, n, q) - tailAtLeast(to, n, q);
      expect(inside(low, high)).toBeGreaterThanOrEqual(0.95);
      // The normal approximation may spend a spare rank on each side, not two.
      expect(inside(low + 2, high - 2)).toBeLessThan(0.95);
    },
  );

  it('holds a known quantile of a skewed distribution in 95 % of samples', () => {
    const rng = seededRng(5);
    const truth = -Math.log(1 - 0.95);
    let held = 0;
    for (let run = 0; run < 1000; run += 1) {
      const values = Array.from({ length: 200 }, () => -Math.log(1 - rng.next())).sort((a, b) => a - b);
      const [low, high] = quantileRanks(200, 0.95) ?? [1, 200];
      if ((values[low - 1] ?? 0) <= truth && truth <= (values[high - 1] ?? 0)) held += 1;
    }
    expect(held).toBeGreaterThanOrEqual(940);
  });

  it('gives Wilson intervals, and the rule of three where nothing or everything was hit', () => {
    expect(wilson(10, 100).map((end) => end.toFixed(4))).toEqual(['0.0552', '0.1744']);
    expect(wilson(0, 300)[1]).toBeLessThan(0.01);
    expect(wilson(0, 299)[1]).toBeLessThan(0.01);
    expect(wilson(0, 298)[1]).toBeGreaterThan(0.01);
    expect(wilson(300, 300)[0]).toBeGreaterThan(0.99);
    expect(wilson(0, 0)).toEqual([0, 1]);
    expect(wilson(0, 1)).toEqual([0, 0.95]);
    expect(wilson(0, 300)).toEqual([0, 1 - 0.05 ** (1 / 300)]);
    expect(wilson(300, 300)).toEqual([0.05 ** (1 / 300), 1].map((end) => expect.closeTo(end, 12)));
    expect(wilson(300, 300)[1]).toBe(1);
    expect(wilson(1, 100).map((end) => end.toFixed(4))).toEqual(['0.0018', '0.0545']);
    expect(wilson(99, 100).map((end) => end.toFixed(4))).toEqual(['0.9455', '0.9982']);
  });

  it('sums binomial tails to what can be counted by hand', () => {
    expect(tailAtLeast(1, 2, 0.5)).toBeCloseTo(0.75, 12);
    expect(tailAtLeast(2, 10, 0.02)).toBeCloseTo(0.0161776, 6);
    expect(tailAtLeast(59, 59, 0.95)).toBeCloseTo(0.95 ** 59, 12);
    expect(tailAtLeast(600, 600, 0.002)).toBe(0.002 ** 600);
    expect([
      tailAtLeast(0, 5, 0.1),
      tailAtLeast(6, 5, 0.1),
      tailAtLeast(1, 5, 0),
      tailAtLeast(5, 5, 1),
    ]).toEqual([1, 0, 0, 1]);
  });

  it('estimates a median from six repeats on: five prove nothing', () => {
    expect(medianOfRepeats([5, 1, 4, 2, 3])).toEqual({ estimable: false, needs: 6, worst: 5 });
    expect(medianOfRepeats([6, 5, 1, 4, 2, 3])).toEqual({ estimable: true, median: 3.5, low: 1, high: 6 });
    expect(medianOfRepeats([7, 6, 5, 1, 4, 2, 3])).toMatchObject({ median: 4, low: 1, high: 7 });
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(medianOfRepeats(hundred)).toEqual({ estimable: true, median: 50.5, low: 40, high: 61 });
    expect(medianOfRepeats([])).toEqual({ estimable: false, needs: 6, worst: null });
  });

  it('bounds the P95 of repeats from 59 on, and says what is missing before', () => {
    const repeats = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
    expect([0.9, 0.95, 0.99].map(repeatsForQuantile)).toEqual([29, 59, 299]);
    expect(upperOfRepeats(repeats(58), 0.95)).toEqual({ estimable: false, needs: 59, worst: 58 });
    expect(upperOfRepeats(repeats(59), 0.95)).toEqual({ estimable: true, upper: 59, rank: 59 });
    expect(upperOfRepeats(repeats(200), 0.95)).toMatchObject({ estimable: true, rank: 196 });
    expect(upperOfRepeats(repeats(10), 0.001)).toEqual({ estimable: true, upper: 1, rank: 1 });
  });
});
