/**
 * A realistic night run for tests and for looking at: 6 flows, 3 faults, one relapse, one recovery that never
 * came, dropped arrivals. Deterministic; the counts of phases and ledger are sums of the series, so they
 * agree.
 */
import type { RunEvent, RunEventBody } from '../../../src/core/events.ts';
import type { Plan } from '../../../src/core/plan.ts';
import type { FlowPhase, Ledger, Phase, Quantiles, Result } from '../../../src/core/result.ts';
import { seededRng } from '../../../src/core/rng.ts';
import { epochMs } from '../../../src/core/units.ts';
import { verdictOf } from '../../../src/core/verdict.ts';
import type { ReportInput, SeriesPoint } from '../../../src/report/input.ts';
import { demoFaults } from './fixture-faults.ts';
import { demoPlan, objectives, RATES } from './fixture-plan.ts';

/** 2026-11-21 03:12:08 UTC. */
export const START = Date.UTC(2026, 10, 21, 3, 12, 8);
const LENGTH_S = 158;

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

/** Two thirds of the failures are time-outs. */
function outcomesOf(failed: number, dropped: number): Record<string, number> {
  const timeout = Math.ceil((failed * 2) / 3);
  const all = [
    ['timeout', timeout],
    ['http-503', failed - timeout],
    ['dropped', dropped],
  ] as const;
  return Object.fromEntries(all.filter(([, count]) => count > 0).sort((a, b) => b[1] - a[1]));
}

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
    goodRate: (sum(points, 'started') - sum(points, 'failed')) / seconds,
    responseMs: quantilesOf(points, 1),
    goodMs: quantilesOf(points, 1),
    failedMs: sum(points, 'failed') === 0 ? EMPTY : quantilesOf(points, 0.1),
    serviceMs: quantilesOf(points, 0.94),
    latenessMs: quantilesOf(points, 0.02),
    connectMs: EMPTY,
    connects: 0,
    outcomes: outcomesOf(sum(points, 'failed'), dropped),
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
    repeats: [],
    capacity: [],
    objectives,
    harness: { cpuRatio: 0.11, k6CpuRatio: 0.42, rssMb: 148, k6RssMb: 212 },
  };
  return { result, plan, series, events: demoEvents(plan, result) };
}

/** Of one flow each iteration has a second request in the baseline. */
export function inputWithSteps(): ReportInput {
  const input = demoInput();
  const [flow = ''] = Object.keys(input.result.flows);
  const phases = input.result.flows[flow] ?? {};
  const baseline = phases['baseline'];
  if (baseline === undefined) throw new Error('the fixture has a baseline');
  const serviceMs = { p50: 1.5, p90: 1.6, p95: 1.7, p99: 1.8, p999: 1.9, max: 77.25 };
  const steps = { post: { count: 4321, serviceMs } };
  const flows = { ...input.result.flows, [flow]: { ...phases, baseline: { ...baseline, steps } } };
  return { ...input, result: { ...input.result, flows } };
}

/** A candidate that was compared with twelve earlier runs. */
export function historyInput(): ReportInput {
  const input = demoInput();
  const sentence = 'P99 ratio 1.31 (1.12–1.53) against 12 earlier runs';
  const metric = { flow: 'gateway.intentions', note: null };
  return {
    ...input,
    result: {
      ...input.result,
      verdict: verdictOf([{ status: 'FAIL', text: sentence }]),
      history: {
        ...{ status: 'FAIL', sentence, runs: 12, leftOut: [] },
        metrics: [
          {
            ...{ ...metric, quantity: 'failed', candidate: 0.001, baseline: 0.001, estimate: 0, low: -0.001 },
            ...{ high: 0.001, sdRun: null, detectable: null, status: 'PASS' },
          },
          {
            ...{ ...metric, quantity: 'p99', candidate: 91.7, baseline: 70, estimate: 1.31, low: 1.12 },
            ...{ high: 1.53, sdRun: 0.06, detectable: 0.2, status: 'FAIL' },
          },
        ],
      },
    },
  };
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
