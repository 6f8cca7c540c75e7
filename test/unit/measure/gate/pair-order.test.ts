import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ms, perSecond } from '../../../../src/core/units.ts';
import { drawOrder, sideSchedule } from '../../../../src/measure/gate/pair-order.ts';
import { ticksOf } from '../../../../src/measure/schedule.ts';

describe('the order of pairs', () => {
  it('is the same for the same seed, and about half of each in the long run', () => {
    expect(drawOrder(32, 5)).toEqual(drawOrder(32, 5));
    expect(drawOrder(32, 5)).not.toEqual(drawOrder(32, 6));
    const first = drawOrder(4000, 1).filter((one) => one === 'AB').length;
    expect(Math.abs(first - 2000)).toBeLessThan(150);
  });
});

describe('the schedule of a side', () => {
  const lengths = { leadMs: ms(10_000), settleMs: ms(3000), blockMs: ms(10_000) };

  it('is half the rate for the warm-up, then all of it in its own blocks and none in the other’s', () => {
    const { startRate, stages } = sideSchedule(perSecond(100), 'baseline', {
      ...lengths,
      order: ['AB', 'BA'],
    });
    expect(startRate).toBe(50);
    expect(stages.map((one) => [one.to, one.durationMs])).toEqual([
      [50, 10_000],
      ...[100, 0, 0, 100].flatMap((rate) => [
        [rate, 0],
        [rate, 13_000],
      ]),
    ]);
  });

  it('gives both sides the same arrivals over every pair, never at the same time', () => {
    const orders = fc.array(fc.constantFrom('AB' as const, 'BA' as const), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(orders, fc.integer({ min: 1, max: 200 }), (order, rate) => {
        const [baseline, candidate] = (['baseline', 'candidate'] as const).map((side) =>
          ticksOf(sideSchedule(perSecond(rate), side, { ...lengths, order })),
        );
        if (baseline === undefined || candidate === undefined) throw new Error('two sides');
        const dueIn = (side: typeof baseline, from: number, to: number): number =>
          side.dueBefore(to * 1e6) - side.dueBefore(from * 1e6);
        for (const [pair, letters] of order.entries()) {
          const from = 10_000 + pair * 26_000;
          const [first, second] = letters === 'AB' ? [baseline, candidate] : [candidate, baseline];
          // An arrival on the edge of a block may be due a tick before or after it.
          expect(Math.abs(dueIn(first, from, from + 13_000) - 13 * rate)).toBeLessThanOrEqual(1);
          expect(dueIn(second, from + 1, from + 13_000)).toBeLessThanOrEqual(1);
          expect(Math.abs(dueIn(second, from + 13_000, from + 26_000) - 13 * rate)).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 30 },
    );
  });
});
