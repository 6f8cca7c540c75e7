import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latenciesOf, type ServerLog, truthOf } from '../../../bench/peers/truth.ts';

/** Answers each request after 3 ms; asked only every 100 ms, and never in a stall. */
const calmLog = (stalls: ServerLog['stalls'], lastMs: number): ServerLog => ({
  from: 0,
  stalls,
  requests: Array.from({ length: lastMs / 100 }, (_, k) => [k * 100, k * 100 + 3] as const).filter(
    ([from, to]) => !stalls.some(([begin, end]) => from < end && to > begin),
  ),
});

describe('what users would have seen of a server', () => {
  it('is the service time where nothing stalls', () => {
    expect(truthOf(calmLog([], 10_000), 430, 10)).toEqual({
      ...{ p50: 3, p90: 3, p99: 3, max: 3 },
      ...{ dueInStalls: 0, sentInStalls: 0 },
    });
  });

  // 910 ms of every 7 s: 1% of the arrivals (70 ms of 7 s) wait for at least 910 - 70 ms.
  it('counts arrivals that were due in a stall, whether or not a tool sent them', () => {
    const truth = truthOf(calmLog([[3000, 3910]], 7000), 1000, 7);
    expect(truth.dueInStalls).toBe(910);
    expect(truth.sentInStalls).toBe(0);
    expect(truth.p50).toBe(3);
    expect(truth.p99).toBeGreaterThan(838);
    expect(truth.p99).toBeLessThan(845);
    expect(truth.max).toBe(913);
  });

  it('needs a request that was answered outside of the stalls', () => {
    expect(() => truthOf({ from: 0, stalls: [[0, 10]], requests: [[1, 10]] }, 430, 1)).toThrow(
      'the server answered no request outside of its stalls',
    );
  });
});

describe('percentiles by nearest rank', () => {
  it('are values that were there, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1e6 }), { minLength: 1 }), (values) => {
        const { p50, p90, p99, max } = latenciesOf(values);
        for (const one of [p50, p90, p99, max]) expect(values).toContain(one);
        expect([p50, p90, p99, max]).toEqual([p50, p90, p99, max].sort((a, b) => a - b));
        expect(values.filter((one) => one <= p90).length).toBeGreaterThanOrEqual(0.9 * values.length);
      }),
    );
  });
});
