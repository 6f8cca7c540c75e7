/**
 * Targets that accept load: the sandbox and this machine always, others only as far as the target file
 * allows.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../../../src/core/errors.ts';
import type { ArrivalSchedule, ScenarioLoad } from '../../../../src/core/load-plan.ts';
import type { Plan } from '../../../../src/core/plan.ts';
import type { RateFound } from '../../../../src/core/rate-search.ts';
import { epochMs, ms, perSecond } from '../../../../src/core/units.ts';
import { needsConsent, questionOf } from '../../../../src/run/open/consent.ts';
import { isOnThisMachine, loadProblems, peakRate } from '../../../../src/run/open/load-consent.ts';
import { targetFrom } from '../../../fakes/topology.ts';

const PARTS = 'gateway: { url: "http://prod.example:8000" }';
const K8S =
  'platform: kubernetes\nkubernetes: { context: c, services: { gateway: { namespace: n, selector: app=g } } }\n' +
  'gateway: { url: "http://127.0.0.1:8000" }';
const target = (policy: string, parts = `platform: none\n${PARTS}`) =>
  targetFrom('prod.yaml', `name: prod\n${parts}\n${policy}`);

const constant = (rate: number): ArrivalSchedule => ({ startRate: perSecond(rate), stages: [] });
const loadOf = (...schedules: readonly ArrivalSchedule[]): readonly ScenarioLoad[] => [
  {
    scenario: 's',
    script: 's.ts',
    env: {},
    flows: schedules.map((schedule, index) => ({
      flow: `f${index}`,
      executor: `f${index}`,
      schedule,
      worstStallMs: ms(1000),
      vus: 1,
    })),
  },
];
const planOf = (
  load: readonly ScenarioLoad[],
  over: Partial<Plan> = {},
): Pick<Plan, 'load' | 'scale' | 'longestMs' | 'faults'> => ({
  load,
  scale: 1,
  longestMs: ms(60_000),
  faults: [],
  ...over,
});
// 2026-11-20 is a Friday.
const NOON = epochMs(Date.parse('2026-11-20T12:00:00Z'));
const said = (plan: ReturnType<typeof planOf>, policy: string, at = NOON, parts?: string) =>
  loadProblems(plan, target(policy, parts), at).map(formatProblem);

describe('load on a target that is elsewhere', () => {
  it('counts a rate that is searched as twice its ceiling, to which the search climbs', () => {
    const policy = 'policy: { load: { optIn: true, maxRate: 150/s } }';
    const searched = (found: RateFound | null): Partial<Plan> => ({
      rateSearch: { scenarios: ['s'], found },
    });
    expect(said(planOf(loadOf(constant(100)), searched(null)), policy)).toEqual([
      'load on target prod: expected at most 150/s in all (policy.load.maxRate), got 200/s. ' +
        'Lower the rate. Only the owner of the target may raise the ceiling, in the target file.',
    ]);
    expect(questionOf(planOf(loadOf(constant(100)), searched(null)), target(policy))?.acts).toBe(
      'send up to 200/s to prod',
    );
    const found = { carriedShare: 1, share: 0.5, why: '', levels: [] };
    expect(said(planOf(loadOf(constant(100)), searched(found)), policy)).toEqual([]);
    expect(said(planOf(loadOf(constant(75)), searched(null)), policy)).toEqual([]);
  });

  it('needs a rate under a ceiling: a closed model has no bound of its own', () => {
    const [load] = loadOf(constant(1));
    if (load === undefined) throw new Error('one load');
    const foreign = { kind: 'constant-vus', model: 'closed', exec: 'default' } as const;
    const closed = [{ ...load, flows: load.flows.map((flow) => ({ ...flow, foreign })) }];
    const said100 =
      'load on target prod: expected a rate for each flow, because at most 100/s are allowed, got the closed model of f0, whose rate has no bound. Write rate: and exec: next to the script.';
    expect(said(planOf(closed), 'policy: { load: { optIn: true, maxRate: 100/s } }')).toEqual([said100]);
    expect(said(planOf(closed), 'policy: { load: { optIn: true } }')).toEqual([said100]);
  });

  it('is refused without opt-in, whatever the scale, and the refusal says who may allow it', () => {
    const refusal =
      'load on target prod: expected policy.load.optIn: true in its target file, because it is not on this machine, got false. ' +
      'Its owner allows load there with policy: { load: { optIn: true, maxRate: 100/s } }.';
    expect(said(planOf(loadOf(constant(10))), '')).toEqual([refusal]);
    expect(said(planOf(loadOf(constant(10))), 'policy: { optIn: true, load: { optIn: false } }')).toEqual([
      refusal,
    ]);
    expect(said(planOf(loadOf(constant(10_000)), { scale: 1000 }), '')).toEqual([
      refusal,
      'load on target prod: expected at most 100/s in all (without policy.load.maxRate), got 10,000/s with --scale 1000. ' +
        'Lower the rate. Only the owner of the target may raise the ceiling, in the target file.',
    ]);
  });

  it('follows the opt-in to faults, and may be allowed alone', () => {
    expect(said(planOf(loadOf(constant(100))), 'policy: { optIn: true }')).toEqual([]);
    expect(said(planOf(loadOf(constant(100))), 'policy: { load: { optIn: true } }')).toEqual([]);
    expect(target('policy: { load: { optIn: true } }').policy.optIn).toBe(false);
  });

  it('is refused above the ceiling of the file, which counts all flows together', () => {
    const policy = 'policy: { load: { optIn: true, maxRate: 200/s } }';
    expect(said(planOf(loadOf(constant(120), constant(80))), policy)).toEqual([]);
    expect(said(planOf(loadOf(constant(120), constant(80.5))), policy)).toEqual([
      'load on target prod: expected at most 200/s in all (policy.load.maxRate), got 200.5/s. ' +
        'Lower the rate. Only the owner of the target may raise the ceiling, in the target file.',
    ]);
  });

  it('is refused outside the hours, and when it may last beyond them', () => {
    const policy = 'policy: { optIn: true, hours: "Mon-Fri 09:00-17:00" }';
    const plan = planOf(loadOf(constant(10)), { longestMs: ms(600_000) });
    const at = (time: string) => said(plan, policy, epochMs(Date.parse(`2026-11-20T${time}Z`)));
    expect(at('12:00:00')).toEqual([]);
    expect(at('16:50:00')).toEqual([]);
    expect(at('16:50:01')).toEqual([
      'policy.hours: expected a time within Mon-Fri 09:00-17:00 UTC, got Fri 16:50 UTC, which may last until Fri 17:00 UTC. ' +
        'Hold and removal must end within the hours: begin earlier, or make it shorter.',
    ]);
    expect(at('18:00:00')).toEqual([
      'policy.hours: expected a time within Mon-Fri 09:00-17:00 UTC, got Fri 18:00 UTC.',
    ]);
  });

  it('is asked for in a cluster too, to which a port-forward on loopback leads', () => {
    expect(said(planOf(loadOf(constant(10))), '', NOON, K8S)).toHaveLength(1);
    expect(said(planOf(loadOf(constant(10))), 'policy: { optIn: true }', NOON, K8S)).toEqual([]);
  });
});

describe('load on this machine', () => {
  const here = (...lines: readonly string[]) =>
    isOnThisMachine(targetFrom('t.yaml', ['name: t', ...lines].join('\n')));

  it('needs no policy: the sandbox, and a target whose addresses are all loopback', () => {
    expect(here('platform: sandbox')).toBe(true);
    expect(here('platform: none', 'gateway: { url: "http://127.0.0.1:1" }')).toBe(true);
    expect(
      here('platform: none', 'gateway: { url: "http://localhost:1" }', 'redis: { url: "redis://[::1]" }'),
    ).toBe(true);
    expect(
      said(planOf(loadOf(constant(5000))), '', NOON, 'platform: none\ngateway: { url: "http://127.8.0.1" }'),
    ).toEqual([]);
  });

  it.each([
    'gateway: { url: "http://128.0.0.1" }',
    'gateway: { url: "http://localhost.example.com" }',
    'gateway: { url: "http://127.0.0.1.example.com" }',
    'gateway: { url: "http://10.0.0.1" }',
    'gateway: { url: "http://[::2]" }',
    'kafka: { brokers: ["127.0.0.1:9092", "kafka.prod:9092"] }',
    'specialists: { business: "10.1.2.3:50051" }',
    'redis: { url: "redis://cache.prod" }',
  ])('is not that of a target with %s', (part) => {
    const local = part.startsWith('gateway') ? '' : 'gateway: { url: "http://127.0.0.1:1" }';
    expect(here('platform: none', part, local)).toBe(false);
  });

  it('keeps the ceiling of its file all the same', () => {
    const parts = 'platform: none\ngateway: { url: "http://127.0.0.1:1" }';
    expect(
      said(planOf(loadOf(constant(20))), 'policy: { load: { maxRate: 10/s } }', NOON, parts),
    ).toHaveLength(1);
  });
});

describe('the peak of a load', () => {
  it('is that of all flows at one instant, not the sum of their peaks', () => {
    const up = { startRate: perSecond(0), stages: [{ to: perSecond(100), durationMs: ms(1000) }] };
    const down = { startRate: perSecond(100), stages: [{ to: perSecond(0), durationMs: ms(1000) }] };
    expect(peakRate(loadOf(up, down))).toBe(100);
    expect(peakRate(loadOf(up, constant(30)))).toBe(130);
    expect(peakRate([])).toBe(0);
  });

  it('is never below the load at any instant', () => {
    const rate = fc.integer({ min: 0, max: 1000 });
    const schedule = fc.record({
      startRate: rate.map(perSecond),
      stages: fc.array(
        fc.record({ to: rate.map(perSecond), durationMs: fc.integer({ min: 0, max: 50 }).map(ms) }),
        {
          maxLength: 4,
        },
      ),
    });
    const rateAt = ({ startRate, stages }: ArrivalSchedule, at: number): number => {
      let [from, begun]: [number, number] = [startRate, 0];
      for (const { to, durationMs } of stages) {
        if (at < begun + durationMs) return from + ((to - from) * (at - begun)) / durationMs;
        [from, begun] = [to, begun + durationMs];
      }
      return from;
    };
    fc.assert(
      fc.property(fc.array(schedule, { minLength: 1, maxLength: 4 }), fc.nat(220), (schedules, at) => {
        const sum = schedules.reduce((total, one) => total + rateAt(one, at), 0);
        expect(peakRate(loadOf(...schedules))).toBeGreaterThanOrEqual(sum - 1e-6);
      }),
    );
  });
});

describe('the question before a run', () => {
  const fault = { name: 'kill-pod' } as Plan['faults'][number];
  it('names load and faults of a target that is elsewhere, and the target', () => {
    const plan = planOf(loadOf(constant(150)), { faults: [fault] });
    expect(questionOf(plan, target(''))).toEqual({
      acts: 'send up to 150/s to prod and inject kill-pod into prod',
      target: 'prod',
    });
    expect(questionOf({ ...plan, faults: [] }, target(''))?.acts).toBe('send up to 150/s to prod');
  });

  it('is not asked for load on this machine, and not on a sandbox of any name', () => {
    const here = target('', 'platform: none\ngateway: { url: "http://127.0.0.1:1" }');
    expect(questionOf(planOf(loadOf(constant(9))), here)).toBeNull();
    expect(questionOf(planOf(loadOf(constant(9)), { faults: [fault] }), here)?.acts).toBe(
      'inject kill-pod into prod',
    );
    const sandbox = targetFrom('t.yaml', 'name: mine\nplatform: sandbox');
    expect(questionOf(planOf(loadOf(constant(9)), { faults: [fault] }), sandbox)).toBeNull();
    expect(needsConsent(sandbox)).toBe(false);
    const named = targetFrom('t.yaml', `name: sandbox\nplatform: none\n${PARTS}`);
    expect(needsConsent(named)).toBe(true);
  });
});
