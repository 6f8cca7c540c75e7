import { describe, expect, it } from 'vitest';
import { isDecided, judgeGate } from '../../../../src/measure/gate/judge-gate.ts';
import { FLOW, gate, RULE, type Side, said, slower } from './gate-blocks.ts';

describe('judgeGate', () => {
  it('passes two equal versions at the first look', () => {
    expect(said(gate(16))).toMatch(
      /^PASS: no metric is worse by 10 % or more after 16 pairs \(P\d\d ratio 1\.00 \(0\.99–1\.0[01]\)\)$/,
    );
  });

  it('fails a candidate that is 30 % slower', () => {
    expect(said(gate(16, () => slower(1.3)))).toMatch(
      /^FAIL: P50 ratio 1\.30 \(1\.29–1\.31\); P95 ratio .*; P99 ratio .* after 16 pairs$/,
    );
  });

  it('passes what is certainly worse and certainly by less than must be found, in every metric, and tells it', () => {
    const { status, metrics } = judgeGate(
      gate(16, () => slower(1.05)),
      RULE,
    );
    expect(status).toBe('PASS');
    expect(metrics.map((one) => one.status)).toEqual(['PASS', 'PASS', 'PASS', 'PASS']);
    expect(metrics[1]?.note).toBe('certainly worse, and certainly by less than 10 %');
  });

  it('has no failing metric in a gate that does not fail', () => {
    const early = judgeGate(
      gate(13, () => slower(1.5)),
      RULE,
    );
    const late = judgeGate(
      gate(16, (pair) => (pair < 5 ? { ...slower(1.5), limited: 'late' } : slower(1.5))),
      RULE,
    );
    for (const { status, metrics } of [early, late]) {
      expect(['INCONCLUSIVE', 'INVALID']).toContain(status);
      expect(metrics.map((one) => one.status)).not.toContain('FAIL');
      expect(metrics[1]?.note).toBe(`not judged: the gate is ${status}`);
    }
    expect(late.status).toBe('INVALID');
  });

  it('says how far it is before the first look', () => {
    expect(said(gate(9))).toBe('INCONCLUSIVE: 9 pairs of the 16 that a first look needs');
  });

  it('says what would decide it', () => {
    const noisy = (pair: number): Side => slower(1.04 * Math.exp(0.3 * Math.sin(pair * 2.4)));
    expect(said(gate(32, noisy))).toMatch(
      /^INCONCLUSIVE: P\d\d ratio 1\.\d\d \(0\.\d\d–1\.\d\d\) after 32 pairs; \d+ more, \d+ min, for \+10 %; this one could have found \+1\d %$/,
    );
  });

  it('never calls a candidate faster that answers 500 in a millisecond', () => {
    const failing = (): Side => ({ failed: 400, goodMs: { p50: 5, p95: 8, p99: 9 } });
    const { status, sentence, metrics } = judgeGate(gate(16, failing), RULE);
    expect(`${status}: ${sentence}`).toMatch(
      /^FAIL: failed \+40\.00 points \(\d\d\.\d\d to \d\d\.\d\d\) after 16 pairs$/,
    );
    expect(metrics.find((one) => one.quantity === 'p50')).toMatchObject({
      status: 'INCONCLUSIVE',
      note: 'not judged: the candidate fails more of its arrivals',
    });
  });

  it('fails on failures where every answer of the candidate is one, so that there is no time to compare', () => {
    const dead = (): Side => ({ failed: 1000, goodMs: { p50: null, p95: null, p99: null } });
    expect(said(gate(16, dead))).toMatch(/^FAIL: failed \+100\.00 points/);
  });

  it('does not fail on one burst in one block', () => {
    expect(said(gate(16, (pair) => (pair === 3 ? { failed: 200 } : {})))).toBe(
      'INCONCLUSIVE: failed +1.25 points (0.98 to 1.49) after 16 pairs; 200 of 16000 failed against 0 of 16000, but not in enough of the pairs',
    );
  });

  it('is suspicious of a candidate that is much faster with more failures', () => {
    expect(said(gate(16, (pair) => ({ ...slower(0.7), failed: pair % 2 })))).toMatch(
      /^INCONCLUSIVE: failed \+0\.05 points \(.*\) after 16 pairs; the candidate is much faster with more failures: something else than the version differs$/,
    );
  });

  it('finds 7 of 10 pairs a hundred times slower, 3 equal', () => {
    const rule = { ...RULE, metrics: RULE.metrics.slice(1), looks: [10] };
    expect(
      judgeGate(
        gate(10, (pair) => slower(pair <= 7 ? 100 : 1)),
        rule,
      ).status,
    ).toBe('FAIL');
  });

  it('fails by P99 and passes P50 where only the spread grew', () => {
    const rule = { ...RULE, metrics: RULE.metrics.slice(1) };
    const { status, metrics } = judgeGate(
      gate(16, () => ({ goodMs: { p50: 20, p95: 70, p99: 160 } })),
      rule,
    );
    expect(status).toBe('FAIL');
    expect(metrics.map((one) => [one.quantity, one.status])).toEqual([
      ['p50', 'PASS'],
      ['p95', 'FAIL'],
      ['p99', 'FAIL'],
    ]);
  });

  it('names a P99 that jumps between two modes and decides nothing by it', () => {
    const jumping = (pair: number): Side => ({
      goodMs: { p50: 20, p95: 50, p99: pair % 3 === 0 ? 220 : 80 },
    });
    const { status, sentence, checks } = judgeGate(gate(32, jumping), RULE);
    expect(status).toBe('INCONCLUSIVE');
    expect(sentence).toMatch(
      /^P99 ratio .* after 32 pairs; lies on a cliff: few answers decide which of two modes it is/,
    );
    expect(checks.cliffs).toEqual([FLOW]);
  });

  it('has no data where nothing was due', () => {
    const nothing = (): Side => ({ due: 0, completed: 0, goodMs: { p50: null, p95: null, p99: null } });
    expect(said(gate(16, nothing, nothing))).toBe('NO-DATA: failed: nothing was due on the baseline');
    expect(said([])).toBe('NO-DATA: no pair of blocks was run');
  });

  it('drops pairs in which the generator was measured, and is invalid above a fifth of them', () => {
    const late = (pair: number): Side =>
      pair % 4 === 0 ? { limited: 'arrivals started 80 ms late (P99)' } : {};
    expect(said(gate(32, late))).toBe(
      'INVALID: 8 of 32 pairs dropped, more than a fifth (first: candidate: arrivals started 80 ms late (P99))',
    );
    const rarely = gate(18, (pair) => (pair === 5 ? { limited: 'arrivals started 80 ms late (P99)' } : {}));
    expect(judgeGate(rarely, RULE)).toMatchObject({
      status: 'PASS',
      pairs: { run: 18, kept: 17, judged: 16 },
      dropped: [{ pair: 5, why: 'candidate: arrivals started 80 ms late (P99)' }],
    });
  });

  it('passes no candidate that leaves arrivals unanswered, and may fail it', () => {
    const leaving = { completed: 999, unanswered: 1 };
    expect(
      judgeGate(
        gate(32, (pair) => (pair === 2 ? leaving : {})),
        RULE,
      ).status,
    ).toBe('INCONCLUSIVE');
    expect(
      judgeGate(
        gate(32, () => ({ ...leaving, ...slower(1.3) })),
        RULE,
      ).status,
    ).toBe('FAIL');
  });

  it('drops a pair whose baseline left arrivals unanswered', () => {
    const result = judgeGate(
      gate(
        17,
        () => ({}),
        (pair) => (pair === 1 ? { completed: 990, unanswered: 10 } : {}),
      ),
      RULE,
    );
    expect(result.dropped).toEqual([
      { pair: 1, why: `baseline: 10 arrivals of ${FLOW} were never answered` },
    ]);
  });

  it('is invalid when it was ended in the middle of a pair, with the whole pairs kept', () => {
    expect(said(gate(9).slice(0, -1))).toBe('INVALID: ended in the middle of a pair; 8 pairs kept');
  });

  it('stops as soon as more pairs can change nothing', () => {
    expect(isDecided(gate(15), RULE)).toBe(false);
    expect(isDecided(gate(16), RULE)).toBe(true);
    const open = (pair: number): Side => slower(1.04 * Math.exp(0.3 * Math.sin(pair * 2.4)));
    expect(isDecided(gate(24, open), RULE)).toBe(false);
    expect(isDecided(gate(32, open), RULE)).toBe(true);
  });

  it('goes on past a look while too many of its pairs were dropped, and stops when they no longer are', () => {
    const late = (pair: number): Side => (pair <= 5 ? { limited: 'arrivals started 80 ms late (P99)' } : {});
    expect(isDecided(gate(21, late), RULE)).toBe(false);
    expect(judgeGate(gate(21, late), RULE).status).toBe('INVALID');
    expect(isDecided(gate(25, late), RULE)).toBe(true);
    expect(judgeGate(gate(25, late), RULE).status).toBe('PASS');
  });

  it('stops when so many pairs were dropped that the gate can only be invalid', () => {
    const late = (): Side => ({ limited: 'arrivals started 80 ms late (P99)' });
    expect(isDecided(gate(8, late), RULE)).toBe(false);
    expect(isDecided(gate(9, late), RULE)).toBe(true);
  });

  it('names the flow where several are gated', () => {
    const rule = { ...RULE, metrics: [...RULE.metrics, { flow: 'shop.search', quantity: 'p50' as const }] };
    expect(said(gate(16), rule)).toBe('NO-DATA: shop.search P50: too few good answers in a block for P50');
  });
});
