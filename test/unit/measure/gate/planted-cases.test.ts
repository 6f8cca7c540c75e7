/** Cases on which other gates are known to answer wrongly, each with the whole answer of this one. */
import { describe, expect, it } from 'vitest';
import type { GateRule } from '../../../../src/core/gate.ts';
import { VERDICT_EXIT } from '../../../../src/core/verdict.ts';
import { isDecided, judgeGate } from '../../../../src/measure/gate/judge-gate.ts';
import { signedRankP } from '../../../../src/measure/gate/signed-rank.ts';
import { gate, RULE, type Side, said, slower } from './gate-blocks.ts';

const times: GateRule = { ...RULE, metrics: RULE.metrics.slice(1) };
const statuses = (...args: Parameters<typeof judgeGate>): readonly string[] =>
  judgeGate(...args).metrics.map((one) => `${one.quantity} ${one.status}`);

describe('7 of 10 pairs a hundred times slower, 3 equal (spinnaker#6278 passes them)', () => {
  const blocks = gate(10, (pair) => slower(pair <= 7 ? 100 : 1), undefined, 0);
  const rule = { ...times, looks: [10] };

  it('fails, at a third of the level', () => {
    expect(said(blocks, rule)).toBe(
      'FAIL: P50 ratio 100.00 (10.00–100.00); P95 ratio 100.00 (10.00–100.00); P99 ratio 100.00 (10.00–100.00) after 10 pairs',
    );
  });

  it('has an exact p of 1 in 128', () => {
    const [p50] = judgeGate(blocks, rule).metrics;
    expect(signedRankP((p50?.byPair ?? []).map(Math.log))).toBeCloseTo(1 / 128, 12);
  });

  it('is left open with as many equal as slower', () => {
    const half = gate(10, (pair) => slower(pair <= 5 ? 100 : 1), undefined, 0);
    expect(judgeGate(half, rule).status).toBe('INCONCLUSIVE');
  });
});

it('errors only in the candidate fail, whatever its times are (kayenta#799 lets a policy for NaN decide)', () => {
  expect(said(gate(16, () => ({ failed: 20, completed: 1000 })))).toBe(
    'FAIL: failed +2.00 points (1.65 to 2.30) after 16 pairs',
  );
});

it('a larger spread with the same median fails by P99 and passes by P50 (kayenta#780 passes it)', () => {
  const wider = gate(16, () => ({ goodMs: { p50: 20, p95: 70, p99: 160 } }));
  expect(statuses(wider, times)).toEqual(['p50 PASS', 'p95 FAIL', 'p99 FAIL']);
  expect(said(wider, times)).toBe(
    'FAIL: P95 ratio 1.40 (1.39–1.41); P99 ratio 2.00 (1.98–2.01) after 16 pairs',
  );
});

describe('evidence before numbers', () => {
  it('a candidate that answers 500 in 2 ms fails and is nowhere called faster', () => {
    const quick = (): Side => ({ failed: 1000, goodMs: { p50: null, p95: null, p99: null } });
    const result = judgeGate(gate(16, quick), RULE);
    expect(`${result.status}: ${result.sentence}`).toBe(
      'FAIL: failed +100.00 points (99.90 to 100.00) after 16 pairs',
    );
    expect(JSON.stringify(result)).not.toMatch(/faster|better|improve/i);
  });

  it('a candidate that answers nothing but 500 is left open at a look that has too few pairs to fail it, and failed at the next', () => {
    const quick = (): Side => ({ failed: 1000, goodMs: { p50: null, p95: null, p99: null } });
    const rule = { ...RULE, looks: [6, 12] };
    expect(judgeGate(gate(6, quick), rule).status).toBe('INCONCLUSIVE');
    expect(isDecided(gate(6, quick), rule)).toBe(false);
    expect(judgeGate(gate(12, quick), rule).status).toBe('FAIL');
  });

  it('a candidate that answers half of it with 500 in 2 ms fails by that, and its times are not judged', () => {
    const quick = (): Side => ({ failed: 500, goodMs: { p50: 2, p95: 40, p99: 60 } });
    const result = judgeGate(gate(16, quick), RULE);
    expect(`${result.status}: ${result.sentence}`).toBe(
      'FAIL: failed +50.00 points (48.68 to 51.00) after 16 pairs',
    );
    expect(result.metrics.slice(1).map((one) => `${one.status}: ${one.note}`)).toEqual(
      Array(3).fill('INCONCLUSIVE: not judged: the candidate fails more of its arrivals'),
    );
  });

  it.each([
    { side: 'both sides', baseline: true, candidate: true, expected: 'the baseline' },
    { side: 'the candidate', baseline: false, candidate: true, expected: 'the candidate' },
    { side: 'the baseline', baseline: true, candidate: false, expected: 'the baseline' },
  ])('no arrival on $side is no data, exit 3', ({ baseline, candidate, expected }) => {
    const none: Side = { due: 0, completed: 0, goodMs: { p50: null, p95: null, p99: null } };
    const blocks = gate(
      16,
      () => (candidate ? none : {}),
      () => (baseline ? none : {}),
    );
    expect(said(blocks)).toBe(`NO-DATA: failed: nothing was due on ${expected}`);
    expect(VERDICT_EXIT[judgeGate(blocks, RULE).status]).toBe(3);
  });

  it('a generator that was slowed in blocks of the candidate only is invalid, exit 4', () => {
    const late = (pair: number): Side =>
      pair % 3 === 0 ? { limited: 'arrivals of shop.order started 80 ms late (P99)' } : {};
    const blocks = gate(16, late);
    expect(said(blocks)).toBe(
      'INVALID: 5 of 16 pairs dropped, more than a fifth (first: candidate: arrivals of shop.order started 80 ms late (P99))',
    );
    expect(VERDICT_EXIT[judgeGate(blocks, RULE).status]).toBe(4);
  });

  it('drops in one block of the candidate forbid a pass however many pairs there are, and stop nothing early', () => {
    const dropping = gate(32, (pair) => (pair === 7 ? { completed: 997, unanswered: 3 } : {}));
    expect(said(dropping)).toBe(
      'INCONCLUSIVE: failed +0.01 points (-0.01 to 0.02) after 32 pairs; the candidate left 3 arrivals unanswered: its times are lower bounds, by which nothing passes',
    );
    expect(isDecided(dropping.slice(0, 32), RULE)).toBe(false);
  });

  it('a dead candidate of a gate that was cut short is no finding before the first look', () => {
    const dead = (): Side => ({ failed: 1000, goodMs: { p50: null, p95: null, p99: null } });
    expect(said(gate(15, dead))).toBe('INCONCLUSIVE: 15 pairs of the 16 that a first look needs');
  });

  it('a gate that is killed at pair 9 keeps 8 pairs and is invalid', () => {
    const killed = gate(9).slice(0, -1);
    const result = judgeGate(killed, RULE);
    expect(`${result.status}: ${result.sentence}`).toBe(
      'INVALID: ended in the middle of a pair; 8 pairs kept',
    );
    expect(result.pairs).toEqual({ run: 8, kept: 8, judged: 8 });
  });
});
