/** Starts the process that runs the restart command of a victim, before the victim is ended. */
import { GauntletError } from '../../core/errors.ts';
import type { ProcessVictim } from '../../core/topology.ts';
import { startDetached } from '../../system/start-detached.ts';

/** argv[2] of the restarter. */
export interface RestartOrder {
  readonly pid: number;
  readonly startTicks: string;
  readonly command: string;
}

/** Resolves when it watches the victim: from then on a killed harness does not keep the service down. */
export async function startRestarter(victim: ProcessVictim, command: string): Promise<void> {
  const order: RestartOrder = { pid: victim.pid, startTicks: victim.startTicks, command };
  const program = 'src/targets/processes/restarter-main';
  if (!(await startDetached(program, [JSON.stringify(order)]))) {
    const subject = `restart of ${victim.instance}`;
    const problem = { subject, expected: 'a process that runs its command', got: 'one that ended at once' };
    throw new GauntletError('unavailable', [problem]);
  }
}
