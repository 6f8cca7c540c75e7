/**
 * A memory cgroup (v1) inside another one. This file writes to and removes only directories that it created;
 * in the cgroup around them it writes only the list of processes, to move a process back.
 */
import { accessSync, constants, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cgroupMounts, folderIn } from './cgroup-mounts.ts';
import { textIn } from './text-in.ts';

const REMOVE_TRIES = 100;
const REMOVE_PAUSE_MS = 20;
/** See vm.panic_on_oom(5): the machine stops, even when only one cgroup is out of memory. */
const PANIC_ALWAYS = '2';
const NO_V1 =
  'no cgroup v1 memory controller (on cgroup v2 a cgroup that contains processes cannot limit cgroups inside it)';
/** Where there is none. */
export const INSTEAD =
  'Use kill-pod: a process whose memory is used up gets the same SIGKILL from the kernel, and its recovery is the same.';

export const VICTIM_PART = 'victim';
export const HOG_PART = 'hog';

/** The cgroup directory that counts a process's memory; undefined where no cgroup v1 shows it. */
export function memoryGroupOf(pid: number): string | undefined {
  const path = /^\d+:(?:[^:\n]*,)?memory(?:,[^:\n]*)?:(.*)$/m.exec(textIn(`/proc/${pid}/cgroup`) ?? '')?.[1];
  if (path === undefined) return undefined;
  for (const mount of cgroupMounts()) {
    if (mount.type !== 'cgroup' || !mount.options.includes('memory')) continue;
    const group = folderIn(mount, path);
    // From another namespace the path may refer to another directory: the list of processes decides.
    if (processesIn(group).includes(pid)) return group;
  }
  return undefined;
}

/** What prevents a separate cgroup inside this one; null: nothing. */
export function whyNoGroupIn(group: string | undefined): string | null {
  if (group === undefined) return NO_V1;
  if (number(join(group, 'memory.use_hierarchy')) !== 1) {
    return `a memory controller without hierarchy at ${group}: a cgroup inside would escape its limits`;
  }
  try {
    for (const path of [group, join(group, 'cgroup.procs')]) accessSync(path, constants.W_OK);
  } catch {
    return `no right to write to ${group} (root, and a cgroup file system that is not read-only)`;
  }
  if (/oom_kill_disable 1/.test(textIn(join(group, 'memory.oom_control')) ?? '')) {
    return `an OOM killer that is switched off at ${group}`;
  }
  const panics = textIn('/proc/sys/vm/panic_on_oom')?.trim() === PANIC_ALWAYS;
  return panics ? 'a kernel that stops the machine for an OOM kill (vm.panic_on_oom = 2)' : null;
}

/** Bytes until the next limit of this cgroup, of those around it, or until the machine is out of memory. */
export function roomIn(group: string): number {
  const machine = Number(/^MemAvailable:\s+(\d+) kB/m.exec(textIn('/proc/meminfo') ?? '')?.[1] ?? 0) * 1024;
  let room = machine;
  for (let at = group; ; at = dirname(at)) {
    const limit = number(join(at, 'memory.limit_in_bytes'));
    if (limit === undefined) return room;
    room = Math.min(room, limit - workingSet(at, limit));
  }
}

/** As the kubelet counts it: unused page cache is freed before any process is killed. */
function workingSet(group: string, otherwise: number): number {
  const used = number(join(group, 'memory.usage_in_bytes')) ?? otherwise;
  const cache = /^total_inactive_file (\d+)$/m.exec(textIn(join(group, 'memory.stat')) ?? '')?.[1];
  return Math.max(0, used - Number(cache ?? 0));
}

/** @throws when the kernel refuses it; `removeGroup` removes whatever was created until then. */
export function makeGroup(group: string, limitBytes: number): void {
  mkdirSync(group);
  // Swapping would slow down the whole machine, and would delay the OOM kill. Child cgroups inherit this.
  writeFileSync(join(group, 'memory.swappiness'), '0');
  writeFileSync(join(group, 'memory.limit_in_bytes'), String(limitBytes));
  for (const part of [VICTIM_PART, HOG_PART]) mkdirSync(join(group, part));
}

export const moveTo = (group: string, pid: number): void =>
  writeFileSync(join(group, 'cgroup.procs'), String(pid));

/**
 * Idempotent. Its processes move to the cgroup around it.
 * @throws when it cannot be removed, with the kernel's message.
 */
export async function removeGroup(group: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return removeOnce(group);
    } catch (error) {
      // A killed process leaves its group only when it is reaped.
      if (tries >= REMOVE_TRIES) throw error;
      await sleep(REMOVE_PAUSE_MS);
    }
  }
}

/** As `removeGroup`, in one attempt. */
export function removeOnce(group: string): void {
  if (textIn(join(group, 'cgroup.procs')) === undefined) return;
  const home = dirname(group);
  for (const part of [...partsOf(group), group]) {
    for (const pid of processesIn(part)) ignoring('ESRCH', () => moveTo(home, pid));
    // Page cache that was first read here would keep the kernel's data of the cgroup alive.
    ignoring('EBUSY', () => writeFileSync(join(part, 'memory.force_empty'), '0'));
    rmdirSync(part);
  }
}

export function processesIn(group: string): readonly number[] {
  const list = textIn(join(group, 'cgroup.procs'))?.trim() ?? '';
  // 0 is a process of another pid namespace; writing 0 would move ourselves.
  return list === ''
    ? []
    : list
        .split('\n')
        .map(Number)
        .filter((pid) => pid > 0);
}

export interface GroupCounts {
  readonly usedBytes: number;
  readonly hits: number;
  readonly victimKills: number;
  readonly hogKills: number;
}

export const NO_COUNTS: GroupCounts = { usedBytes: 0, hits: 0, victimKills: 0, hogKills: 0 };

/** Undefined: it does not exist, or not any more. */
export function countsIn(group: string): GroupCounts | undefined {
  const [victimKills, hogKills] = [VICTIM_PART, HOG_PART].map((part) => oomKills(join(group, part)));
  const usedBytes = number(join(group, 'memory.usage_in_bytes'));
  const hits = number(join(group, 'memory.failcnt'));
  if (victimKills === undefined || usedBytes === undefined || hits === undefined) return undefined;
  return { usedBytes, hits, victimKills, hogKills: hogKills ?? 0 };
}

/** On v1 a kill is counted only in the cgroup of the process that was killed. */
function oomKills(group: string): number | undefined {
  const count = /^oom_kill (\d+)$/m.exec(textIn(join(group, 'memory.oom_control')) ?? '')?.[1];
  return count === undefined ? undefined : Number(count);
}

export function oomScoreAdjOf(pid: number): number | undefined {
  return number(`/proc/${pid}/oom_score_adj`);
}

export const setOomScoreAdj = (pid: number, score: number): void =>
  writeFileSync(`/proc/${pid}/oom_score_adj`, String(score));

const partsOf = (group: string): readonly string[] =>
  readdirSync(group, { withFileTypes: true })
    .filter((one) => one.isDirectory())
    .map((one) => join(group, one.name));

function ignoring(code: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== code) throw error;
  }
}

function number(path: string): number | undefined {
  const found = textIn(path)?.trim();
  return found === undefined || found === '' ? undefined : Number(found);
}
