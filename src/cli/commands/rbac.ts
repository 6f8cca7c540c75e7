/** `gauntlet rbac <target>`: the least rights with which Gauntlet can act on a target, as a manifest on stdout. */
import { GauntletError } from '../../core/errors.ts';
import { rbacManifest } from '../../kube/rbac.ts';
import { namedTarget } from '../../run/names.ts';
import { cliContext } from '../context.ts';

/** @throws usage for a target that is not on Kubernetes: there are no Roles to give. */
export async function rbacCommand(given: string): Promise<number> {
  const { name, platform, kubernetes } = namedTarget(given);
  if (!kubernetes) {
    const problem = { subject: `target ${name}`, expected: 'platform kubernetes', got: platform };
    throw new GauntletError('usage', [problem]);
  }
  const { services, network } = kubernetes;
  const manifest = rbacManifest({ target: name, services, ...(network && { network: network.by }) });
  cliContext().out(manifest.trimEnd());
  return 0;
}
