/** `gauntlet faults [name]`: the text comes from the faults themselves, so it cannot go stale. */
import { explainFault, listFaults } from '../../chaos/explain.ts';
import { cliContext } from '../context.ts';

export async function faultsCommand(name: string | undefined): Promise<number> {
  cliContext().out(name === undefined ? listFaults() : explainFault(name));
  return 0;
}
