/** `gauntlet faults [name]`: the text comes from the faults themselves, so it cannot go stale. */
import { explainFault, listFaults } from '../../chaos/faults/explain.ts';
import { faultNamed } from '../../chaos/faults/registry.ts';
import { sayNeeds } from '../../kube/guard/permissions.ts';
import { cliContext } from '../context.ts';

export async function faultsCommand(name: string | undefined): Promise<number> {
  const cli = cliContext();
  if (name === undefined) {
    cli.out(listFaults());
    return 0;
  }
  cli.out(explainFault(name));
  const { permissions, permissionsInPods = permissions } = faultNamed(name);
  cli.out(`\nRights on Kubernetes: ${sayNeeds(permissionsInPods)}`);
  return 0;
}
