import { describe, expect, it } from 'vitest';
import type { GateResult } from '../../../../src/core/gate.ts';
import { CURVE } from '../../../../src/core/gate-evidence.ts';
import { seededRng } from '../../../../src/core/rng.ts';
import { boundedRatio } from '../../../../src/measure/gate/gate-conditions.ts';
import { FLOW, type GateWorld, gateInput } from '../../report/gate-fixture.ts';

const evidence = (world: GateWorld): NonNullable<GateResult['evidence']> => {
  const found = gateInput(world).result.gate?.evidence;
  if (found === undefined) throw new Error('the fixture has evidence');
  return found;
};

describe('the evidence of a gate', () => {
  it('has every pair in its order, with what its coin said and why it was dropped', () => {
    const { pairs } = evidence({ late: [3] });
    expect(pairs).toHaveLength(32);
    expect(pairs.map((one) => one.atMs)).toEqual(pairs.map((_, at) => at * 26_000));
    expect(pairs[2]).toMatchObject({ pair: 3, judged: false });
    expect(pairs[2]?.dropped).toBe(`baseline: arrivals of ${FLOW} started 80 ms late (P99)`);
    expect(pairs.filter((one) => one.judged)).toHaveLength(24);
    expect(new Set(pairs.map((one) => one.order))).toEqual(new Set(['AB', 'BA']));
  });

  it('has the typical block of each side, and the ratio of all of them pooled', () => {
    const [failed, p50] = evidence({ slower: 1.3, failing: 2 }).sides;
    expect(failed).toEqual({ baseline: 0, candidate: 0.02, pooledRatio: null });
    expect(p50?.baseline).toBeCloseTo(20, -1);
    expect((p50?.candidate ?? 0) / (p50?.baseline ?? 1)).toBeCloseTo(1.3, 1);
    expect(p50?.pooledRatio).toBeCloseTo(1.3, 1);
  });

  it('has both curves, rising, and no value where fewer than ten lie beyond', () => {
    const [flow] = evidence({}).times;
    expect(flow?.baseline.count).toBe(32_000);
    const ms = flow?.baseline.ms ?? [];
    expect(ms).toHaveLength(CURVE.length);
    expect(ms).toEqual([...ms].sort((a, b) => (a ?? 0) - (b ?? 0)));
    expect(evidence({ pairs: 1 }).times[0]?.candidate.ms.at(-1)).toBeNull();
  });

  it('sees that a block begins slower than it goes on, on both sides', () => {
    const slow = evidence({ unsettled: 1.25 }).settling;
    expect(slow?.seconds).toBe(3);
    expect(slow?.baseline?.ratio).toBeCloseTo(1.25, 1);
    expect(slow?.candidate?.low).toBeGreaterThan(1.2);
    const calm = evidence({}).settling;
    expect(calm?.baseline?.low).toBeLessThan(1);
    expect(calm?.baseline?.high).toBeGreaterThan(1);
  });

  it('sees the drift of the baseline over the run', () => {
    const drift = evidence({ drift: 1.3 }).drift;
    expect(drift?.ratio).toBeCloseTo(1.3, 1);
    expect(drift?.low).toBeGreaterThan(1.2);
    expect(drift?.spanMs).toBeGreaterThan(30 * 26_000);
    const calm = evidence({}).drift;
    expect(calm?.low).toBeLessThan(1);
    expect(calm?.high).toBeGreaterThan(1);
  });

  it('sees the lateness of each side', () => {
    expect(evidence({}).lateness).toEqual([{ flow: FLOW, baselineMs: 0.9, candidateMs: 0.9 }]);
  });

  it('has nothing of a gate without a pair', () => {
    expect(evidence({ pairs: 0 })).toMatchObject({ pairs: [], settling: null, drift: null });
  });
});

describe('boundedRatio', () => {
  it('holds the truth in nine of ten samples', () => {
    const rng = seededRng(5);
    const normal = (): number =>
      Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next());
    const held = Array.from({ length: 400 }, () => {
      const found = boundedRatio(Array.from({ length: 12 }, () => Math.log(1.2) + 0.1 * normal()));
      return found !== null && found.low <= 1.2 && found.high >= 1.2;
    });
    expect(held.filter(Boolean).length / 400).toBeGreaterThan(0.87);
    expect(boundedRatio([0.1, 0.2, 0.3, 0.4])).toBeNull();
  });
});
