/** Real processes for tests: `sleep`s that the test owns, ended at the end of it whatever happened. */
import { type ChildProcess, spawn } from 'node:child_process';
import { processStat } from '../../../src/system/proc.ts';
import type { ProcessIdentity } from '../../../src/system/sandbox/state.ts';

const started: ChildProcess[] = [];

export function sleeper(): ProcessIdentity {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  started.push(child);
  const pid = child.pid ?? 0;
  return { pid, startTicks: processStat(pid)?.startTicks ?? '' };
}

export function endSleepers(): void {
  for (const child of started.splice(0)) child.kill('SIGKILL');
}
