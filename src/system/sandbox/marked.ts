/**
 * The processes that a program of a sandbox has started, found by a variable that they inherit: they belong
 * to it also when their parent is gone, and the supervisor knows only the parent.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { processStat } from '../proc.ts';
import type { ProcessIdentity } from './state.ts';

export const MARK = 'GAUNTLET_SANDBOX';

/** Of all programs under one supervisor: no other one has it, in its pid namespace and boot. */
export const markOf = (name: string, { pid, startTicks }: ProcessIdentity): string =>
  `${name}:${pid}:${startTicks}`;

/** @param instance undefined: of all of them. */
export function markedProcesses(mark: string, instance?: string): readonly ProcessIdentity[] {
  const wanted = [`${MARK}=${mark}`, ...(instance === undefined ? [] : [`INSTANCE=${instance}`])];
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    const pid = Number(entry);
    // Before its environment: the same process then had both.
    const startTicks = processStat(pid)?.startTicks;
    if (startTicks === undefined || pid === process.pid) return [];
    const environment = environmentOf(pid);
    return wanted.every((one) => environment.includes(one)) ? [{ pid, startTicks }] : [];
  });
}

function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    // Another user's, or gone.
    return [];
  }
}
