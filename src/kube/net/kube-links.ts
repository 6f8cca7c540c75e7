/** The links of a target on Kubernetes, by whichever means its file names (`kubernetes.network`). */
import type { KubernetesHandle } from '../../core/kubernetes-handle.ts';
import type { LinkActs } from '../../core/platform.ts';
import type { KubeApi } from '../client.ts';
import type { ClusterAccess } from '../kubeconfig.ts';
import { netAgent } from './agent.ts';
import { DEFAULT_IMAGE } from './agent-container.ts';
import { agentLinks } from './agent-links.ts';
import { execIn } from './exec.ts';
import { holderBy } from './holder.ts';
import { policyLinks } from './policy-links.ts';

export function kubeLinks(
  access: ClusterAccess,
  client: KubeApi,
  { services, network }: Pick<KubernetesHandle, 'services' | 'network'>,
): LinkActs {
  const image = network?.image ?? DEFAULT_IMAGE;
  const exec = execIn(access);
  const world = { client, agent: netAgent(exec), services, image };
  if (network?.by === 'network-policy') return policyLinks({ ...world, holder: holderBy(exec) });
  return agentLinks(world);
}
