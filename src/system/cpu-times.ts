/** What the scheduler counts for a process: time on a CPU and time waiting for one, summed over its threads. */
import { readdirSync, readFileSync } from 'node:fs';

export interface CpuTimes {
  readonly cpuMs: number;
  /** Run delay: runnable, but something else ran (second field of schedstat, Documentation/scheduler/sched-stats). */
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
 * Undefined when there is no such process, or the kernel counts nothing. A thread that ends takes its times along: the
 * sum may then fall, which judges must not take for waiting.
 */
export function cpuTimes(pid: number): CpuTimes | undefined {
  let [cpu, waited] = [0, 0];
  // /proc/PID/schedstat would be the first thread alone, which in a JVM does next to nothing.
  for (const thread of threadsOf(pid)) {
    const fields = read(`/proc/${pid}/task/${thread}/schedstat`)?.split(' ') ?? [];
    cpu += Number(fields[0] ?? 0);
    waited += Number(fields[1] ?? 0);
  }
  // A process that lives has run: zero means a kernel without CONFIG_SCHED_INFO.
  return cpu === 0 ? undefined : { cpuMs: cpu / NS_PER_MS, waitedMs: waited / NS_PER_MS };
}

/** Undefined when it has ended meanwhile. */
export function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
