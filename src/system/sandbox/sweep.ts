/**
 * Ends what remains of a sandbox: every listed process that still has its identity, then its files.
 * Independent of what the processes were. Used by the reaper, and by any process that finds a
 * sandbox whose reaper was killed too.
 */
import { readFileSync, rmSync } from 'node:fs';
import { removeOnce } from '../memory-cgroup.ts';
import { isAlive } from '../proc.ts';
import { sendSignal } from '../send-signal.ts';
import { markedProcesses } from './marked.ts';
import type { ProcessIdentity } from './state.ts';

/** SIGKILL ends stopped and busy processes at once; only one in uninterruptible I/O takes longer. */
const DEATH_TIMEOUT_MS = 5000;
const POLL_MS = 5;
/** A line that a crash has truncated, or that is not ours, is no directory to remove. */
const OUR_GROUP = /^\/.+\/gauntlet-memory-stress-[0-9a-f-]{36}$/;

export interface Swept {
  readonly killed: number;
  /** Still there after DEATH_TIMEOUT_MS (state D): the kernel ends them when their I/O returns. */
  readonly unkillable: readonly ProcessIdentity[];
}

/**
 * Blocks until they are dead, at most 5 s: its callers have nothing else to do, and must not be interrupted
 * meanwhile.
 */
export function sweepProcesses(identities: readonly ProcessIdentity[]): Swept {
  const living = (): ProcessIdentity[] => identities.filter((one) => isAlive(one.pid, one.startTicks));
  const found = living();
  for (const one of found) sendSignal(one.pid, 'SIGKILL');
  const deadline = performance.now() + DEATH_TIMEOUT_MS;
  let left = living();
  while (left.length > 0 && performance.now() < deadline) {
    pause(POLL_MS);
    left = living();
  }
  return { killed: found.length, unkillable: left };
}

/**
 * Ends what programs of a sandbox have started, repeatedly: one may start another while it is searched for.
 * Blocks as {@link sweepProcesses}.
 */
export function sweepMarked(mark: string, instance?: string): void {
  const deadline = performance.now() + DEATH_TIMEOUT_MS;
  for (let left = markedProcesses(mark, instance); left.length > 0; left = markedProcesses(mark, instance)) {
    sweepProcesses(left);
    if (performance.now() > deadline) return;
  }
}

/** The identities that the reaper recorded; skips a last line that a crash has truncated. */
export function readIdentities(path: string): readonly ProcessIdentity[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const identity = parseIdentity(line);
    return identity ? [identity] : [];
  });
}

export function parseIdentity(line: string): ProcessIdentity | undefined {
  try {
    const { pid, startTicks } = JSON.parse(line) as Partial<ProcessIdentity>;
    // Signals to pid 0 and below go to whole groups of processes.
    return Number.isInteger(pid) && Number(pid) > 1 && typeof startTicks === 'string'
      ? { pid: Number(pid), startTicks }
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Removes the memory cgroups that are listed in a file. The callers make sure that their processes have
 * ended.
 */
export function removeGroups(list: string): void {
  let text: string;
  try {
    text = readFileSync(list, 'utf8');
  } catch {
    return;
  }
  for (const group of text.split('\n').filter((line) => OUR_GROUP.test(line))) {
    const deadline = performance.now() + DEATH_TIMEOUT_MS;
    // The kernel releases a dead process only when it is reaped.
    while (!isRemoved(group) && performance.now() < deadline) pause(POLL_MS);
  }
}

function isRemoved(group: string): boolean {
  try {
    removeOnce(group);
    return true;
  } catch {
    return false;
  }
}

export function removeFolder(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
}

const pause = (durationMs: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durationMs);
};
