/** `gauntlet history add`: a run folder as a night, as a nightly would have added it. */
import { resolve } from 'node:path';
import { addRun } from '../../../run/nightly/add-run.ts';
import { cliContext } from '../../terminal/context.ts';
import { withHistory } from './with-history.ts';

export interface AddOptions {
  readonly reportUrl?: string;
  readonly json?: boolean;
}

/** @returns 0 whatever the verdict of the run: a failed night is a record too. */
export async function historyAddCommand(where: string, runDir: string, options: AddOptions): Promise<number> {
  const cli = cliContext();
  return await withHistory(cli, where, async (history) => {
    const { night, isNew } = addRun(history, resolve(runDir), options.reportUrl ?? null);
    await history.publish();
    const { id, status, runStatus } = night;
    if (options.json === true) cli.json({ id, status, runStatus, isNew });
    else cli.out(isNew ? `Added ${id}: ${status}.` : `${id} is there already: ${status}.`);
    return 0;
  });
}
