/**
 * The processes of a test cluster: started detached with a log each, stopped by identity and never by name.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GauntletError } from '../../../src/core/errors.ts';
import { isAlive, processStat } from '../../../src/system/proc.ts';
import type { ClusterProcess } from './state/cluster-state.ts';

const POLL_MS = 50;
/**
 * etcd and the API server end within 2 s of SIGTERM without connections; a watch keeps the API server for
 * longer.
 */
const TERM_MS = 5000;
const KILL_MS = 5000;

export const logPath = (folder: string, part: string): string => join(folder, 'log', `${part}.log`);

/** @throws unavailable when it cannot be started. */
export async function startPart(
  folder: string,
  part: string,
  command: readonly string[],
): Promise<ClusterProcess> {
  mkdirSync(join(folder, 'log'), { recursive: true });
  const log = openSync(logPath(folder, part), 'a');
  try {
    const [file = '', ...args] = command;
    const child = spawn(file, args, { detached: true, stdio: ['ignore', log, log], cwd: folder });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
    const pid = child.pid ?? 0;
    const startTicks = processStat(pid)?.startTicks;
    if (startTicks === undefined) throw partDied(folder, part);
    return { part, pid, startTicks, command };
  } finally {
    closeSync(log);
  }
}

/** An error with the end of the part's log, for a part that has exited. */
export function partDied(folder: string, part: string): GauntletError {
  const text = `exited: ${logTail(folder, part)}`;
  const problem = { subject: `test cluster: ${part}`, expected: 'to run', got: 'its end', text };
  return new GauntletError('unavailable', [{ ...problem, next: `Its log is ${logPath(folder, part)}` }]);
}

const alive = (one: ClusterProcess): boolean => isAlive(one.pid, one.startTicks);

/**
 * SIGTERM, then SIGKILL; resolves when exactly this process is gone. @throws defect when even that does not
 * end it.
 */
export async function stopPart(
  one: ClusterProcess,
  signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM',
): Promise<void> {
  const steps =
    signal === 'SIGTERM'
      ? ([
          ['SIGTERM', TERM_MS],
          ['SIGKILL', KILL_MS],
        ] as const)
      : ([['SIGKILL', KILL_MS]] as const);
  for (const [name, waitMs] of steps) {
    if (!alive(one)) return;
    try {
      process.kill(one.pid, name);
    } catch (error) {
      // It ended between the check and the signal.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    for (let waited = 0; waited < waitMs && alive(one); waited += POLL_MS) await sleep(POLL_MS);
  }
  if (!alive(one)) return;
  const subject = `test cluster: ${one.part}`;
  throw new GauntletError('defect', [
    { subject, expected: `pid ${one.pid} to end on SIGKILL`, got: 'a living process' },
  ]);
}

function logTail(folder: string, part: string): string {
  try {
    const lines = readFileSync(logPath(folder, part), 'utf8').trimEnd().split('\n');
    return lines.slice(-3).join(' | ').slice(-600) || 'an empty log';
  } catch {
    return 'no log';
  }
}
