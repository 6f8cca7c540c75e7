/**
 * What recovered from one fault, and when: every flow on both service levels, and the probes of the victim on both
 * connections. The same question live and from disk, so that both give the same answer.
 */
import type { FaultRecord, Recovery } from '../core/result.ts';
import { type ProbeSample, SLICE_MS, type SliceIncrement } from '../core/samples.ts';
import { type EpochMs, epochMs } from '../core/units.ts';
import { observationsOf, recoveryOfObservations } from '../measure/probe-recovery.ts';
import { estimateRecovery, type RecoveryAnswer } from '../measure/recovery.ts';

export interface RecoveryContext {
  readonly record: FaultRecord;
  readonly flows: readonly string[];
  /** The run as it happens, or as it was read from its folder. */
  readonly data: { slices(flow: string, from: EpochMs, to: EpochMs): readonly SliceIncrement[] };
  /** Samples of the probes that watched the victim, in order of sending. */
  readonly probes: readonly ProbeSample[];
  readonly holdMs: number;
  /** Share of bad arrivals of a flow in the baseline. */
  baselineRatio(flow: string): number;
  /** Up to which instant a flow's arrivals are all settled. */
  until(flow: string): EpochMs;
  /** Up to which instant probes have been watched. */
  readonly probesUntil: EpochMs;
}

/** By `<flow> failed`, `<flow> slow`, `held`, `fresh`; empty when the fault never touched anything. */
export function recoveriesOf(context: RecoveryContext): Readonly<Record<string, RecoveryAnswer>> {
  const { record } = context;
  if (record.appliedAt === null) return {};
  const injectedAt = record.injectedAt ?? record.appliedAt;
  const question = { injectedAt, removedAt: record.removedAt, holdMs: context.holdMs };
  const answers: Record<string, RecoveryAnswer> = {};
  for (const flow of context.flows) {
    const until = context.until(flow);
    // From the act, not from the proof: what went bad between the two is the fault's.
    const from = Math.floor(record.appliedAt / SLICE_MS) * SLICE_MS;
    const slices = context.data.slices(flow, epochMs(from), until);
    const level = (
      count: (slice: (typeof slices)[number]) => number,
      baselineRatio: number,
    ): RecoveryAnswer =>
      estimateRecovery({
        ...question,
        injectedAt: record.appliedAt ?? injectedAt,
        slices: slices.map((slice) => ({ at: slice.at, due: slice.due, bad: count(slice) })),
        until,
        baselineRatio,
      });
    const baseline = context.baselineRatio(flow);
    answers[`${flow} failed`] = level((slice) => slice.bad, baseline);
    // One in a hundred baseline arrivals is above its own P99 by definition; the slow limit lies above that.
    answers[`${flow} slow`] = level((slice) => slice.bad + slice.slow, Math.max(baseline, 0.01));
  }
  for (const connection of ['held', 'fresh'] as const) {
    const samples = context.probes.filter((one) => one.connection === connection);
    if (samples.length === 0) continue;
    const before = samples.filter((one) => one.at < injectedAt && one.ok).map((one) => one.tookMs);
    const usual = [...before].sort((a, b) => a - b)[Math.floor(before.length / 2)] ?? 5;
    const observations = observationsOf(samples, usual);
    answers[connection] = recoveryOfObservations(observations, { ...question, until: context.probesUntil });
  }
  return answers;
}

export const recoveryTable = (
  answers: Readonly<Record<string, RecoveryAnswer>>,
): Readonly<Record<string, Recovery>> =>
  Object.fromEntries(Object.entries(answers).map(([name, answer]) => [name, answer.recovery]));

/** The probes that could see the fault: whoever watches another dependency says nothing of this one. */
export function probesOf(record: FaultRecord): readonly string[] {
  const probes = record.probes ?? probesByVictim(record);
  // A fault on writes is watched on reads as well, which go on: mixed together, recovery would flap between the two.
  return probes.includes('redis-write') ? probes.filter((one) => one !== 'redis') : probes;
}

/** For run folders of versions whose records did not name the probes; those knew three faults. */
function probesByVictim(record: FaultRecord): readonly string[] {
  if (record.kind === 'throttle-redis') return ['redis'];
  const broker = /kafka-\d+/.exec(record.victim)?.[0];
  if (broker !== undefined) return [broker];
  const service = /specialist-[a-z]+|gateway|redis/.exec(record.victim)?.[0];
  return service === undefined ? [] : [service];
}
