/**
 * The scheduler's counters of a process: time on a CPU and time waiting for one, summed over its threads.
 */
import { readdirSync } from 'node:fs';
import { textIn } from '../text-in.ts';

export interface CpuTimes {
  readonly cpuMs: number;
  /**
   * Run delay: time runnable while something else ran (second field of schedstat,
   * Documentation/scheduler/sched-stats).
   */
  readonly waitedMs: number;
}

const NS_PER_MS = 1e6;

/** The threads of a process; empty when there is none. */
export function threadsOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}

/**
 * Undefined when there is no such process; all zero in its first instants, and on a kernel without
 * CONFIG_SCHED_INFO.
 */
export const cpuTimes = (pid: number): CpuTimes | undefined => new CpuMeter(pid).read();

/**
 * Reads one process repeatedly and keeps the counters of threads that have ended. Otherwise the sum could
 * lose work time but keep waiting time, and report a false ratio of the two.
 */
export class CpuMeter {
  readonly #pid: number;
  #threads = new Map<number, CpuTimes>();
  /** Sum of the threads that have ended. */
  #past: CpuTimes = { cpuMs: 0, waitedMs: 0 };

  constructor(pid: number) {
    this.#pid = pid;
  }

  /** As `cpuTimes`. */
  read(): CpuTimes | undefined {
    const now = threadTimes(this.#pid);
    if (now.size === 0) return undefined;
    for (const [thread, before] of this.#threads) {
      // Less than before: a new thread has the same number.
      const isEnded = (now.get(thread)?.cpuMs ?? -1) < before.cpuMs;
      if (isEnded) this.#past = sum([this.#past, before]);
    }
    this.#threads = now;
    return sum([this.#past, ...now.values()]);
  }
}

/** /proc/PID/schedstat covers only the first thread, which in a JVM does next to nothing. */
function threadTimes(pid: number): Map<number, CpuTimes> {
  const found = threadsOf(pid).flatMap((thread) => {
    const [cpu, waited] = textIn(`/proc/${pid}/task/${thread}/schedstat`)?.split(' ').map(Number) ?? [];
    if (cpu === undefined || waited === undefined) return [];
    return [[thread, { cpuMs: cpu / NS_PER_MS, waitedMs: waited / NS_PER_MS }] as const];
  });
  return new Map(found);
}

const sum = (some: readonly CpuTimes[]): CpuTimes => ({
  cpuMs: some.reduce((total, one) => total + one.cpuMs, 0),
  waitedMs: some.reduce((total, one) => total + one.waitedMs, 0),
});
