import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { GateMetric, GateRule } from '../../../../src/core/gate.ts';
import type { Plan } from '../../../../src/core/plan.ts';
import { ms } from '../../../../src/core/units.ts';
import { planGate } from '../../../../src/run/plan/plan-gate.ts';
import { resolvePlan } from '../../../../src/run/plan/resolve-plan.ts';
import { readCampaign } from '../../../fakes/scenarios.ts';

const FLOW = 'gateway.intentions';

function side(target: string, load: string, more = ''): Plan {
  const file = join(mkdtempSync(join(tmpdir(), 'gauntlet-gate-')), 'c.yaml');
  writeFileSync(
    file,
    `name: p\ntarget: sandbox\nload:\n  - { scenario: gateway-intentions, ${load} }\n${more}`,
  );
  return resolvePlan({
    ...{ campaign: readCampaign(file), topology: null, target, id: 'id', seed: 1, scale: 1, versions: {} },
  });
}

const rule = (...quantities: GateMetric['quantity'][]): GateRule => ({
  metrics: quantities.map((quantity) => ({ flow: FLOW, quantity })),
  times: { allow: 0, find: 0.1 },
  failed: { allow: 0, find: 0.005 },
  alpha: 0.05,
  looks: [16, 24, 32],
  blockMs: ms(10_000),
  settleMs: ms(3000),
});

interface Asked {
  readonly load?: string;
  readonly more?: string;
  readonly rule?: GateRule;
  readonly budgetMs?: number;
  readonly aa?: boolean;
}

function planned(given: Asked): Plan {
  const { load = 'rate: 200/s', more = '', rule: asked = rule('p50'), budgetMs, aa = false } = given;
  const [baseline, candidate] = [side(aa ? 'green' : 'blue', load, more), side('green', load, more)];
  const budget = budgetMs === undefined ? null : ms(budgetMs);
  return planGate({
    ...{ baseline, candidate, rule: asked, warmupMs: ms(5000), budgetMs: budget, removalMs: ms(0), aa },
    ...{ recovery: { find: 0.2, allow: 0, pairs: 8 }, knowsReplicas: true },
  });
}

function problemsOf(asked: Asked): string[] {
  try {
    planned(asked);
    return [];
  } catch (error) {
    return (error as { problems: { subject: string; expected: string; got: string }[] }).problems.map(
      ({ subject, expected, got }) => `${subject}: expected ${expected}, got ${got}`,
    );
  }
}

describe('the plan of a gate', () => {
  it('loads each side under names and ids of its own, and says which pair goes first', () => {
    const plan = planned({});
    expect(plan.target).toBe('blue and green');
    expect(plan.load.map((one) => [one.scenario, one.flows[0]?.flow, one.env['GAUNTLET_RUN_ID']])).toEqual([
      ['gateway-intentions@baseline', `${FLOW}@baseline`, 'id-baseline'],
      ['gateway-intentions@candidate', `${FLOW}@candidate`, 'id-candidate'],
    ]);
    expect(plan.gate?.order).toHaveLength(40);
    expect(plan.objectives).toEqual([]);
  });

  it('warms both sides for 10 s at least', () => {
    expect(planned({}).gate?.leadMs).toBe(10_000);
  });

  it('makes a block as long as its quantiles need', () => {
    expect(planned({ rule: rule('p50', 'p99') }).gate?.blockMs).toBe(10_000);
    expect(planned({ load: 'rate: 50/s', rule: rule('p99') }).gate?.blockMs).toBe(22_000);
    expect(planned({ load: 'rate: 50/s', rule: rule('p50') }).gate?.blockMs).toBe(10_000);
  });

  it('says what to do where a block would become too long', () => {
    expect(problemsOf({ load: 'rate: 10/s', rule: rule('p99') })).toEqual([
      `campaign p: expected arrivals for blocks of at most 60 s, got blocks of 106 s for ${FLOW} at 10/s`,
    ]);
  });

  it('looks only as often as the budget allows, and refuses one that is too short', () => {
    expect(planned({ budgetMs: 11 * 60_000 }).gate?.looks).toEqual([16, 24]);
    expect(problemsOf({ budgetMs: 3 * 60_000 })).toEqual([
      'budget: expected time for the warm-up and the 16 pairs of the first look, 8m, got 180.0 s',
    ]);
  });

  it('replaces dropped pairs, up to a fifth of all, and never beyond the budget', () => {
    expect(planned({}).gate?.order).toHaveLength(40);
    const { gate, longestMs } = planned({ budgetMs: 15 * 60_000 });
    expect([gate?.looks, gate?.order.length, longestMs]).toEqual([[16, 24, 32], 34, 894_000]);
    for (const minutes of [8, 9, 11, 13, 15, 17, 20])
      expect(planned({ budgetMs: minutes * 60_000 }).longestMs).toBeLessThanOrEqual(minutes * 60_000);
  });

  it('refuses so few pairs that nothing could ever fail', () => {
    const few = { ...rule('failed', 'p50', 'p90', 'p95'), looks: [5] };
    expect(problemsOf({ rule: few })).toEqual([
      'campaign p: gate.pairs: expected at least 7 pairs at the last look, below which 4 metrics at a level of 5 % can never fail, got 5',
    ]);
    const cut = { ...few, looks: [5, 40] };
    expect(problemsOf({ rule: cut, budgetMs: 5 * 60_000 })).toEqual([
      'campaign p: gate.pairs: expected at least 7 pairs at the last look, below which 4 metrics at a level of 5 % can never fail, got 5',
    ]);
  });

  it('of one target on both sides says so, and keeps blocks, coins and looks of every gate', () => {
    const { target, gate } = planned({ aa: true });
    expect(target).toBe('green');
    expect(gate).toMatchObject({ aa: true, baseline: 'green', candidate: 'green' });
    const { aa: _aa, ...same } = gate ?? {};
    expect(same).toEqual({ ...planned({}).gate, baseline: 'green' });
  });

  it('has one hash for one load, whatever the seed, and another for another rate', () => {
    const hash = planned({}).gate?.loadHash;
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
    expect(planned({ rule: rule('p99') }).gate?.loadHash).toBe(hash);
    expect(planned({ load: 'rate: 201/s' }).gate?.loadHash).not.toBe(hash);
    expect(planned({ load: 'rate: 200/s, timeout: 2s' }).gate?.loadHash).not.toBe(hash);
  });

  it('names all that a gate cannot run, and flows that a side has not', () => {
    expect(problemsOf({ load: 'rate: auto up to 100/s' })).toEqual([
      'campaign p: expected a rate that both sides get, got rate: auto',
    ]);
    const other = { ...rule('p50'), metrics: [{ flow: 'shop.order', quantity: 'p50' as const }] };
    expect(problemsOf({ rule: other })).toEqual([
      `metrics: expected a flow that blue has: ${FLOW}, got shop.order`,
      `metrics: expected a flow that green has: ${FLOW}, got shop.order`,
    ]);
  });
});
