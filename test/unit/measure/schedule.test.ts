import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ArrivalSchedule } from '../../../src/core/load-plan.ts';
import { ms, perSecond } from '../../../src/core/units.ts';
import { dueTicks, heldUntil, ticksOf, ticksOfRates, wholeRates } from '../../../src/measure/schedule.ts';

const constant = (rate: number): ArrivalSchedule => ({ startRate: perSecond(rate), stages: [] });
const ramp = (startRate: number, ...stages: readonly (readonly [number, number])[]): ArrivalSchedule => ({
  startRate: perSecond(startRate),
  stages: stages.map(([to, durationMs]) => ({ to: perSecond(to), durationMs: ms(durationMs) })),
});

describe('the due times of a constant rate', () => {
  it('are whole periods in truncated nanoseconds from 0, as k6 computes them', () => {
    const ticks = ticksOf(constant(300));
    expect([0, 1, 2, 3000].map((tick) => ticks.offsetNs(tick))).toEqual([
      0, 3_333_333, 6_666_666, 9_999_999_000,
    ]);
  });

  it('end before the end of the run', () => {
    expect(dueTicks(constant(100), 1000)).toBe(100);
    expect(dueTicks(constant(100), 1000.001)).toBe(101);
    expect(dueTicks(constant(1), 0)).toBe(0);
  });

  it('count as many ticks before an instant as have an offset before it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20_000 }),
        fc.integer({ min: 1, max: 10 ** 10 }),
        (rate, offset) => {
          const ticks = ticksOf(constant(rate));
          const before = ticks.dueBefore(offset);
          expect(ticks.offsetNs(before - 1)).toBeLessThan(offset);
          expect(ticks.offsetNs(before)).toBeGreaterThanOrEqual(offset);
        },
      ),
    );
  });
});

describe('the due times of a ramp', () => {
  it('follow the area under the rate: the first event is at area 1, not at 0', () => {
    // From k6's own comment: 2/s for 5 s, then up to 3/s in 5 s: the first event is at 0.5 s, the tenth at 5 s.
    // 2 / 1e9 has no exact double, so that 1 / (2 / 1e9) is truncated to a nanosecond less: in Go as here.
    const ticks = ticksOf(ramp(2, [2, 5000], [3, 5000]));
    expect(ticks.offsetNs(0)).toBe(499_999_999);
    expect(ticks.offsetNs(9)).toBe(5_000_000_000);
    expect(ticks.total).toBe(22);
  });

  it('carry a broken event over from one stage to the next', () => {
    // 4.9 s at 2/s is 9.8 events; the tenth comes when 0.2 more are done: 0.1 s into the next stage.
    const ticks = ticksOf(ramp(2, [2, 4900], [2, 5000]));
    expect(ticks.offsetNs(9)).toBe(4_999_999_999);
  });

  it('solve 0 to 100/s in 10 s as sqrt(2 n T / rate)', () => {
    const ticks = ticksOf(ramp(0, [100, 10_000]));
    expect(ticks.total).toBe(500);
    for (const tick of [0, 1, 99, 498]) {
      const exact = Math.sqrt((2 * (tick + 1) * 10) / 100) * 1e9;
      expect(Math.abs(ticks.offsetNs(tick) - exact)).toBeLessThan(1000);
    }
    expect(ticks.offsetNs(500)).toBe(Number.POSITIVE_INFINITY);
  });

  it('never go back, and agree with their own count', () => {
    const stage = fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 4000 }));
    const property = fc.property(
      fc.integer({ min: 0, max: 200 }),
      fc.array(stage, { minLength: 1, maxLength: 4 }),
      fc.nat(8000),
      (startRate, stages, atMs) => {
        const ticks = ticksOf(ramp(startRate, ...stages));
        let last = 0;
        for (let tick = 0; tick < ticks.total; tick += 1) {
          expect(ticks.offsetNs(tick)).toBeGreaterThanOrEqual(last);
          last = ticks.offsetNs(tick);
        }
        const before = ticks.dueBefore(atMs * 1e6);
        if (before > 0) expect(ticks.offsetNs(before - 1)).toBeLessThan(atMs * 1e6);
        expect(ticks.offsetNs(before)).toBeGreaterThanOrEqual(Math.min(atMs * 1e6, ticks.offsetNs(before)));
        if (before < ticks.total) expect(ticks.offsetNs(before)).toBeGreaterThanOrEqual(atMs * 1e6);
      },
    );
    fc.assert(property, { numRuns: 50 });
  });

  it('hold the last rate when the stages are over before the run is', () => {
    const held = heldUntil(ramp(0, [10, 1000]), ms(4000));
    expect(held.stages.at(-1)).toEqual({ to: 10, durationMs: 3000 });
    expect(dueTicks(held, 4001)).toBe(35);
    expect(heldUntil(ramp(0, [10, 5000]), ms(4000)).stages).toHaveLength(1);
    expect(heldUntil(constant(5), ms(4000)).stages).toEqual([]);
  });
});

describe('the rates that k6 is given', () => {
  it('are whole numbers per second, minute or hour, whichever is the first to fit', () => {
    expect(wholeRates(constant(50))).toEqual({ unitMs: 1000, startRate: 50, targets: [] });
    expect(wholeRates(constant(20 / 60))).toEqual({ unitMs: 60_000, startRate: 20, targets: [] });
    expect(wholeRates(ramp(1.5, [7 / 3600, 1000]))).toEqual({
      unitMs: 3_600_000,
      startRate: 5400,
      targets: [7],
    });
  });

  it('are rounded per 1000 h when nothing fits, so that a rate is off by less than one arrival in 1000 h', () => {
    expect(wholeRates(constant(200 / 7))).toEqual({
      unitMs: 3_600_000_000,
      startRate: 102_857_143,
      targets: [],
    });
  });
});

/** Written by k6 2.2.0's own code (RampingArrivalRateConfig.cal and getTickerPeriod) for random options. */
interface Golden {
  readonly ramps: readonly {
    readonly unitMs: number;
    readonly start: number;
    readonly targets: readonly number[];
    readonly durationsMs: readonly number[];
    readonly count: number;
    readonly last: number;
    readonly fnv: number;
  }[];
  /** unitMs, rate, period in ns. */
  readonly periods: readonly (readonly [number, number, number])[];
}
const golden = JSON.parse(readFileSync(join(import.meta.dirname, 'k6-ticks.golden.json'), 'utf8')) as Golden;

/** FNV-1a, 32 bit, over the offsets as 64-bit little-endian words. */
function hashOf(offsets: readonly number[]): number {
  let hash = 0x811c9dc5;
  const word = Buffer.alloc(8);
  for (const offset of offsets) {
    word.writeBigInt64LE(BigInt(offset));
    for (const byte of word) hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash >>> 0;
}

describe("k6's own answers", () => {
  it('are ours for every tick of 100 random ramps, to the nanosecond', () => {
    expect(golden.ramps).toHaveLength(100);
    for (const one of golden.ramps) {
      const rates = { unitMs: one.unitMs, startRate: one.start, targets: one.targets };
      const ticks = ticksOfRates(rates, one.durationsMs);
      const offsets = Array.from({ length: ticks.total }, (_, tick) => ticks.offsetNs(tick));
      expect({ ...one, count: offsets.length, last: offsets.at(-1) ?? 0, fnv: hashOf(offsets) }).toEqual(one);
    }
  });

  it('are ours for the periods of 100 random constant rates', () => {
    expect(golden.periods).toHaveLength(100);
    for (const [unitMs, startRate, period] of golden.periods) {
      expect(ticksOfRates({ unitMs, startRate, targets: [] }, []).offsetNs(1)).toBe(period);
    }
  });
});
