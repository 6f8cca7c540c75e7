import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FlowLoad } from '../../../../src/core/load-plan.ts';
import { ms, perSecond } from '../../../../src/core/units.ts';
import { planLength } from '../../../../src/run/plan/plan-length.ts';

const flow = (worstStallMs: number, startRate = 10): FlowLoad => ({
  ...{ flow: 'g', executor: 'g', vus: 1, worstStallMs: ms(worstStallMs) },
  schedule: { startRate: perSecond(startRate), stages: [] },
});
const campaign = (faults: readonly object[], more: object = {}) =>
  ({
    ...{ shape: null, warmupMs: 3000, baselineMs: 12_000, repeat: 1, faults },
    recovery: { holdMs: 5000, timeoutMs: 60_000 },
    ...more,
  }) as unknown as Parameters<typeof planLength>[0];
const fault = (holdMs: number | null) => ({ name: 'f', kind: 'f', holdMs });

describe('the length of a campaign', () => {
  it('is its phases and two settlements when there is nothing but load', () => {
    expect(planLength(campaign([]), [flow(2000)], ms(0))).toEqual({
      expectedMs: 3000 + 12_000 + 3000 + 2 * 4000,
      longestMs: 3000 + 12_000 + 3000 + 2 * 24_000,
      loadBoundMs: 219_000,
    });
  });

  it('is near what a run with faults takes, and far below the sum of its time limits', () => {
    const { expectedMs, longestMs } = planLength(campaign([fault(8000), fault(null)]), [flow(2000)], ms(0));
    expect(expectedMs).toBe(26_000 + (8000 + 3000) + 3000 + 2 * 10_000);
    expect(longestMs).toBe(66_000 + (8000 + 30_000) + 30_000 + 2 * 65_000);
  });

  it('is the segments of a shape and one settlement', () => {
    const shape = { steps: [8000, 8000].map((lengthMs) => ({ lengthMs })), search: null };
    expect(planLength(campaign([], { shape }), [flow(2000)], ms(0))).toMatchObject({
      ...{ expectedMs: 20_000, longestMs: 40_000 },
    });
  });

  it('always has the usual before the longest before the bound of the load, whatever the campaign', () => {
    const facts = fc.record({
      ...{ repeat: fc.integer({ min: 1, max: 100 }), stall: fc.integer({ min: 1, max: 120_000 }) },
      ...{ warmupMs: fc.nat(600_000), baselineMs: fc.nat(600_000), removal: fc.nat(300_000) },
      ...{ holds: fc.array(fc.option(fc.nat(600_000)), { maxLength: 6 }), hold: fc.nat(60_000) },
      ...{ timeout: fc.nat(600_000), segments: fc.option(fc.array(fc.nat(600_000))) },
    });
    fc.assert(
      fc.property(facts, ({ holds, hold, timeout, segments, stall, removal, ...given }) => {
        const shape = segments && { steps: segments.map((lengthMs) => ({ lengthMs })), search: null };
        const recovery = { holdMs: hold, timeoutMs: Math.max(hold, timeout) };
        const plan = campaign(holds.map(fault), { ...given, shape, recovery });
        const { expectedMs, longestMs, loadBoundMs } = planLength(plan, [flow(stall)], ms(removal));
        // A system that needs longer than 5 s has a time limit of at least as much.
        const least = expectedMs - given.repeat * holds.length * Math.max(0, 5000 - recovery.timeoutMs);
        expect(least).toBeLessThanOrEqual(longestMs);
        expect(loadBoundMs).toBeGreaterThan(longestMs + 60_000);
      }),
    );
  });
});
