import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kaplanMeier, medianTime, type Watched } from '../../../../src/measure/trend/kaplan-meier.ts';

const watched = (recoveredS: readonly number[], never: number, watchS = 60): Watched[] => [
  ...recoveredS.map((s) => ({ timeMs: s * 1000, recovered: true })),
  ...Array.from({ length: never }, () => ({ timeMs: watchS * 1000, recovered: false })),
];

describe('Kaplan–Meier', () => {
  it('is the textbook’s for the remission times of Freireich’s 6-MP group', () => {
    const times: [number, boolean][] = [
      [6, true],
      [6, true],
      [6, true],
      [6, false],
      [7, true],
      [9, false],
      [10, true],
      [10, false],
      [11, false],
      [13, true],
      [16, true],
      [17, false],
      [19, false],
      [20, false],
      [22, true],
      [23, true],
      [25, false],
      [32, false],
      [32, false],
      [34, false],
      [35, false],
    ];
    const steps = kaplanMeier(times.map(([timeMs, recovered]) => ({ timeMs, recovered })));
    const expected = [
      [6, 0.857143],
      [7, 0.806723],
      [10, 0.752941],
      [13, 0.690196],
      [16, 0.627451],
      [22, 0.537815],
      [23, 0.448179],
    ];
    expect(steps.map((one) => one.timeMs)).toEqual(expected.map(([time]) => time));
    for (const [at, [, share]] of expected.entries()) expect(steps[at]?.share).toBeCloseTo(share ?? 0, 6);
    expect(medianTime(steps).ms).toBe(23);
  });

  it('says worse where 30 % never recover and the rest are faster, though the mean of those that recovered fell', () => {
    const before = watched([14, 16, 18, 19, 20, 21, 22, 24, 26, 30], 0);
    const after = watched([13, 14, 15, 16, 17, 18, 19], 3);
    const meanOf = (list: readonly Watched[]): number => {
      const recovered = list.filter((one) => one.recovered);
      return recovered.reduce((sum, one) => sum + one.timeMs, 0) / recovered.length;
    };
    expect(meanOf(after)).toBeLessThan(meanOf(before));
    const leftAt = (list: readonly Watched[], ms: number): number =>
      kaplanMeier(list).findLast((one) => one.timeMs <= ms)?.share ?? 1;
    expect(leftAt(after, 60_000)).toBeCloseTo(0.3, 12);
    expect(leftAt(before, 60_000)).toBe(0);
  });

  it('has no median where fewer than half recovered', () => {
    expect(medianTime(kaplanMeier(watched([10, 12, 15, 16], 5)))).toMatchObject({ ms: null, highMs: null });
  });

  it('never rises, stays within its interval, and is the plain share where nothing is cut off', () => {
    const list = fc.array(
      fc.record({ timeMs: fc.integer({ min: 1, max: 60_000 }), recovered: fc.boolean() }),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(list, (given) => {
        let last = 1;
        for (const { share, low, high } of kaplanMeier(given)) {
          expect(share).toBeLessThanOrEqual(last);
          expect(low).toBeLessThanOrEqual(share + 1e-12);
          expect(high).toBeGreaterThanOrEqual(share - 1e-12);
          last = share;
        }
        const all = given.map((one) => ({ ...one, recovered: true }));
        for (const { timeMs, share } of kaplanMeier(all))
          expect(share).toBeCloseTo(all.filter((one) => one.timeMs > timeMs).length / all.length, 9);
      }),
    );
  });
});
