/** The faults of a campaign in the plan of a gate. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { GateRule } from '../../../../src/core/gate.ts';
import type { Plan } from '../../../../src/core/plan.ts';
import { planShape } from '../../../../src/core/shapes/plan-shape.ts';
import { ms } from '../../../../src/core/units.ts';
import { looksOf } from '../../../../src/measure/gate/gate-levels.ts';
import { gateRule } from '../../../../src/run/gate/gate-rule.ts';
import { planGate } from '../../../../src/run/plan/plan-gate.ts';
import { resolvePlan } from '../../../../src/run/plan/resolve-plan.ts';
import { readCampaign } from '../../../fakes/scenarios.ts';

const FLOW = 'gateway.intentions';

function planned(faults: string, gate = '', budget?: string, aa = false): Plan {
  const file = join(mkdtempSync(join(tmpdir(), 'gauntlet-gate-')), 'c.yaml');
  writeFileSync(
    file,
    `name: p\ntarget: sandbox\nload:\n  - { scenario: gateway-intentions, rate: 200/s }\nbaseline: 12s\nrepeat: 3\nfaults:\n${faults}recovery: { hold: 2s, timeout: 30s }\ngate:\n  metrics: [failed, p50]\n${gate}`,
  );
  const campaign = readCampaign(file);
  const side = (target: string): Plan =>
    resolvePlan({
      ...{ campaign, topology: null, target, id: 'id', seed: 1, scale: 1, versions: {} },
    });
  return planGate({
    knowsReplicas: true,
    ...{ baseline: side('blue'), candidate: side('green'), warmupMs: ms(5000), removalMs: ms(0), aa },
    ...gateRule(campaign, budget === undefined ? {} : { budget }),
  });
}

function problemsOf(plan: () => Plan): string[] {
  try {
    plan();
    return [];
  } catch (error) {
    return (error as { problems: { subject: string; expected: string; got: string }[] }).problems.map(
      ({ subject, expected, got }) => `${subject}: expected ${expected}, got ${got}`,
    );
  }
}

const KILL = '  - kill-pod: { service: gateway }\n';
const BOTH = `${KILL}  - throttle-redis: { latency: 40ms, for: 8s }\n`;

describe('the faults of a gate', () => {
  it('are played on both sides in the order of coins, each pair with one draw', () => {
    const { gate, faults } = planned(KILL, '  recovery: { pairs: 7 }\n');
    const order = gate?.recovery?.order ?? [];
    expect(order).toHaveLength(7);
    expect(new Set(order)).toEqual(new Set(['AB', 'BA']));
    const sides = order.flatMap((one) =>
      one === 'AB' ? ['baseline', 'candidate'] : ['candidate', 'baseline'],
    );
    expect(faults.map((one) => one.side)).toEqual(sides);
    expect(faults.map((one) => one.round)).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7]);
    expect(
      faults
        .slice(0, 4)
        .map((one) => one.name)
        .sort(),
    ).toEqual(['kill-pod@baseline', 'kill-pod@baseline@2', 'kill-pod@candidate', 'kill-pod@candidate@2']);
    expect(faults[0]?.seed).toBe(faults[1]?.seed);
    expect(faults[2]?.seed).not.toBe(faults[0]?.seed);
  });

  it('take turns within a pair, and say which are held until their end', () => {
    const { gate, faults } = planned(BOTH);
    expect(gate?.recovery?.faults).toEqual([
      { name: 'kill-pod', members: ['kill-pod'], isHeld: false },
      { name: 'throttle-redis', members: ['throttle-redis'], isHeld: true },
    ]);
    expect(gate?.recovery).toMatchObject({ find: 0.2, allow: 0, pairs: 8, flows: [FLOW] });
    expect(faults.slice(0, 4).map((one) => one.kind)).toEqual([
      'kill-pod',
      'kill-pod',
      'throttle-redis',
      'throttle-redis',
    ]);
    expect(faults).toHaveLength(32);
  });

  it('keep groups whole, each side and pair with a group of its own', () => {
    const { gate, faults } = planned(
      '  - together:\n    - kill-pod: { service: gateway }\n    - throttle-redis: { latency: 40ms, for: 8s }\n',
    );
    expect(gate?.recovery?.faults[0]?.members).toEqual(['kill-pod', 'throttle-redis']);
    expect(new Set(faults.map((one) => one.group?.name)).size).toBe(16);
  });

  it('have a load of their own: the same flows at their whole rate, under new ids', () => {
    const plan = planned(KILL);
    expect(
      plan.faultLoad?.map(({ scenario, flows, env }) => [
        scenario,
        flows[0]?.flow,
        flows[0]?.schedule.startRate,
        env['GAUNTLET_RUN_ID'],
      ]),
    ).toEqual([
      ['gateway-intentions@baseline.faults', `${FLOW}@baseline`, 200, 'id-baseline-faults'],
      ['gateway-intentions@candidate.faults', `${FLOW}@candidate`, 200, 'id-candidate-faults'],
    ]);
    expect(plan.baselineMs).toBe(12_000);
    expect(planShape.safeParse(JSON.parse(JSON.stringify(plan))).success).toBe(true);
  });

  it('count in its length and in its budget', () => {
    const [without, with8] = [planned(KILL, '  recovery: { pairs: 7 }\n'), planned(KILL)];
    // A pair more: both sides, each with 3 s around the fault, 2 s of hold and 5 s until it is back.
    expect((with8.expectedMs ?? 0) - (without.expectedMs ?? 0)).toBe(20_000);
    expect(with8.longestMs - without.longestMs).toBe(2 * (30_000 + 32_000));
    expect(problemsOf(() => planned(KILL, '', '8m'))).toEqual([
      'budget: expected time for the warm-up and the 16 pairs of the first look, and the faults, 11m, got 480.0 s',
    ]);
  });

  it('are refused in so few pairs that nothing could ever fail', () => {
    expect(problemsOf(() => planned(BOTH, '  recovery: { pairs: 6 }\n'))).toEqual([
      'campaign p: gate.recovery.pairs: expected at least 7 pairs, below which 4 metrics and recoveries at a level of 5 % can never fail, got 6',
    ]);
  });

  it('are left out where both sides are one target, which the plan says', () => {
    const plan = planned(KILL, '', undefined, true);
    expect([plan.faults, plan.faultLoad, plan.gate?.recovery]).toEqual([[], undefined, undefined]);
    expect(plan.notes).toEqual(['The faults of the campaign are not played: --aa measures noise.']);
    expect(planned(KILL).notes).toEqual([
      'repeat: 3 of the campaign is not used: gate.recovery.pairs says how often, 8.',
    ]);
  });

  it('share the level of the gate with its metrics', () => {
    const rule = planned(BOTH).gate as GateRule;
    const four = { ...rule, metrics: [...rule.metrics, ...rule.metrics] };
    const levels = (of: GateRule): readonly number[] => looksOf(of).map((one) => one.failLevel);
    expect(levels(rule)).toEqual(levels({ ...four, recovery: undefined as never }));
    expect(looksOf(rule).at(-1)?.passLevel).toBeCloseTo(0.0427, 4);
  });
});
