/** `gauntlet recover`: replays the open undos of every dead run; exit 5 when something stayed. */
import { recoverAll } from '../../chaos/healing/recover.ts';
import { VERDICT_EXIT } from '../../core/verdict.ts';
import { identityOf } from '../../run/open-target.ts';
import { openPlatform } from '../../targets/open-platform.ts';
import { cliContext } from '../context.ts';

export interface RecoverOptions {
  readonly target?: string;
  readonly json?: boolean;
}

export async function recoverCommand(options: RecoverOptions): Promise<number> {
  const cli = cliContext();
  const identity =
    options.target === undefined ? {} : { identity: await identityOf(options.target, cli.places) };
  const outcome = await recoverAll({ places: cli.places, openPlatform, ...identity });
  if (options.json === true) cli.out(JSON.stringify(outcome, null, 2));
  else if (outcome.undone.length + outcome.residue.length === 0) cli.out('Nothing to undo.');
  else {
    for (const one of outcome.undone) cli.out(`undone   ${one.fault} of run ${one.run}: ${one.evidence}`);
    for (const one of outcome.residue) cli.out(`RESIDUE  ${one.fault} of run ${one.run}: ${one.evidence}`);
  }
  return outcome.residue.length === 0 ? 0 : VERDICT_EXIT.RESIDUE;
}
