/** Starts the process that runs the restart command of a victim, before the victim is ended. */
import { spawn } from 'node:child_process';
import { GauntletError } from '../../core/errors.ts';
import type { ProcessVictim } from '../../core/topology.ts';
import { requireProgram } from '../../system/project.ts';

/** argv[2] of the restarter. */
export interface RestartOrder {
  readonly pid: number;
  readonly startTicks: string;
  readonly command: string;
}

/** Resolves when it watches the victim: from then on a killed harness does not keep the service down. */
export async function startRestarter(victim: ProcessVictim, command: string): Promise<void> {
  const order: RestartOrder = { pid: victim.pid, startTicks: victim.startTicks, command };
  const child = spawn(
    process.execPath,
    [requireProgram('src/targets/processes/restarter-main'), JSON.stringify(order)],
    // A session of its own: neither Ctrl-C nor the end of the terminal reaches it.
    { detached: true, stdio: ['ignore', 'pipe', 'ignore'], cwd: '/' },
  );
  const watching = new Promise<boolean>((resolve) => {
    child.stdout?.once('data', () => resolve(true));
    child.once('close', () => resolve(false));
    child.once('error', () => resolve(false));
  });
  if (!(await watching)) {
    const subject = `restart of ${victim.instance}`;
    const problem = { subject, expected: 'a process that runs its command', got: 'one that ended at once' };
    throw new GauntletError('unavailable', [problem]);
  }
  child.unref();
  child.stdout?.destroy();
}
