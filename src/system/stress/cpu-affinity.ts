/**
 * Reads on which CPUs a process may run, and changes that for exactly those threads that are on the expected
 * CPUs. Reading needs /proc alone; Node has no call for sched_setaffinity(2), so `taskset` (util-linux) moves
 * the threads.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { textIn } from '../text-in.ts';
import { threadsOf } from './cpu-times.ts';

const TIMEOUT_MS = 2000;
/** A thread started or ended while the others were moved: the next pass handles it. */
const TRIES = 6;

const run = promisify(execFile);

/** `taskset from util-linux 2.38.1`; undefined when taskset is missing. */
export async function tasksetVersion(): Promise<string | undefined> {
  try {
    return (await run('taskset', ['--version'], { timeout: TIMEOUT_MS })).stdout.trim();
  } catch {
    return undefined;
  }
}

/** The CPU list of each thread in the kernel's format, such as `0-1`. */
function lists(pid: number): ReadonlyMap<number, string> {
  const found = threadsOf(pid).flatMap((thread) => {
    const status = textIn(`/proc/${pid}/task/${thread}/status`);
    const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(status ?? '')?.[1];
    return list === undefined ? [] : [[thread, list] as const];
  });
  return new Map(found);
}

/** Null when the threads differ; undefined when there is no such process. */
export function cpusOf(pid: number): string | null | undefined {
  const [first, ...others] = new Set(lists(pid).values());
  return others.length > 0 ? null : first;
}

/**
 * Moves the threads that are on the CPUs `from` to the CPUs `to`, and no others. Does nothing for a process
 * that has ended.
 * @throws when threads are still on `from` after several tries, with the output of taskset.
 */
export async function moveThreads(pid: number, from: string, to: string): Promise<void> {
  if (from === to) return;
  let said = '';
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const now = lists(pid);
    const left = [...now].filter(([, list]) => list === from).map(([thread]) => thread);
    if (left.length === 0) return;
    const commands =
      left.length === now.size
        ? [['-a', '-c', '-p', to, String(pid)]]
        : left.map((thread) => ['-c', '-p', to, String(thread)]);
    for (const command of commands) {
      await run('taskset', command, { timeout: TIMEOUT_MS }).catch((error: unknown) => {
        said = String(error);
      });
    }
  }
  const isDone = ![...lists(pid).values()].includes(from);
  if (!isDone) throw new Error(`threads of process ${pid} stay on CPU ${from}: ${said}`);
}
