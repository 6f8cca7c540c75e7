/** `gauntlet faults [name]`: the text comes from the faults themselves, so it cannot become outdated. */
import { explainedColumns, explainFault, listFaults } from '../../chaos/faults/explain.ts';
import { faultNamed } from '../../chaos/faults/registry.ts';
import { wrapped } from '../../core/wrap.ts';
import { sayNeeds } from '../../kube/guard/permissions.ts';
import { cliContext } from '../terminal/context.ts';

export async function faultsCommand(name: string | undefined): Promise<number> {
  const cli = cliContext();
  if (name === undefined) {
    cli.out(listFaults());
    return 0;
  }
  cli.out(explainFault(name, cli.width));
  const { permissions, permissionsInPods = permissions } = faultNamed(name);
  const rights = `Rights on Kubernetes: ${sayNeeds(permissionsInPods)}`;
  cli.out(['', ...wrapped(rights, explainedColumns(cli.width), '', '  ')].join('\n'));
  return 0;
}
