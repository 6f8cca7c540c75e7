/** `gauntlet faults [name]`: the text comes from the faults themselves, so it cannot become outdated. */
import { explainedColumns, explainFault, listFaults } from '../../chaos/faults/explain.ts';
import { faultNamed } from '../../chaos/faults/registry.ts';
import { usageError } from '../../core/errors.ts';
import { wrapped } from '../../core/wrap.ts';
import { sayNeeds } from '../../kube/guard/permissions.ts';
import type { Places } from '../../system/places.ts';
import { cliContext } from '../terminal/context.ts';

/** @param target whose names the example takes. */
export async function faultsCommand(name: string | undefined, target?: string): Promise<number> {
  const cli = cliContext();
  if (name === undefined) {
    if (target !== undefined) throw usageError(NO_FAULT);
    cli.out(listFaults());
    return 0;
  }
  const { permissions, permissionsInPods = permissions } = faultNamed(name);
  const example = target === undefined ? undefined : await exampleOn(name, target, cli.places);
  cli.out(explainFault(name, cli.width, example));
  const rights = `Rights on Kubernetes: ${sayNeeds(permissionsInPods)}`;
  cli.out(['', ...wrapped(rights, explainedColumns(cli.width), '', '  ')].join('\n'));
  return 0;
}

const NO_FAULT = {
  subject: 'faults --target',
  expected: 'the name of a fault, whose example takes names of the target',
  got: 'none',
  next: 'What works on a target: gauntlet doctor --target NAME',
};

/** Loaded only with --target: it opens the target. */
async function exampleOn(name: string, target: string, places: Places): Promise<string> {
  const { exampleForTarget } = await import('../../run/fault-example.ts');
  return await exampleForTarget(name, target, places);
}
