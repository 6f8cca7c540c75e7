/** Small, complete facts for the judges: a run in which all is well, to be spoilt one thing at a time. */
import type {
  FaultRecord,
  FlowPhase,
  ObjectiveResult,
  Quantiles,
  Recovery,
} from '../../../src/core/result.ts';
import type { RunFacts } from '../../../src/measure/judge.ts';
import type { JudgedPhase } from '../../../src/measure/judge-generator.ts';
import { DenseCounts } from '../../../src/measure/latency-histogram.ts';

const NONE: Quantiles = { p50: null, p90: null, p95: null, p99: null, p999: null, max: null };

export const flat = (value: number): Quantiles => ({
  p50: value,
  p90: value,
  p95: value,
  p99: value,
  p999: value,
  max: value,
});

export const flowPhase = (more: Partial<FlowPhase> = {}): FlowPhase => ({
  count: 1500,
  failed: 0,
  dropped: 0,
  due: 1500,
  seconds: 15,
  dueRate: 100,
  attainedRate: 100,
  goodRate: 100,
  responseMs: flat(10),
  goodMs: flat(10),
  failedMs: NONE,
  serviceMs: flat(9),
  latenessMs: flat(1),
  droppedMs: NONE,
  connectMs: NONE,
  connects: 0,
  outcomes: {},
  ...more,
});

export const judged = (stats: Partial<FlowPhase> = {}, more: Partial<JudgedPhase> = {}): JudgedPhase => ({
  flow: 'g',
  phase: 'baseline',
  worstStallMs: 2000,
  ...more,
  stats: flowPhase(stats),
});

export const recovery = (more: Partial<Recovery> = {}): Recovery => ({
  status: 'recovered',
  onsetMs: 100,
  sinceInjectedMs: 8000,
  sinceRemovedMs: 1000,
  boundMs: 200,
  worst: 1,
  lossSeconds: 4,
  flaps: 0,
  ...more,
});

export const fault = (more: Partial<FaultRecord> = {}): FaultRecord => ({
  name: 'kill-pod',
  kind: 'kill-pod',
  victim: 'specialist-business-0',
  plannedAt: 1,
  appliedAt: 2,
  injectedAt: 3,
  removedAt: 4,
  status: 'injected',
  injection: null,
  removal: null,
  lease: null,
  recovery: { 'g failed': recovery(), 'g slow': recovery({ sinceInjectedMs: 9000 }) },
  pod: null,
  timers: [],
  ...more,
});

export const objective = (more: Partial<ObjectiveResult> = {}): ObjectiveResult => ({
  name: 'g p99 < 500ms in baseline',
  flow: 'g',
  phase: 'baseline',
  expression: '< 500',
  observed: 10,
  interval: [9, 11],
  limit: 500,
  unit: 'ms',
  samples: 1500,
  status: 'PASS',
  source: null,
  note: null,
  ...more,
});

export const ledger = (more: object = {}) => ({
  due: 1500,
  started: 1500,
  dropped: 0,
  completed: 1500,
  interrupted: 0,
  balanced: true,
  problems: [],
  ...more,
});

export const runFacts = (more: Partial<RunFacts> = {}): RunFacts => ({
  flows: ['g'],
  judged: [judged()],
  calm: [judged()],
  ledgers: { g: ledger() },
  outcomes: {},
  faults: [fault()],
  plannedFaults: ['kill-pod'],
  objectives: [objective()],
  abortedBecause: null,
  interruptedBy: null,
  failures: [],
  isLoaded: true,
  isComplete: true,
  flaws: [],
  dataProblems: [],
  clockStepsMs: [],
  ...more,
});

/** Pairs of [how many, at which ms]; below 2 ms a bucket is one µs wide, so the values are exact. */
export function histogram(...parts: readonly (readonly [number, number])[]): DenseCounts {
  const counts = new DenseCounts();
  for (const [count, ms] of parts) counts.addBucket(Math.round(ms * 1000), count);
  return counts;
}
