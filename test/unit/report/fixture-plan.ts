/** The plan of the demo fixture and what was found of its objectives. */
import type { Plan } from '../../../src/core/plan.ts';
import type { Result } from '../../../src/core/result.ts';
import { ms, perSecond } from '../../../src/core/units.ts';

export const RATES: Readonly<Record<string, number>> = {
  'gateway.intentions': 100,
  'specialist.business': 10,
  'specialist.technical': 10,
  'specialist.behavior': 10,
  'specialist.evolution': 10,
  'hive.plan': 20,
};

export function demoPlan(): Plan {
  const flow = (name: string) => ({
    flow: name,
    executor: name.replace('.', '_'),
    schedule: { startRate: perSecond(RATES[name] ?? 1), stages: [] },
    worstStallMs: ms(10_000),
    vus: (RATES[name] ?? 1) * 10,
  });
  const scenario = (name: string, flows: readonly string[]) => ({
    scenario: name,
    script: `/work/scenarios/${name}.ts`,
    flows: flows.map(flow),
    env: { BASE_URL: 'http://127.0.0.1:8000' },
  });
  return {
    schema: 'gauntlet.plan/1',
    id: '20261121T031208-demo-7f3a',
    campaign: 'demo',
    target: 'sandbox',
    seed: 42,
    versions: { gauntlet: '0.1.0', k6: '2.2.0', node: '20.20.0' },
    load: [
      scenario('gateway-intentions', ['gateway.intentions']),
      scenario('specialists', [
        'specialist.business',
        'specialist.technical',
        'specialist.behavior',
        'specialist.evolution',
      ]),
      scenario('hive', ['hive.plan']),
    ],
    warmupMs: ms(5000),
    baselineMs: ms(15_000),
    faults: [
      {
        name: 'kill-pod',
        kind: 'kill-pod',
        spec: { service: 'specialist-business', signal: 'SIGKILL' },
        written: '{ service: specialist-business, signal: SIGKILL }',
        holdMs: null,
      },
      {
        name: 'partition-kafka',
        kind: 'partition-kafka',
        spec: { broker: 'leader of intentions.business' },
        written: '{ broker: "leader of intentions.business", for: 8s }',
        holdMs: ms(8000),
      },
      {
        name: 'throttle-redis',
        kind: 'throttle-redis',
        spec: { bandwidth: '256kbit', latency: '40ms' },
        written: '{ bandwidth: 256kbit, latency: 40ms, for: 8s }',
        holdMs: ms(8000),
      },
    ],
    recovery: { holdMs: ms(5000), timeoutMs: ms(60_000) },
    abort: [],
    objectives: [],
    longestMs: ms(240_000),
  };
}

export const objectives: Result['objectives'] = [
  {
    name: 'gateway.intentions p99 < 500ms in baseline',
    flow: 'gateway.intentions',
    phase: 'baseline',
    expression: 'p99 < 500ms',
    observed: 71.4,
    interval: [66.2, 78.9],
    limit: 500,
    unit: 'ms',
    samples: 1500,
    status: 'PASS',
    source: 'examples/slo-latency-example.yaml',
    note: null,
  },
  {
    name: 'gateway.intentions failed < 1% in baseline',
    flow: 'gateway.intentions',
    phase: 'baseline',
    expression: 'failed < 1%',
    observed: 0,
    interval: [0, 0.00245],
    limit: 0.01,
    unit: 'ratio',
    samples: 1500,
    status: 'PASS',
    source: 'examples/sla-management-system/example-slo-error-rate.yaml',
    note: null,
  },
  {
    name: 'hive.plan p95 < 300ms in baseline',
    flow: 'hive.plan',
    phase: 'baseline',
    expression: 'p95 < 300ms',
    observed: 294,
    interval: [279, 331],
    limit: 300,
    unit: 'ms',
    samples: 300,
    status: 'INCONCLUSIVE',
    source: null,
    note: 'the limit lies inside the 95% interval',
  },
  {
    name: 'specialist.technical p99 < 200ms in baseline',
    flow: 'specialist.technical',
    phase: 'baseline',
    expression: 'p99 < 200ms',
    observed: null,
    interval: null,
    limit: 200,
    unit: 'ms',
    samples: 150,
    status: 'NO-DATA',
    source: 'docs/PHASE1_TESTING_GUIDE.md:561',
    note: 'a p99 needs 1,000 samples',
  },
  {
    name: 'hive.plan recovered < 60s after partition-kafka',
    flow: 'hive.plan',
    phase: 'recovery:partition-kafka',
    expression: 'recovered < 60s',
    observed: null,
    interval: null,
    limit: 60_000,
    unit: 'ms',
    samples: 1260,
    status: 'FAIL',
    source: 'docs/observability/slos-alerting-guide.md:607',
    note: 'still degraded when the watch ended after 60 s',
  },
];
