import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ArrivalSchedule } from '../../../src/core/load-plan.ts';
import { ms, perSecond } from '../../../src/core/units.ts';
import { type Ticks, ticksOf, ticksOfRates } from '../../../src/measure/schedule.ts';
import { segmentsOf, ticksOfSegment, vusForSegments, WHOLE } from '../../../src/measure/segments.ts';

/**
 * Written by k6 2.2.0's own code for random options: ExecutionTuple.GetNewExecutionTupleFromValue(maxVUs),
 * GetStripedOffsets and RampingArrivalRateConfig.cal, called from a small Go program with a copy of the
 * module.
 */
interface Golden {
  readonly ramps: readonly {
    readonly unitMs: number;
    readonly start: number;
    readonly targets: readonly number[];
    readonly durationsMs: readonly number[];
    readonly vus: number;
    readonly of: number;
    readonly parts: readonly {
      readonly count: number;
      readonly last: number;
      readonly fnv: number;
      readonly vus: number;
    }[];
  }[];
  readonly stripes: readonly {
    readonly of: number;
    readonly vus: number;
    readonly starts: readonly number[];
    readonly steps: readonly number[];
  }[];
}
const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, 'k6-segments.golden.json'), 'utf8'),
) as Golden;

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

const offsetsOf = (ticks: Ticks, count = ticks.total): number[] =>
  Array.from({ length: count }, (_, tick) => ticks.offsetNs(tick));

describe("k6's own answers for several processes", () => {
  it('are ours for every tick of every process of 120 random ramps with 1 to 4 processes', () => {
    expect(golden.ramps).toHaveLength(120);
    for (const one of golden.ramps) {
      const rates = { unitMs: one.unitMs, startRate: one.start, targets: one.targets };
      const whole = ticksOfRates(rates, one.durationsMs);
      const parts = segmentsOf(one.of).map((segment) => {
        const offsets = offsetsOf(ticksOfSegment(whole, segment));
        return {
          ...{ count: offsets.length, last: offsets.at(-1) ?? 0, fnv: hashOf(offsets) },
          vus: vusForSegments(one.vus, one.of) / one.of,
        };
      });
      expect({ ...one, parts }).toEqual(one);
    }
  });

  it('stripe the ticks of a constant rate over 1 to 16 processes: the first is its index, then every n-th', () => {
    expect(golden.stripes).toHaveLength(16);
    for (const { of, starts, steps } of golden.stripes) {
      const whole: Ticks = { total: 1e6, offsetNs: (tick) => tick, dueBefore: (offset) => offset };
      const parts = segmentsOf(of).map((segment) => ticksOfSegment(whole, segment));
      expect(parts.map((one) => one.offsetNs(0))).toEqual(starts);
      expect(parts.map((one) => one.offsetNs(8) - one.offsetNs(7))).toEqual(steps);
    }
  });
});

const rate = fc.integer({ min: 0, max: 300 }).map(perSecond);
const schedule: fc.Arbitrary<ArrivalSchedule> = fc.oneof(
  fc.integer({ min: 1, max: 500 }).map((startRate) => ({ startRate: perSecond(startRate), stages: [] })),
  fc.record({
    startRate: rate,
    stages: fc.array(fc.record({ to: rate, durationMs: fc.nat(3000).map((value) => ms(value)) }), {
      minLength: 1,
      maxLength: 4,
    }),
  }),
);

describe('the ticks of several processes', () => {
  it('are together those of one, each exactly once', () => {
    const property = fc.property(schedule, fc.integer({ min: 1, max: 8 }), (asked, of) => {
      const whole = ticksOf(asked);
      const count = Math.min(whole.total, 400);
      const parts = segmentsOf(of).map((segment) => ticksOfSegment(whole, segment));
      const all = parts.flatMap((one, index) => offsetsOf(one, Math.max(0, Math.ceil((count - index) / of))));
      expect(all.sort((a, b) => a - b)).toEqual(offsetsOf(whole, count));
      if (Number.isFinite(whole.total)) {
        expect(parts.reduce((sum, one) => sum + one.total, 0)).toBe(whole.total);
      }
    });
    fc.assert(property, { numRuns: 150 });
  });

  it('are counted before an instant as their sum is in the whole', () => {
    const property = fc.property(
      schedule,
      fc.integer({ min: 1, max: 8 }),
      fc.nat(9000),
      (asked, of, atMs) => {
        const whole = ticksOf(asked);
        const parts = segmentsOf(of).map((segment) => ticksOfSegment(whole, segment));
        const counts = parts.map((one) => one.dueBefore(atMs * 1e6));
        expect(counts.reduce((sum, one) => sum + one, 0)).toBe(whole.dueBefore(atMs * 1e6));
        parts.forEach((one, index) => {
          const count = counts[index] ?? 0;
          if (count > 0) expect(one.offsetNs(count - 1)).toBeLessThan(atMs * 1e6);
          expect(one.offsetNs(count)).toBeGreaterThanOrEqual(
            count < one.total ? atMs * 1e6 : one.offsetNs(count),
          );
        });
      },
    );
    fc.assert(property, { numRuns: 150 });
  });

  it('need VUs that can be shared evenly', () => {
    expect([vusForSegments(5, 1), vusForSegments(5, 2), vusForSegments(6, 3), vusForSegments(1, 4)]).toEqual([
      5, 6, 6, 4,
    ]);
    expect(segmentsOf(1)).toEqual([WHOLE]);
  });
});
