/**
 * What recovered from one fault, and when: every flow on both service levels, and the probes of the victim on
 * both connections. The computation is the same live and from disk, on the same data up to the same instants,
 * so the result is the same.
 */
import { eventsOf, type RunEvent, type WatchUntil } from '../../core/events.ts';
import type { FaultRecord, Phase, Recovery } from '../../core/result.ts';
import { type ProbeSample, SLICE_MS, type SliceIncrement } from '../../core/samples.ts';
import { type EpochMs, epochMs } from '../../core/units.ts';
import { inOrder, observationsOf, ownStalls, usualAnswers } from '../../measure/probe-observations.ts';
import { recoveryOfObservations } from '../../measure/probe-recovery.ts';
import { estimateRecovery, type RecoveryAnswer } from '../../measure/recovery.ts';

/**
 * The usual behaviour of a probe is computed from this long before the act: a running run is sure to have
 * that much in memory.
 */
export const USUAL_MS = 60_000;

export interface RecoveryContext {
  readonly record: FaultRecord;
  readonly flows: readonly string[];
  /** The run as it happens, or as read from its folder. */
  readonly data: { slices(flow: string, from: EpochMs, to: EpochMs): readonly SliceIncrement[] };
  /**
   * Samples of the probes that watched the victim, from at least `USUAL_MS` before the act on, in any order.
   */
  readonly probes: readonly ProbeSample[];
  /** Questions of the system that are watched whatever the victim is; each is a level of its own. */
  readonly asks: readonly string[];
  readonly holdMs: number;
  /** Share of bad arrivals of a flow in the baseline. */
  baselineRatio(flow: string): number;
  readonly until: WatchUntil;
}

type Answers = Readonly<Record<string, RecoveryAnswer>>;

/**
 * By `<flow> failed`, `<flow> slow`, `held`, `fresh`, `<service>:<ask> held`, `<service>:<ask> fresh`;
 * empty when the fault never touched the target.
 */
export function recoveriesOf(context: RecoveryContext): Answers {
  const { appliedAt } = context.record;
  if (appliedAt === null) return {};
  const victims = watchingProbes(context.record);
  const asks = context.asks.map((ask) => probeRecoveries(context, appliedAt, [ask], `${ask} `));
  return Object.assign(
    flowRecoveries(context, appliedAt),
    probeRecoveries(context, appliedAt, victims, ''),
    ...asks,
  ) as Answers;
}

/** From the act, not from the proof: an error between the two belongs to the fault. */
function flowRecoveries(context: RecoveryContext, injectedAt: number): Answers {
  const { record, holdMs, data } = context;
  const question = { injectedAt, removedAt: record.removedAt, holdMs };
  const answers: Record<string, RecoveryAnswer> = {};
  for (const flow of context.flows) {
    const until = context.until.flows[flow] ?? 0;
    const slices = data.slices(flow, epochMs(Math.floor(injectedAt / SLICE_MS) * SLICE_MS), epochMs(until));
    const level = (count: (slice: SliceIncrement) => number, baselineRatio: number): RecoveryAnswer =>
      estimateRecovery({
        ...question,
        slices: slices.map((slice) => ({ at: slice.at, due: slice.due, bad: count(slice) })),
        until,
        baselineRatio,
      });
    const baseline = context.baselineRatio(flow);
    answers[`${flow} failed`] = level((slice) => slice.bad, baseline);
    // One in a hundred baseline arrivals is above its own P99 by definition; the slow limit is higher.
    answers[`${flow} slow`] = level((slice) => slice.bad + slice.slow, Math.max(baseline, 0.01));
  }
  return answers;
}

function probeRecoveries(
  context: RecoveryContext,
  appliedAt: number,
  watching: readonly string[],
  prefix: string,
): Answers {
  const { record, holdMs, until } = context;
  const injectedAt = record.injectedAt ?? appliedAt;
  const question = { injectedAt, removedAt: record.removedAt, holdMs, until: until.probes };
  const answers: Record<string, RecoveryAnswer> = {};
  for (const connection of ['held', 'fresh'] as const) {
    const known = context.probes.filter((one) => one.connection === connection && one.at < until.probes);
    const seen = watching.map((probe) => {
      const samples = inOrder(known.filter((one) => one.probe === probe));
      const { usualMs, slowShare } = usualAnswers(
        samples.filter((one) => one.at < appliedAt && one.at >= appliedAt - USUAL_MS),
      );
      const since = samples.filter((one) => one.at >= injectedAt);
      return {
        observations: observationsOf(samples, usualMs, slowShare),
        ownStalls: ownStalls(since, usualMs),
      };
    });
    const observations = seen.flatMap((one) => one.observations);
    if (observations.length === 0) continue;
    const answer = recoveryOfObservations(observations, question);
    const left = seen.reduce((sum, one) => sum + one.ownStalls, 0);
    answers[`${prefix}${connection}`] =
      left === 0 ? answer : { ...answer, recovery: { ...answer.recovery, ownStalls: left } };
  }
  return answers;
}

export const recoveryTable = (answers: Answers): Readonly<Record<string, Recovery>> =>
  Object.fromEntries(Object.entries(answers).map(([name, answer]) => [name, answer.recovery]));

/** The probes that can observe the fault: a probe of another dependency is no evidence about this one. */
export function watchingProbes(record: FaultRecord): readonly string[] {
  const probes = record.probes ?? probesByVictim(record);
  // For a fault on writes, reads are watched too, and they continue: mixed together, recovery would flap
  // between the two.
  const written = probes.flatMap((one) => WRITES.exec(one)?.[1] ?? []);
  return probes.filter((one) => !written.includes(one));
}

/** `redis:write`; older versions wrote `redis-write`. */
const WRITES = /^(.+)[:-]write$/;

/** For run folders of versions whose records did not name the probes; those versions knew three faults. */
function probesByVictim(record: FaultRecord): readonly string[] {
  if (record.kind === 'throttle-redis') return ['redis'];
  const broker = /kafka-\d+/.exec(record.victim)?.[0];
  if (broker !== undefined) return [broker];
  // `<service>-<number> (pid 4711)`, `link from->to`, `requests to <service>`.
  const service = /^[a-z]+(?:-[a-z]+)*(?=-\d+ \()/.exec(record.victim)?.[0];
  return service === undefined ? [] : [service];
}

export interface WatchedRun {
  readonly flows: readonly string[];
  readonly events: readonly RunEvent[];
  /** Of all faults of the run. */
  readonly records: readonly FaultRecord[];
  readonly phases: readonly Phase[];
}

/**
 * Up to which instants the watch after a fault is judged: those that the run recorded when it had settled, so
 * that a report equals the live result. Later changes have another cause, such as the planning of the next
 * fault.
 */
export function watchEnd(record: FaultRecord, run: WatchedRun): WatchUntil {
  const watched = eventsOf(run.events, 'recovery-watched').filter(({ notBack }) => record.name in notBack);
  const told = watched.at(-1)?.until;
  if (told !== undefined) return told;
  const end = endOfStretch(record, run);
  return { flows: Object.fromEntries(run.flows.map((flow) => [flow, end])), probes: end };
}

/**
 * For runs that did not record it: folders of older versions, and those that ended before the watch began. Up
 * to where the next step is planned (a group is watched as a whole, after its last fault), or where the load
 * is stopped. Not where the next one is applied: an arrival that was due just before that is answered during
 * it.
 */
export function endOfStretch(record: FaultRecord, { records, phases, events }: WatchedRun): number {
  const begin = record.appliedAt ?? record.plannedAt ?? 0;
  const others = records.filter((one) => one.group === undefined || one.group.name !== record.group?.name);
  const next = others.map((one) => one.plannedAt).find((at) => at !== null && at > begin);
  return next ?? phases.at(-1)?.to ?? events.at(-1)?.at ?? begin;
}
