/**
 * Runs the restart command of a service once its victim has ended, in a session of its own: the harness may
 * be dead by then. argv[2] is the order. Ends without running it when the victim lives on for a minute: the
 * signal was never sent, or the process ignores it.
 */
import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../../system/proc.ts';
import type { RestartOrder } from './restarter.ts';

const LOOK_EVERY_MS = 20;
const LONGEST_MS = 60_000;

const { pid, startTicks, command } = JSON.parse(process.argv[2] ?? '{}') as RestartOrder;
process.stdout.on('error', () => undefined);
process.stdout.write('watching\n');

const deadline = performance.now() + LONGEST_MS;
while (isAlive(pid, startTicks) && performance.now() < deadline) await sleep(LOOK_EVERY_MS);
if (!isAlive(pid, startTicks)) {
  const child = spawn('/bin/sh', ['-c', command], { detached: true, stdio: 'ignore', cwd: '/' });
  child.unref();
}
