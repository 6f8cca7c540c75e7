import { readFileSync } from 'node:fs';

/**
 * The state of a process from /proc; undefined when there is none (or it is a zombie: dead, not yet reaped).
 */
export interface ProcessStat {
  readonly pid: number;
  /** Clock ticks since boot (field 22 of /proc/PID/stat): with the pid it identifies one process uniquely. */
  readonly startTicks: string;
  /** User + system time, in milliseconds (USER_HZ is 100 on Linux). */
  readonly cpuMs: number;
  readonly rssBytes: number;
  /** R, S, D, T, ... as in proc(5). */
  readonly state: string;
}

const MS_PER_TICK = 10;
const PAGE_BYTES = 4096;

/** @param which a pid of the namespace that /proc shows, or the caller, in any namespace. */
export function processStat(which: number | 'self'): ProcessStat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${which}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The command name is in parentheses and may itself contain spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, startTicks] = [fields[0], fields[19]];
  if (state === undefined || startTicks === undefined || state === 'Z' || state === 'X') return undefined;
  const cpuTicks = Number(fields[11]) + Number(fields[12]);
  const pid = which === 'self' ? process.pid : which;
  return { pid, startTicks, state, cpuMs: cpuTicks * MS_PER_TICK, rssBytes: Number(fields[21]) * PAGE_BYTES };
}

/** Whether exactly this process still runs: another process may have its pid by now. */
export const isAlive = (pid: number, startTicks: string): boolean =>
  processStat(pid)?.startTicks === startTicks;

/**
 * Whether exactly this process exists and was stopped by a signal; a stop by a tracer (`t`) does not count.
 */
export function isStopped(pid: number, startTicks: string): boolean {
  const stat = processStat(pid);
  return stat?.startTicks === startTicks && stat.state === 'T';
}
