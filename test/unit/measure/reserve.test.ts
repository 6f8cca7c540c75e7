import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FlowLoad, Stage } from '../../../src/core/load-plan.ts';
import { ms, perSecond } from '../../../src/core/units.ts';
import { arrivalTicks, hasReserve, readySteps, reserveOf } from '../../../src/measure/reserve.ts';
import { heldUntil, ticksOf } from '../../../src/measure/schedule.ts';
import { segmentsOf, WHOLE } from '../../../src/measure/segments.ts';

const flow = (rate: number, vus: number, stages: readonly Stage[] = []): FlowLoad => ({
  flow: 'f',
  executor: 'f',
  schedule: { startRate: perSecond(rate), stages },
  worstStallMs: ms(5000),
  vus,
  standsBy: true,
});
const TEN_S = ms(10_000);

describe('VUs that stand by', () => {
  it('are those beyond one second of arrivals; a flow that needs all of its VUs so soon has none', () => {
    expect(hasReserve(flow(100, 550))).toBe(true);
    expect(reserveOf(flow(100, 550), TEN_S, WHOLE)?.ready).toEqual([{ untilMs: 10_000, vus: 100 }]);
    expect(hasReserve(flow(100, 100))).toBe(false);
    expect(hasReserve({ ...flow(100, 550), standsBy: false })).toBe(false);
  });

  it('are mustered before the first arrival: at least one tick for each, however they are shared', () => {
    const anyShare = fc.record({
      each: fc.integer({ min: 3, max: 2000 }),
      of: fc.integer({ min: 1, max: 16 }),
      rate: fc.integer({ min: 1, max: 50 }),
    });
    fc.assert(
      fc.property(anyShare, ({ each, of, rate }) => {
        const load = flow(rate / 60, each * of);
        for (const segment of segmentsOf(of)) {
          const reserve = reserveOf(load, TEN_S, segment);
          expect(reserve?.mustered).toBeGreaterThanOrEqual(each);
          expect(reserve?.mustered).toBeLessThanOrEqual(each + 7);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('change no due time by more than 20 µs, and no number of arrivals by more than one at the end', () => {
    const anyStage = fc.record({
      to: fc.integer({ min: 0, max: 300 }).map(perSecond),
      durationMs: fc.integer({ min: 0, max: 4000 }).map(ms),
    });
    fc.assert(
      fc.property(fc.array(anyStage, { minLength: 1, maxLength: 6 }), (stages) => {
        const load = flow(20, 4000, stages);
        const plain = ticksOf(heldUntil(load.schedule, TEN_S));
        const ticks = arrivalTicks(load, TEN_S, WHOLE);
        expect(Math.abs(ticks.total - plain.total)).toBeLessThanOrEqual(1);
        for (let tick = 0; tick < Math.min(ticks.total, plain.total); tick += 7) {
          // A root of a sum has its last bits elsewhere when the sum begins elsewhere: k6 rounds in the same way.
          expect(Math.abs(ticks.offsetNs(tick) - plain.offsetNs(tick))).toBeLessThanOrEqual(20_000);
        }
        expect(ticks.dueBefore(0)).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  it('are called before a rate rises, and the table of a long schedule stays short', () => {
    const jump = [
      { to: perSecond(10), durationMs: ms(10_000) },
      { to: perSecond(400), durationMs: ms(0) },
      { to: perSecond(400), durationMs: ms(10_000) },
    ];
    const steps = readySteps({ startRate: perSecond(10), stages: jump }, ms(20_000));
    expect(steps).toEqual([
      { untilMs: 7000, vus: 10 },
      { untilMs: 20_000, vus: 400 },
    ]);
    const many = Array.from({ length: 4000 }, (_, index) => ({
      to: perSecond(10 + (index % 7) * 100),
      durationMs: ms(60_000),
    }));
    const long = readySteps({ startRate: perSecond(1), stages: many }, ms(0));
    expect(long.length).toBeLessThanOrEqual(256);
    expect(Math.max(...long.map((one) => one.vus))).toBe(610);
  });

  it('are never fewer in a step than the rate of any instant of it, and of two seconds later, asks for', () => {
    const anyStages = fc.array(
      fc.record({
        to: fc.integer({ min: 1, max: 500 }).map(perSecond),
        durationMs: fc.integer({ min: 0, max: 9000 }).map(ms),
      }),
      { minLength: 1, maxLength: 12 },
    );
    fc.assert(
      fc.property(anyStages, fc.integer({ min: 0, max: 60_000 }), (stages, at) => {
        const steps = readySteps({ startRate: perSecond(1), stages }, ms(60_000));
        const rateAt = (instant: number): number => {
          let [from, rate] = [0, 1];
          for (const { to, durationMs } of stages) {
            if (instant < from + durationMs) return rate + ((to - rate) * (instant - from)) / durationMs;
            [from, rate] = [from + durationMs, to];
          }
          return rate;
        };
        const step = steps.find((one) => at < one.untilMs) ?? steps.at(-1);
        for (const ahead of [0, 1000, 2000]) {
          expect((step?.vus ?? 0) + 1e-6).toBeGreaterThanOrEqual(rateAt(at + ahead));
        }
      }),
    );
  });
});
