/**
 * The memory of one victim: where it is counted, what the kernel counts there under a stress, and how all of
 * it is given back. From data alone, so that any process can do it.
 */
import { join } from 'node:path';
import type {
  MemoryMeans,
  MemoryStress,
  MemoryStressState,
  MemoryUndo,
} from '../../core/acts/memory-acts.ts';
import { type ProcessVictim, processOf } from '../../core/topology.ts';
import {
  countsIn,
  type GroupCounts,
  HOG_PART,
  INSTEAD,
  memoryGroupOf,
  moveTo,
  NO_COUNTS,
  oomScoreAdjOf,
  processesIn,
  removeGroup,
  roomIn,
  setOomScoreAdj,
  VICTIM_PART,
  whyNoGroupIn,
} from '../memory-cgroup.ts';
import { processStat } from '../proc.ts';
import type { ProcessIdentity } from '../sandbox/state.ts';
import { sweepProcesses } from '../sandbox/sweep.ts';
import { isThere } from './own-processes.ts';

/** The maximum. A process may raise its value and restore the former one without any privilege. */
export const KILL_FIRST = 1000;

/** The only directory that a stress makes. */
export const stressGroup = ({ id, group }: Pick<MemoryUndo, 'id' | 'group'>): string =>
  join(group, `gauntlet-${id}`);

export function memoryMeans(victim: ProcessVictim): MemoryMeans {
  const group = memoryGroupOf(victim.pid);
  const oomScoreAdj = oomScoreAdjOf(victim.pid);
  const why = whyNoGroupIn(group);
  if (!isThere(victim)) return { kind: 'gone' };
  if (why !== null) return { kind: 'none', why, ...(group === undefined && { fix: INSTEAD }) };
  if (group === undefined || oomScoreAdj === undefined) return { kind: 'gone' };
  return { kind: 'cgroup', victim: processOf(victim), group, oomScoreAdj, roomBytes: roomIn(group) };
}

/** @param counts absent: as the kernel has them now. */
export function memoryState(
  stress: Pick<MemoryStress, 'id' | 'group' | 'limitBytes'>,
  hogs: readonly ProcessIdentity[],
  counts: GroupCounts = countsIn(stressGroup(stress)) ?? NO_COUNTS,
): MemoryStressState {
  return { id: stress.id, limitBytes: stress.limitBytes, hogs: hogs.filter(isThere).length, ...counts };
}

/**
 * Ends hogs that are left in its group, gives a victim that still runs its score and its place back, and
 * removes the group. Idempotent.
 * @param isRunning false: another process may have the identity of the victim, after a reboot.
 * @throws when a hog does not end, or the group cannot be removed, with the kernel's message.
 */
export async function giveMemoryBack(undo: MemoryUndo, isRunning = true): Promise<void> {
  const { victim, group, oomScoreAdj } = undo;
  const own = stressGroup(undo);
  const { unkillable } = sweepProcesses(membersOf(join(own, HOG_PART)).flatMap((pid) => identityOf(pid)));
  // The victim, and what it has started there: that has its score.
  for (const pid of membersOf(join(own, VICTIM_PART))) {
    unlessGone(pid, () => giveScoreBack(pid, oomScoreAdj));
    unlessGone(pid, () => moveTo(group, pid));
  }
  if (isRunning && isThere(victim)) unlessGone(victim.pid, () => giveScoreBack(victim.pid, oomScoreAdj));
  if (unkillable.length > 0)
    throw new Error(
      `processes of a memory stress do not end: pid ${unkillable.map((one) => one.pid).join(', ')}`,
    );
  await removeGroup(own);
}

/** By the kernel's word on each process: a file of this name could list any. */
const membersOf = (part: string): readonly number[] =>
  processesIn(part).filter((pid) => memoryGroupOf(pid) === part);

function giveScoreBack(pid: number, score: number): void {
  if (oomScoreAdjOf(pid) === KILL_FIRST) setOomScoreAdj(pid, score);
}

function identityOf(pid: number): readonly ProcessIdentity[] {
  const stat = processStat(pid);
  return stat === undefined ? [] : [{ pid, startTicks: stat.startTicks }];
}

function unlessGone(pid: number, act: () => void): void {
  try {
    act();
  } catch (error) {
    if (processStat(pid) !== undefined) throw error;
  }
}
