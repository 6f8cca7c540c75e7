/**
 * The recovery timeline of a lost instance, from the platform's own timestamps: adjacent segments without a
 * gap.
 */
import type { InstanceLife, LifeMark } from '../../../core/acts/instance-acts.ts';
import type { PodStretch } from '../../../core/result.ts';
import { isSameVictim, type Victim } from '../../../core/topology.ts';
import type { EpochMs } from '../../../core/units.ts';

export interface Replacement {
  readonly goneAt: EpochMs;
  readonly startedAt: EpochMs;
  readonly readyAt: EpochMs;
  /** Timestamps of the victim (its end) and of its successor, where the platform distinguishes them. */
  readonly marks?: readonly LifeMark[];
  /** The pod remained: only a run of a container in it was lost. */
  readonly isRun?: boolean;
}

/**
 * The recovery timelines of all victims that have one: fewer than `victims` while one has not ended or its
 * successor is not ready. No instance is the successor of two victims. A successor that dies before it is
 * ready does not end the timeline: `startedAt` is the first attempt, `readyAt` the first success.
 * @param known the instances that existed before the fault: none of them is a successor.
 */
export function replacementsOf(
  victims: readonly Victim[],
  lives: readonly InstanceLife[],
  known: readonly Victim[],
): readonly Replacement[] {
  const taken = new Set<InstanceLife>();
  return victims.flatMap((victim) => wayBack(victim, lives, known, taken) ?? []);
}

function wayBack(
  victim: Victim,
  lives: readonly InstanceLife[],
  known: readonly Victim[],
  taken: Set<InstanceLife>,
): Replacement | undefined {
  const old = lives.find((life) => isSameVictim(life, victim));
  const goneAt = old?.endedAt ?? null;
  if (old === undefined || goneAt === null) return undefined;
  const from = successorsFrom(old, goneAt);
  const later = lives.filter(
    (life) => !known.some((one) => isSameVictim(one, life)) && life.startedAt >= from && !taken.has(life),
  );
  // In the sandbox and in a StatefulSet a slot keeps its name; a Deployment gives every pod a new one.
  const sameSlot = later.filter((life) => life.instance === victim.instance);
  const successors = sameSlot.length > 0 ? sameSlot : later;
  const startedAt = successors[0]?.startedAt;
  const successor = successors.find((life) => life.readyAt !== null);
  if (startedAt === undefined || successor === undefined || successor.readyAt === null) return undefined;
  // One slot has one timeline; elsewhere every victim has its own successor.
  if (sameSlot.length === 0) taken.add(successor);
  const marks = [...(old.marks ?? []), ...(successor.marks ?? [])].filter((mark) => mark.at >= from);
  return { goneAt, startedAt, readyAt: successor.readyAt, ...(old.marks ? { marks } : {}), ...isRunOf(old) };
}

const isRunOf = (old: InstanceLife): { readonly isRun?: true } =>
  'uid' in old && old.run !== undefined ? { isRun: true } : {};

/**
 * A ReplicaSet creates the successor when the deletion is accepted; a supervisor (or a StatefulSet) when the
 * victim is gone.
 */
function successorsFrom(old: InstanceLife, goneAt: EpochMs): number {
  const accepted = old.marks?.find((mark) => mark.name === 'deletion accepted');
  return accepted === undefined ? goneAt : Math.min(goneAt, accepted.at - accepted.boundMs);
}

const NAMES: Readonly<Record<LifeMark['name'], string>> = {
  'deletion accepted': 'deletion accepted',
  gone: 'victim gone',
  created: 'successor created',
  scheduled: 'successor scheduled',
  started: 'successor started',
  ready: 'successor ready',
  'endpoint ready': 'successor in its endpoints',
};
const NAMES_OF_RUN: typeof NAMES = {
  ...NAMES,
  gone: 'container died',
  started: 'container started again',
  ready: 'pod ready again',
  'endpoint ready': 'pod in its endpoints again',
};
const FIRST_GOOD = 'first good probe on a fresh connection';

/**
 * Segments that sum to the whole, which is `firstGood - appliedAt` (without a probe: up to the last mark). A
 * mark that precedes an earlier one (for example a good answer from another replica) gives a segment of 0.
 * @param firstGood null when no probe reaches the service.
 */
export function podStretches(
  appliedAt: EpochMs,
  replacement: Replacement,
  firstGood: EpochMs | null,
): readonly PodStretch[] {
  if (replacement.marks !== undefined)
    return inOrderOfTime(appliedAt, replacement.marks, firstGood, replacement.isRun === true);
  const marks: readonly (readonly [string, number])[] = [
    ['signal sent to process gone', replacement.goneAt],
    ['process gone to successor started', replacement.startedAt],
    ['successor started to successor ready', replacement.readyAt],
    ...(firstGood === null ? [] : [[`successor ready to ${FIRST_GOOD}`, firstGood] as const]),
  ];
  let last: number = appliedAt;
  return marks.map(([name, at]) => {
    const from = last;
    last = Math.max(last, at);
    return { name, ms: last - from };
  });
}

/** The platform decides their order: a successor is often ready long before a draining victim is gone. */
function inOrderOfTime(
  appliedAt: EpochMs,
  marks: readonly LifeMark[],
  firstGood: EpochMs | null,
  isRun: boolean,
): readonly PodStretch[] {
  const names = isRun ? NAMES_OF_RUN : NAMES;
  const points = marks.map(({ name, at, boundMs }) => ({ name: names[name], at: at as number, boundMs }));
  if (firstGood !== null) points.push({ name: FIRST_GOOD, at: firstGood, boundMs: 0 as LifeMark['boundMs'] });
  points.sort((a, b) => a.at - b.at);
  let last = { name: isRun ? 'signal sent' : 'deletion sent', at: appliedAt as number };
  return points.map(({ name, at, boundMs }) => {
    const from = last;
    last = { name, at: Math.max(from.at, at) };
    return { name: `${from.name} to ${name}`, ms: last.at - from.at, boundMs };
  });
}
