/** One objective against what was measured: enough samples first, then the interval, then the value. */
import { assertNever } from '../core/errors.ts';
import type { Objective } from '../core/objective.ts';
import type { Capacity, FaultRecord, FlowPhase, ObjectiveResult, ObjectiveStatus } from '../core/result.ts';
import { withoutRound } from '../core/rounds.ts';
import { compare } from './abort.ts';
import type { LatencyHistogram } from './latency-histogram.ts';
import { quantileRanks, samplesForQuantile, samplesForShare, wilson } from './statistics.ts';

export interface ObjectiveFacts {
  flowPhase(flow: string, phase: string): FlowPhase | undefined;
  histogram(
    flow: string,
    clock: 'response' | 'service' | 'lateness',
    phase: string,
  ): LatencyHistogram | undefined;
  readonly faults: readonly FaultRecord[];
  readonly capacity: readonly Capacity[];
}

type Finding = Pick<ObjectiveResult, 'observed' | 'interval' | 'samples' | 'status' | 'note'>;

const noData = (note: string, samples = 0): Finding => ({
  observed: null,
  interval: null,
  samples,
  status: 'NO-DATA',
  note,
});

export function judgeObjective(objective: Objective, facts: ObjectiveFacts): ObjectiveResult {
  const { name, flow, limit, source, scope, indicator } = objective;
  return {
    name,
    flow,
    phase: scope.kind === 'phase' ? scope.phase : `after ${scope.fault}`,
    expression: `${objective.comparison} ${limit}`,
    limit,
    unit: UNITS[indicator.kind],
    source,
    ...finding(objective, facts),
  };
}

const UNITS = {
  quantile: 'ms',
  failed: 'ratio',
  rate: '/s',
  capacity: '/s',
  recovered: 'ms',
  loss: 's',
} as const;

function finding(objective: Objective, facts: ObjectiveFacts): Finding {
  const { indicator, scope, flow } = objective;
  const absent = scope.kind === 'phase' ? faultThatWasNot(scope.phase, facts.faults) : undefined;
  if (absent !== undefined) return noData(`${absent} was not injected, so its phase says nothing about it`);
  switch (indicator.kind) {
    case 'quantile':
      if (scope.kind === 'phase') {
        const histogram = facts.histogram(flow, indicator.clock, scope.phase);
        return quantile(objective, indicator, histogram, facts.flowPhase(flow, scope.phase));
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
    case 'recovered':
    case 'loss':
      if (scope.kind === 'after') return afterFault(objective, scope.fault, facts);
      break;
    default:
      return assertNever(indicator);
  }
  return noData(
    `${indicator.kind} cannot be judged ${scope.kind === 'phase' ? 'in a phase' : 'after a fault'}`,
  );
}

/** The fault that the phase is named after, if it never took hold. */
function faultThatWasNot(phase: string, faults: readonly FaultRecord[]): string | undefined {
  const name = /^(?:fault|recovery):(.+)$/.exec(phase)?.[1];
  return faults.find((one) => withoutRound(one.name) === name && one.status === 'not-injected')?.name;
}

function quantile(
  objective: Objective,
  { clock, quantile: q }: Extract<Objective['indicator'], { kind: 'quantile' }>,
  histogram: LatencyHistogram | undefined,
  phase: FlowPhase | undefined,
): Finding {
  if (histogram === undefined || histogram.count === 0) return noData('no samples');
  const needed = samplesForQuantile(q);
  const value = histogram.valueAtQuantile(q);
  if (histogram.count < needed || value === null) {
    return noData(`${histogram.count} samples, ${needed} needed for this quantile`, histogram.count);
  }
  const ranks = quantileRanks(histogram.count, q);
  const unanswered = phase === undefined ? 0 : phase.due - phase.count;
  // A dropped or interrupted arrival is in the response times with the least it can have been. In truth any
  // of them may be the slowest of all, which moves every rank up by as many.
  const unknown = clock === 'response' ? unanswered : 0;
  const ends = [ranks?.[0] ?? 0, (ranks?.[1] ?? histogram.count + 1) + unknown].map((rank) =>
    histogram.valueAtRank(rank),
  );
  const [low, high] = [(ends[0] ?? 0) / 1000, ends[1] == null ? Number.POSITIVE_INFINITY : ends[1] / 1000];
  const found = decided(objective, value / 1000, [low, high], histogram.count);
  const bounds = `${unanswered} of ${phase?.due ?? 0} arrivals were never answered`;
  const note =
    unanswered === 0
      ? found.note
      : unknown > 0
        ? [found.note, `${bounds}: their times are lower bounds`].filter((one) => one !== null).join('; ')
        : [found.note, `${bounds} and have no ${clock} time`].filter((one) => one !== null).join('; ');
  // JSON has no infinity: an interval without an upper end is not shown, but it has been judged by.
  return { ...found, interval: Number.isFinite(high) ? [low, high] : null, note };
}

function failed(objective: Objective, phase: FlowPhase | undefined): Finding {
  if (phase === undefined || phase.due === 0) return noData('no arrival was due');
  const bad = phase.failed + phase.dropped + (phase.due - phase.dropped - phase.count);
  const needed = samplesForShare(objective.limit);
  const observed = bad / phase.due;
  const interval = wilson(bad, phase.due);
  // With few samples zero failures prove nothing, but too many failures are a failure at any size.
  const isBeyond = !compare(interval[0], objective.comparison, objective.limit);
  if (phase.due < needed && !isBeyond) {
    return {
      ...noData(`${phase.due} samples, ${needed} needed for this share`, phase.due),
      observed,
      interval,
    };
  }
  return decided(objective, observed, interval, phase.due);
}

function rate(objective: Objective, phase: FlowPhase | undefined): Finding {
  if (phase === undefined || phase.due === 0) return noData('no arrival was due');
  return decided(objective, phase.attainedRate, null, phase.due);
}

/** The truth lies between the highest step that held and the lowest that did not. */
function capacity(objective: Objective, segment: string, all: readonly Capacity[]): Finding {
  const found = all.find((one) => one.segment === segment && one.flow === objective.flow);
  if (found === undefined || found.steps.length === 0) return noData('the search was never reached');
  const { highest, ceiling, steps } = found;
  const meets = (rate: number): boolean => compare(rate, objective.comparison, objective.limit);
  const interval = highest !== null && ceiling !== null ? ([highest, ceiling] as const) : null;
  const tried = steps.at(-1)?.rate ?? 0;
  const note =
    ceiling === null
      ? `no step up to ${tried.toFixed(1)}/s missed a condition for certain`
      : highest === null
        ? 'not even the first step held for certain'
        : null;
  const status: ObjectiveStatus =
    highest !== null && meets(highest)
      ? 'PASS'
      : ceiling !== null && !meets(ceiling)
        ? 'FAIL'
        : 'INCONCLUSIVE';
  return { observed: highest, interval, samples: steps.length, status, note };
}

/** Every round counts: the worst one is shown and decides. */
function afterFault(objective: Objective, name: string, facts: ObjectiveFacts): Finding {
  const rounds = facts.faults.filter((one) => withoutRound(one.name) === name);
  const findings = rounds.map((one) => afterRound(objective, one));
  const [first, ...others] = findings;
  if (first === undefined) return noData(`${name} was never reached`);
  const worst = others.reduce((a, b) => (isWorse(b, a) ? b : a), first);
  if (rounds.length === 1) return worst;
  const note = [worst.note, `the worst of ${rounds.length} rounds`].filter((one) => one !== null).join('; ');
  return { ...worst, samples: rounds.length, note };
}

/** In the order of the verdict (design: RESIDUE, INVALID, NO-DATA, FAIL, INCONCLUSIVE, PASS), then the larger value. */
const SEVERITY: readonly ObjectiveStatus[] = ['PASS', 'INCONCLUSIVE', 'FAIL', 'NO-DATA'];

function isWorse(a: Finding, b: Finding): boolean {
  const [rankA, rankB] = [SEVERITY.indexOf(a.status), SEVERITY.indexOf(b.status)];
  return rankA === rankB ? (a.observed ?? 0) > (b.observed ?? 0) : rankA > rankB;
}

function afterRound(objective: Objective, fault: FaultRecord): Finding {
  const { name } = fault;
  if (fault.status === 'not-injected')
    return noData(`${name} was not injected, so nothing recovered from it`);
  const levels = Object.entries(fault.recovery)
    .filter(([sli]) => sli.startsWith(`${objective.flow} `))
    .map(([, recovery]) => recovery);
  if (levels.length === 0) return noData(`no service level of ${objective.flow} was watched`);
  if (objective.indicator.kind === 'loss') {
    const lost = Math.max(...levels.map((one) => one.lossSeconds));
    if (levels.some((one) => one.status === 'censored'))
      return atLeast(objective, lost, 'still losing when the watch ended');
    return decided(objective, lost, null, levels.length);
  }
  const worst = levels.reduce((a, b) => ((b.sinceInjectedMs ?? 0) > (a.sinceInjectedMs ?? 0) ? b : a));
  const value = worst.sinceInjectedMs ?? 0;
  if (levels.some((one) => one.status === 'censored')) {
    return atLeast(objective, value, `not back after ${(value / 1000).toFixed(1)} s, when the watch ended`);
  }
  return decided(objective, value, [Math.max(0, value - worst.boundMs), value], 1);
}

/** The truth is this or more: a limit below that is missed for certain, above it nobody knows. */
function atLeast(objective: Objective, value: number, note: string): Finding {
  const isMissed = !compare(value, objective.comparison, objective.limit);
  return { observed: value, interval: null, samples: 1, status: isMissed ? 'FAIL' : 'INCONCLUSIVE', note };
}

/** A limit inside the interval is neither met nor missed. */
function decided(
  objective: Objective,
  observed: number,
  interval: readonly [number, number] | null,
  samples: number,
): Finding {
  const meets = (value: number): boolean => compare(value, objective.comparison, objective.limit);
  const ends = interval ?? [observed, observed];
  const status: ObjectiveStatus =
    meets(ends[0]) === meets(ends[1]) ? (meets(observed) ? 'PASS' : 'FAIL') : 'INCONCLUSIVE';
  const note = status === 'INCONCLUSIVE' ? 'the limit lies inside the confidence interval' : null;
  return { observed, interval, samples, status, note };
}
