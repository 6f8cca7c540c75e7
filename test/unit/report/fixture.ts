/**
 * A realistic night run for tests and for looking at: 6 flows, 3 faults, one relapse, one recovery that never came,
 * dropped arrivals. Deterministic; the counts of phases and ledger are sums of the series, so they agree.
 */
import type { RunEvent, RunEventBody } from '../../../src/core/events.ts';
import type { Phase } from '../../../src/core/phase.ts';
import type { Plan } from '../../../src/core/plan.ts';
import type { FlowPhase, Ledger, Quantiles, Result } from '../../../src/core/result.ts';
import { seededRng } from '../../../src/core/rng.ts';
import { epochMs, ms, perSecond } from '../../../src/core/units.ts';
import { verdictOf } from '../../../src/core/verdict.ts';
import type { ReportInput, SeriesPoint } from '../../../src/report/input.ts';
import { demoFaults } from './fixture-faults.ts';

/** 2026-11-21 03:12:08 UTC. */
export const START = Date.UTC(2026, 10, 21, 3, 12, 8);
const LENGTH_S = 158;

export const RATES: Readonly<Record<string, number>> = {
  'gateway.intentions': 100,
  'specialist.business': 10,
  'specialist.technical': 10,
  'specialist.behavior': 10,
  'specialist.evolution': 10,
  'hive.plan': 20,
};

const PHASES: readonly (readonly [string, number, number])[] = [
  ['warmup', 0, 5],
  ['baseline', 5, 20],
  ['fault:kill-pod', 20, 26],
  ['recovery:kill-pod', 26, 40],
  ['fault:partition-kafka', 40, 49],
  ['recovery:partition-kafka', 49, 112],
  ['fault:throttle-redis', 112, 121],
  ['recovery:throttle-redis', 121, 155],
];

/** How bad a flow is in a second: a factor on its latency, a share failed, a share dropped. */
function trouble(flow: string, second: number): readonly [number, number, number] {
  if (flow === 'specialist.business' && second >= 20 && second < 25) return [4, 0.85, 0];
  if (flow === 'gateway.intentions' && second >= 20 && second < 24) return [6, 0.12, 0];
  const kafka = flow === 'gateway.intentions' || flow === 'hive.plan';
  if (kafka && second >= 40 && second < 50) return [90, 0.35, second > 44 ? 0.4 : 0];
  // The relapse: back at 52 s, gone again when the old leader returns.
  if (flow === 'gateway.intentions' && second >= 58 && second < 62) return [30, 0.2, 0.05];
  // Never back within the watch.
  if (flow === 'hive.plan' && second >= 50 && second < 112) return [25, 0.3, 0];
  if (flow === 'gateway.intentions' && second >= 112 && second < 121) return [7, 0, 0];
  return [1, 0, 0];
}

function pointsOf(flow: string, rate: number, seed: number): SeriesPoint[] {
  const rng = seededRng(seed);
  return Array.from({ length: LENGTH_S }, (_, index) => {
    const [slower, failing, dropping] = trouble(flow, index);
    const noise = 0.85 + rng.next() * 0.3;
    const base = (flow.startsWith('gateway') ? 18 : flow === 'hive.plan' ? 140 : 9) * slower * noise;
    const dropped = Math.round(rate * dropping);
    const started = rate - dropped;
    const round = (value: number): number => Math.round(value * 100) / 100;
    return {
      second: START / 1000 + index,
      due: rate,
      started,
      dropped,
      failed: Math.round(started * failing * noise),
      p50: round(base),
      p95: round(base * 2.1),
      p99: round(base * (3.2 + rng.next())),
    };
  });
}

const EMPTY: Quantiles = { p50: null, p90: null, p95: null, p99: null, p999: null, max: null };

function quantilesOf(points: readonly SeriesPoint[], scale: number): Quantiles {
  if (points.length === 0) return EMPTY;
  const mean = points.reduce((sum, point) => sum + (point.p50 ?? 0), 0) / points.length;
  const top = Math.max(...points.map((point) => point.p99 ?? 0));
  return {
    p50: mean * scale,
    p90: mean * 1.8 * scale,
    p95: mean * 2.2 * scale,
    p99: top * 0.9 * scale,
    p999: top * scale,
    max: top * 1.2 * scale,
  };
}

const sum = (points: readonly SeriesPoint[], key: 'due' | 'started' | 'dropped' | 'failed'): number =>
  points.reduce((total, point) => total + point[key], 0);

function statsOf(points: readonly SeriesPoint[]): FlowPhase {
  const dropped = sum(points, 'dropped');
  const seconds = points.length;
  return {
    count: sum(points, 'started'),
    failed: sum(points, 'failed'),
    dropped,
    due: sum(points, 'due'),
    seconds,
    dueRate: sum(points, 'due') / seconds,
    attainedRate: sum(points, 'started') / seconds,
    responseMs: quantilesOf(points, 1),
    serviceMs: quantilesOf(points, 0.94),
    latenessMs: quantilesOf(points, 0.02),
    droppedMs: dropped === 0 ? EMPTY : quantilesOf(points, 1.1),
  };
}

function ledgerOf(points: readonly SeriesPoint[]): Ledger {
  const started = sum(points, 'started');
  return {
    due: sum(points, 'due'),
    started,
    dropped: sum(points, 'dropped'),
    completed: started,
    interrupted: 0,
    balanced: true,
    problems: [],
  };
}

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

const objectives: Result['objectives'] = [
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

export const event = (second: number, body: RunEventBody): RunEvent => ({
  ...body,
  at: epochMs(START + second * 1000),
  wall: epochMs(START + second * 1000),
});

function demoEvents(plan: Plan, result: Result): RunEvent[] {
  const told = result.faults.flatMap((record, index): RunEvent[] => {
    const at = (time: number | null): number => ((time ?? START) - START) / 1000;
    return [
      event(at(record.plannedAt), {
        kind: 'fault-planned',
        fault: record.name,
        victims: [record.victim],
        timers: record.timers,
      }),
      event(at(record.appliedAt), { kind: 'fault-applied', fault: record.name }),
      event(at(record.injectedAt), {
        kind: 'fault-injected',
        fault: record.name,
        boundMs: record.injection?.boundMs ?? 0,
        evidence: record.injection?.evidence ?? '',
      }),
      ...(record.pod === null
        ? [
            event(at(record.removedAt) - 0.2, {
              kind: 'fault-undoing',
              fault: record.name,
              why: 'held for 8 s',
            }),
          ]
        : []),
      event(at(record.removedAt), {
        kind: 'fault-removed',
        fault: record.name,
        boundMs: record.removal?.boundMs ?? 0,
        evidence: record.removal?.evidence ?? '',
      }),
      ...Object.entries(record.recovery)
        .filter(([, one]) => one.status === 'recovered')
        .map(([sli, one]) =>
          event(at(record.injectedAt) + (one.sinceInjectedMs ?? 0) / 1000, {
            kind: 'recovered',
            fault: record.name,
            sli,
            sinceInjectedMs: one.sinceInjectedMs ?? 0,
          }),
        ),
      event(PHASES[3 + 2 * index]?.[2] ?? LENGTH_S, { kind: 'fault-done', record }),
    ];
  });
  const phases = PHASES.map(([name, from]) => event(from, { kind: 'phase', name }));
  return [
    event(0, {
      kind: 'run-started',
      id: plan.id,
      campaign: plan.campaign,
      target: plan.target,
      seed: plan.seed,
      longestMs: plan.longestMs,
    }),
    event(0, { kind: 'load-started', scenario: 'gateway-intentions', pid: 4711 }),
    ...[...phases, ...told].sort((a, b) => a.at - b.at),
    event(LENGTH_S, { kind: 'run-ended', verdict: result.verdict }),
  ];
}

export function demoInput(): ReportInput {
  const series = Object.fromEntries(
    Object.entries(RATES).map(([flow, rate], index) => [flow, pointsOf(flow, rate, 7 + index)]),
  );
  const phases: Phase[] = PHASES.map(([name, from, to]) => ({
    name,
    from: epochMs(START + from * 1000),
    to: epochMs(START + to * 1000),
  }));
  const flows = Object.fromEntries(
    Object.entries(series).map(([flow, points]) => [
      flow,
      Object.fromEntries(PHASES.map(([name, from, to]) => [name, statsOf(points.slice(from, to))])),
    ]),
  );
  const plan = demoPlan();
  const result: Result = {
    schema: 'gauntlet.result/1',
    run: {
      id: plan.id,
      campaign: plan.campaign,
      target: plan.target,
      seed: plan.seed,
      startedAt: new Date(START).toISOString(),
      endedAt: new Date(START + LENGTH_S * 1000).toISOString(),
      versions: { ...plan.versions, kafka: '4.1.1', redis: '7.0.15' },
    },
    verdict: verdictOf([
      { status: 'PASS', text: 'gateway.intentions p99 < 500ms in baseline: 71.4 ms' },
      { status: 'FAIL', text: 'hive.plan recovered < 60s after partition-kafka: still degraded after 60 s' },
      {
        status: 'INCONCLUSIVE',
        text: 'hive.plan p95 < 300ms in baseline: 294 ms, 95% interval 279 … 331 ms',
      },
    ]),
    phases,
    flows,
    faults: demoFaults(START),
    ledger: ledgerOf(Object.values(series).flat()),
    ledgers: Object.fromEntries(Object.entries(series).map(([flow, points]) => [flow, ledgerOf(points)])),
    objectives,
    harness: { cpuRatio: 0.11, k6CpuRatio: 0.42, rssMb: 148, k6RssMb: 212 },
  };
  return { result, plan, series, events: demoEvents(plan, result) };
}

/** A run that was stopped before anything was measured. */
export function emptyInput(): ReportInput {
  const full = demoInput();
  const empty: Ledger = ledgerOf([]);
  return {
    plan: { ...full.plan, load: [], faults: [] },
    series: {},
    events: [
      event(0, {
        kind: 'run-started',
        id: full.plan.id,
        campaign: 'demo',
        target: 'sandbox',
        seed: 42,
        longestMs: 1000,
      }),
      event(1, { kind: 'interrupted', signal: 'SIGINT' }),
    ],
    result: {
      ...full.result,
      verdict: verdictOf([{ status: 'INVALID', text: 'interrupted by SIGINT' }]),
      phases: [],
      flows: {},
      faults: [],
      ledger: empty,
      ledgers: {},
      objectives: [],
      harness: null,
    },
  };
}
