import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../src/core/rng.ts';

describe('the seeded source of randomness', () => {
  it('gives the same run for the same seed and another for another', () => {
    const draw = (seed: number) => {
      const rng = seededRng(seed);
      return Array.from({ length: 20 }, () => rng.next());
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  it('stays within its bounds', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 1000 }), (seed, bound) => {
        const value = seededRng(seed).below(bound);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThan(bound);
      }),
    );
  });

  it('spreads evenly: chi-squared over 16 bins of 16,000 draws stays under the 99.9 % point of 15 degrees (37.7)', () => {
    const rng = seededRng(42);
    const bins = new Array<number>(16).fill(0);
    for (let n = 0; n < 16_000; n += 1) {
      const bin = rng.below(16);
      bins[bin] = (bins[bin] ?? 0) + 1;
    }
    const chi = bins.reduce((sum, seen) => sum + (seen - 1000) ** 2 / 1000, 0);
    expect(chi).toBeLessThan(37.7);
  });
});
