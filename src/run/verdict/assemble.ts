/**
 * Judges a run from its folder alone: the same code at the end of a run and in `gauntlet report`
 * (docs/decisions/002).
 */
import type { AuditResult, AuditSide, AuditSideName } from '../../core/audit.ts';
import { eventsOf, type RunEvent } from '../../core/events.ts';
import { faultOfPhase, withoutRound } from '../../core/fault-steps.ts';
import { DECIDED_PHASE, type GateBlock, type GatePlan, type GateResult } from '../../core/gate.ts';
import type { FlowLoad } from '../../core/load-plan.ts';
import type { Objective } from '../../core/objective.ts';
import type { Plan } from '../../core/plan.ts';
import type { Capacity, FlowPhase, Ledger, ObjectiveResult, Phase, Result } from '../../core/result.ts';
import type { StoredLoad } from '../../load/read-run-data.ts';
import { auditResult, judgeAudit } from '../../measure/audit/judge-audit.ts';
import type { CalmPhase } from '../../measure/broken.ts';
import { gateEvidence } from '../../measure/gate/gate-evidence.ts';
import { historyFlows } from '../../measure/gate/history-flow.ts';
import { asAa } from '../../measure/gate/judge-aa.ts';
import { endedEarly, judgeGate } from '../../measure/gate/judge-gate.ts';
import { judgeHistory } from '../../measure/gate/judge-history.ts';
import { withRecoveries } from '../../measure/gate/judge-recoveries.ts';
import { judgeRun } from '../../measure/judge.ts';
import { judgeCapacity } from '../../measure/judge-capacity.ts';
import { GENERATOR_LIMITS, type JudgedPhase } from '../../measure/judge-generator.ts';
import { judgeLogins } from '../../measure/judge-logins.ts';
import { judgeObjective, type ObjectiveFacts } from '../../measure/judge-objective.ts';
import { totalLedger } from '../../measure/ledger.ts';
import { eachSecond, secondsOf } from '../../measure/phase-seconds.ts';
import { judgedHistogram, phaseWindows } from '../../measure/phase-windows.ts';
import { readyTimeline } from '../../measure/ready-instances.ts';
import { repeatedRecoveries } from '../../measure/repeats.ts';
import { peakOf } from '../../measure/reserve.ts';
import { readEvidence } from '../evidence/read-evidence.ts';
import { eventsOfRun } from './events-of-run.ts';
import { faultsOf } from './fault-records.ts';
import { judgedPaths } from './paths.ts';
import { phasesOf } from './phases.ts';
import { abortFacts, harnessUsage } from './run-facts.ts';
import { judgeRequests, scriptFacts } from './script-facts.ts';

export interface Assembled {
  readonly result: Result;
  readonly plan: Plan;
  readonly events: readonly RunEvent[];
  readonly stored: StoredLoad;
  /** Of a gate; else none. */
  readonly blocks: readonly GateBlock[];
}

export function assembleRun(runDir: string): Assembled {
  const {
    plan,
    events: written,
    stored,
    probesOf,
    blocks,
    records: matcher,
    flaws,
    cut,
    ...read
  } = readEvidence(runDir);
  const events = eventsOfRun(written);
  const phases = phasesOf(events, plan.faults);
  const flows = plan.load.flatMap((one) => one.flows.map((flow) => flow.flow));
  const paths = judgedPaths(read.paths, matcher, plan, phases);
  const faults = faultsOf({ plan, events, stored, probesOf, kafka: read.kafka }, phases, paths);
  const table = flowTable(flows, phases, stored);
  const ledgers = ledgersOf(flows, stored);
  const named = (name: string): readonly Phase[] => phases.filter((one) => withoutRound(one.name) === name);
  const phaseOf: PhaseOf = (flow, name) => {
    const rounds = named(name);
    return rounds.length < 2 ? table[flow]?.[name] : stored.data.flowPhase(flow, ...rounds);
  };
  const records = matcher?.result(phases);
  const facts: ObjectiveFacts = {
    flowPhase: (flow, name) => paths.counts(flow, named(name)) ?? phaseOf(flow, name),
    histogram(flow, clock, name) {
      const seconds = named(name).flatMap((phase) => [...eachSecond(secondsOf(phase))]);
      if (seconds.length === 0) return undefined;
      return paths.histogram(flow, named(name)) ?? judgedHistogram(stored.data, flow, clock, seconds);
    },
    windows(name, lengthMs) {
      const rounds = named(name);
      return rounds.length === 0
        ? undefined
        : rounds.flatMap((phase) => phaseWindows(stored.data, phase, lengthMs));
    },
    rounds: named,
    ready: (service) => readyTimeline(events, service),
    faults,
    capacity: [],
    ...(records && { records }),
    paths: paths.results,
  };
  const capacity = capacityOf(plan, table, (objective) => judgeObjective(objective, facts));
  const audit = auditOf(plan, events);
  const objectives = [
    ...plan.objectives.map((one) => judgeObjective(one, { ...facts, capacity })),
    ...(plan.audit && audit ? plan.audit.goals.map((one) => judgeAudit(one, audit)) : []),
  ];
  const history = plan.history && judgeHistory(historyFlows(table), plan.history);
  const gate = plan.gate && withRecoveries(gateOf(plan.gate, blocks, events, stored), plan.gate, faults);
  const scripts = scriptFacts(plan, stored.end);
  const verdict = judgeRun({
    flows,
    reasons: [...judgeRequests(scripts, ledgers), ...judgeLogins(read.samples)],
    judged: judgedPhases(plan, phaseOf),
    calm: calmPhases(plan, phases, table),
    ledgers,
    outcomes: Object.fromEntries(flows.map((flow) => [flow, stored.data.outcomes(flow)])),
    faults,
    plannedFaults: plan.faults.map((fault) => fault.name),
    objectives,
    ...(gate && { gate }),
    ...(history && { history }),
    abortedBecause: eventsOf(events, 'abort')[0]?.why ?? null,
    interruptedBy: eventsOf(events, 'interrupted')[0]?.signal ?? null,
    failures: eventsOf(events, 'failed').map((event) => event.why),
    isLoaded: eventsOf(events, 'load-started').length > 0,
    isComplete: eventsOf(events, 'closed').length > 0,
    flaws,
    dataProblems: [...cut, ...(stored.end?.problems ?? [])],
    clockStepsMs: eventsOf(events, 'clock-step').map((event) => event.byMs),
  });
  const [first, last] = [events[0], events.at(-1)];
  const iso = (event: RunEvent | undefined): string => (event ? new Date(event.wall).toISOString() : '');
  const { id, campaign, target, seed, versions } = plan;
  const result: Result = {
    schema: 'gauntlet.result/1',
    run: { id, campaign, target, seed, startedAt: iso(first), endedAt: iso(last), versions },
    verdict,
    abort: abortFacts(events),
    phases,
    flows: table,
    faults,
    ledger: totalLedger(ledgers),
    ledgers,
    objectives,
    repeats: repeatedRecoveries(faults),
    capacity,
    ...(gate && { gate }),
    ...(history && { history }),
    ...(audit && { audit }),
    ...(records && { records }),
    ...(read.paths.length > 0 && { paths: paths.results }),
    ...(scripts.length > 0 && { scripts }),
    harness: harnessUsage(events),
  };
  return { result, plan, events, stored, blocks };
}

/** Of the sides that the run came to. */
function auditOf({ audit }: Plan, events: readonly RunEvent[]): AuditResult | undefined {
  if (audit === undefined) return undefined;
  const made = eventsOf(events, 'audited');
  const side = (name: AuditSideName): AuditSide | null =>
    made.find((one) => one.side === name)?.audit ?? null;
  return auditResult({ before: side('before'), after: side('after') }, audit.rules);
}

/** A gate that did not come to its own end has no answer. */
function gateOf(
  plan: GatePlan,
  blocks: readonly GateBlock[],
  events: readonly RunEvent[],
  { data }: StoredLoad,
): GateResult {
  const result = judgeGate(blocks, plan);
  const isDecided = eventsOf(events, 'phase').some((one) => one.name === DECIDED_PHASE);
  const ended = isDecided ? result : endedEarly(result);
  const judged = plan.aa === true ? asAa(ended, plan) : ended;
  return { ...judged, evidence: gateEvidence(blocks, plan, judged, data) };
}

type PhaseOf = (flow: string, phase: string) => FlowPhase | undefined;

function judgedPhases(plan: Plan, phaseOf: PhaseOf): readonly JudgedPhase[] {
  return plan.load.flatMap(({ flows }) =>
    flows.flatMap((load) => {
      const { flow } = load;
      const scopes = plan.objectives.filter((one) => one.flow === flow).map((one) => one.scope);
      const named = scopes.flatMap((scope) => (scope.kind === 'phase' ? [scope.phase] : []));
      return [...new Set(['baseline', ...named])].flatMap((phase): JudgedPhase[] => {
        const stats = phaseOf(flow, phase);
        return stats === undefined ? [] : [{ flow, phase, stats, ...generatorOf(load) }];
      });
    }),
  );
}

/**
 * A foreign script chooses its VUs: they cover stalls of that many arrivals. A closed one has no schedule to
 * keep.
 */
function generatorOf({
  worstStallMs,
  vus,
  schedule,
  foreign,
}: FlowLoad): Omit<JudgedPhase, 'flow' | 'phase' | 'stats'> {
  if (foreign?.own === undefined) return { worstStallMs };
  if (foreign.model === 'closed') return { worstStallMs, isClosed: true };
  return { worstStallMs: Math.min(worstStallMs, (vus / peakOf(schedule)) * 1000) };
}

/** From the baseline on: before it a system may be cold. A search continues until a limit is missed. */
function calmPhases(
  plan: Plan,
  phases: readonly Phase[],
  table: Readonly<Record<string, Readonly<Record<string, FlowPhase>>>>,
): readonly CalmPhase[] {
  const searched = plan.shape?.search?.phases ?? [];
  const first = phases.findIndex((one) => one.name === 'baseline');
  const names = first < 0 ? [] : phases.slice(first).map((one) => one.name);
  const calm = names.filter((name) => faultOfPhase(name) === null && !searched.includes(name));
  return Object.entries(table).flatMap(([flow, own]) =>
    calm.flatMap((phase) => (own[phase] ? [{ flow, phase, stats: own[phase] }] : [])),
  );
}

/** Older runs without shapes have none in their plan. */
function capacityOf(
  plan: Plan,
  table: Readonly<Record<string, Readonly<Record<string, FlowPhase>>>>,
  judge: (objective: Objective) => ObjectiveResult,
): readonly Capacity[] {
  const search = plan.shape?.search;
  if (!search) return [];
  return [judgeCapacity(search, (phase) => table[search.flow]?.[phase], judge, GENERATOR_LIMITS)];
}

function flowTable(
  flows: readonly string[],
  phases: readonly Phase[],
  stored: StoredLoad,
): Record<string, Record<string, FlowPhase>> {
  return Object.fromEntries(
    flows.map((flow) => [
      flow,
      Object.fromEntries(phases.map((phase) => [phase.name, stored.data.flowPhase(flow, phase)])),
    ]),
  );
}

/** Without the end of the load the schedule's own count is unknown, and the ledger states that. */
function ledgersOf(flows: readonly string[], stored: StoredLoad): Record<string, Ledger> {
  return Object.fromEntries(
    flows.map((flow) => {
      const end = stored.end?.flows[flow];
      const problems = end === undefined ? ['the load was cut off, its end is not known'] : end.problems;
      return [flow, stored.data.ledger(flow, end?.expected ?? undefined, problems)];
    }),
  );
}
