/** One objective against what was measured: enough samples first, then the interval, then the value. */
import { assertNever } from '../core/errors.ts';
import { faultOfPhase, withoutRound } from '../core/fault-steps.ts';
import type { Objective } from '../core/objective.ts';
import type { RecordsResult } from '../core/records.ts';
import {
  type Capacity,
  type FaultRecord,
  type ObjectiveResult,
  type ObjectiveStatus,
  whyNotInjected,
} from '../core/result.ts';
import type { Ms } from '../core/units.ts';
import { compare } from './abort.ts';
import { notGood } from './broken.ts';
import { decided, type Finding, noData, worstWindow } from './finding.ts';
import { isCounted, judgePath, type Paths, pathAt } from './judge-path.ts';
import { judgeQuantile } from './judge-quantile.ts';
import { judgeRecords } from './judge-records.ts';
import { afterFault, wasNot } from './judge-recovery.ts';
import type { LatencyHistogram } from './latency-histogram.ts';
import type { IntervalCounts, JudgedClock, PhaseWindow } from './phase-windows.ts';
import { judgeReady, type ReadyFacts } from './ready-instances.ts';
import { samplesForShare, wilson } from './statistics.ts';

export interface ObjectiveFacts extends Partial<ReadyFacts> {
  flowPhase(flow: string, phase: string): IntervalCounts | undefined;
  /** Of response and service: without failed answers. */
  histogram(flow: string, clock: JudgedClock, phase: string): LatencyHistogram | undefined;
  /** The sliding windows of a phase; undefined when the run had no such phase. */
  windows(phase: string, lengthMs: Ms): readonly PhaseWindow[] | undefined;
  readonly faults: readonly FaultRecord[];
  readonly capacity: readonly Capacity[];
  /** Absent: none were followed. */
  readonly records?: RecordsResult;
  /** Absent: none were followed. */
  readonly paths?: Paths;
}

export function judgeObjective(objective: Objective, facts: ObjectiveFacts): ObjectiveResult {
  const { name, flow, limit, source, scope, indicator } = objective;
  return {
    name,
    flow,
    phase: phaseText(scope),
    expression: `${objective.comparison} ${limit}`,
    limit,
    unit: UNITS[indicator.kind],
    source,
    ...ofPath(objective, facts, finding(objective, facts)),
  };
}

/** What was not read of a path counts as lost, which would be too slow, failed and never recovered. */
function ofPath({ flow, indicator }: Objective, { paths }: ObjectiveFacts, found: Finding): Finding {
  const [why] = isCounted({ indicator }) ? [] : (pathAt(paths, flow)?.path.open ?? []);
  if (why === undefined || found.status === 'NO-DATA') return found;
  return { ...found, status: 'INCONCLUSIVE', note: `not everything was read: ${why}` };
}

const phaseText = (scope: Objective['scope']): string =>
  scope.kind === 'phase' ? scope.phase : scope.kind === 'after' ? `after ${scope.fault}` : 'the run';

const UNITS = {
  quantile: 'ms',
  failed: 'ratio',
  rate: '/s',
  capacity: '/s',
  recovered: 'ms',
  loss: 's',
  ready: 'instances',
  lost: 'count',
  duplicated: 'count',
  late: 'ratio',
  stuck: 'count',
  reordered: 'count',
} as const;

function finding(objective: Objective, facts: ObjectiveFacts): Finding {
  const { indicator, scope, flow } = objective;
  const absent = scope.kind === 'phase' ? faultThatWasNot(scope.phase, facts.faults) : undefined;
  if (absent !== undefined) return noData(`${wasNot(absent)}, so its phase says nothing about it`);
  if (scope.kind === 'phase' && scope.overMs !== undefined) {
    return sliding(objective, scope.phase, scope.overMs, facts);
  }
  switch (indicator.kind) {
    case 'quantile':
      if (scope.kind === 'phase') {
        const histogram = facts.histogram(flow, indicator.clock, scope.phase);
        return judgeQuantile(objective, indicator, histogram, facts.flowPhase(flow, scope.phase));
      }
      break;
    case 'failed':
      if (scope.kind === 'phase') return failed(objective, facts.flowPhase(flow, scope.phase));
      break;
    case 'rate':
      if (scope.kind === 'phase') return rate(objective, facts.flowPhase(flow, scope.phase));
      break;
    case 'capacity':
      if (scope.kind === 'phase') return capacity(objective, scope.phase, facts.capacity);
      break;
    case 'ready':
      if (scope.kind === 'phase') return judgeReady(objective, flow, scope.phase, facts);
      break;
    case 'recovered':
    case 'loss':
      if (scope.kind === 'after') return afterFault(objective, scope.fault, facts.faults);
      break;
    case 'lost':
    case 'duplicated':
    case 'late':
    case 'stuck':
    case 'reordered':
      if (scope.kind !== 'after') return counted(objective, scope, facts);
      break;
    default:
      return assertNever(indicator);
  }
  return noData(`${indicator.kind} cannot be judged ${scopeWords(scope)}`);
}

/** Of records, or of a path. */
function counted(
  objective: Objective,
  scope: Exclude<Objective['scope'], { kind: 'after' }>,
  { records, paths, rounds }: ObjectiveFacts,
): Finding {
  const names = scope.kind === 'run' ? null : (rounds?.(scope.phase).map((one) => one.name) ?? [scope.phase]);
  const path = pathAt(paths, objective.flow);
  return path ? judgePath(objective, path, names) : judgeRecords(objective, records, names);
}

const scopeWords = ({ kind }: Objective['scope']): string =>
  kind === 'phase' ? 'in a phase' : kind === 'after' ? 'after a fault' : 'over the run';

function sliding(objective: Objective, phase: string, overMs: Ms, facts: ObjectiveFacts): Finding {
  const windows = facts.windows(phase, overMs);
  if (windows === undefined) return noData(`the run had no phase ${phase}`);
  const found = windows.map((window) => ({ ...window, finding: inWindow(objective, window) }));
  return (
    worstWindow(found, objective.comparison) ??
    noData(`${phase} was shorter than one window of ${overMs / 1000} s`)
  );
}

function inWindow(objective: Objective, window: PhaseWindow): Finding {
  const { indicator, flow } = objective;
  const counts = window.counts(flow);
  switch (indicator.kind) {
    case 'quantile':
      return judgeQuantile(objective, indicator, window.histogram(flow, indicator.clock), counts);
    case 'failed':
      return failed(objective, counts);
    case 'rate':
      return rate(objective, counts);
    default:
      return noData(`${indicator.kind} cannot be judged over windows`);
  }
}

/** The fault that the phase is named after, if it never took effect. */
function faultThatWasNot(phase: string, faults: readonly FaultRecord[]): FaultRecord | undefined {
  const name = faultOfPhase(phase)?.name;
  const isMeant = ({ name: fault, group }: FaultRecord): boolean =>
    withoutRound(fault) === name || (group !== undefined && withoutRound(group.name) === name);
  return faults.find((one) => isMeant(one) && whyNotInjected(one) !== null);
}

function failed(objective: Objective, phase: IntervalCounts | undefined): Finding {
  if (phase === undefined || phase.due === 0) return noData('no arrival was due');
  // A stale connection is no evidence for or against the system.
  const due = phase.due - (phase.stale ?? 0);
  if (due === 0) return noData('every arrival hit a connection that had idled too long');
  const bad = phase.failed + (due - phase.count);
  const needed = samplesForShare(objective.limit);
  const observed = bad / due;
  const interval = wilson(bad, due);
  // With few samples zero failures prove nothing, but too many failures are a miss at any sample size.
  const isBeyond = !compare(interval[0], objective.comparison, objective.limit);
  if (due < needed && !isBeyond) {
    return {
      ...noData(`${due} samples, ${needed} needed for this share`, due),
      observed,
      interval,
    };
  }
  return decided(objective, observed, interval, due);
}

function rate(objective: Objective, phase: IntervalCounts | undefined): Finding {
  if (phase === undefined || phase.due === 0) return noData('no arrival was due');
  const bad = notGood(phase);
  const found = decided(objective, phase.goodRate, null, phase.due);
  return bad === 0 ? found : { ...found, note: `${bad} of ${phase.due} arrivals had no good answer` };
}

/**
 * The true capacity is between the highest step that held and the lowest that did not, and below the latter.
 */
function capacity(objective: Objective, segment: string, all: readonly Capacity[]): Finding {
  const found = all.find((one) => one.segment === segment && one.flow === objective.flow);
  const last = found?.steps.at(-1);
  if (found === undefined || last === undefined) return noData('the search was never reached');
  const { highest, ceiling, steps } = found;
  const meets = (rate: number): boolean => compare(rate, objective.comparison, objective.limit);
  const interval = highest !== null && ceiling !== null ? ([highest, ceiling] as const) : null;
  const note =
    ceiling === null
      ? `no step up to ${last.rate.toFixed(1)}/s missed a condition for certain`
      : highest === null
        ? 'not even the first step held for certain'
        : null;
  const status: ObjectiveStatus =
    highest !== null && meets(highest)
      ? 'PASS'
      : ceiling !== null && ceiling <= objective.limit
        ? 'FAIL'
        : 'INCONCLUSIVE';
  return { observed: highest, interval, samples: steps.length, status, note };
}
