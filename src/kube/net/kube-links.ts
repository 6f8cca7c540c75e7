/** The links of a target on Kubernetes, by whichever means its file names (`kubernetes.network`). */
import type { KubernetesHandle } from '../../core/kubernetes-handle.ts';
import type { LinkActs } from '../../core/platform.ts';
import type { KubeApi } from '../client.ts';
import type { ClusterAccess } from '../kubeconfig.ts';
import { netAgent } from './agent.ts';
import { DEFAULT_IMAGE } from './agent-container.ts';
import { agentLinks } from './agent-links.ts';
import { execIn } from './exec.ts';
import { policyLinks } from './policy-links.ts';

export function kubeLinks(
  access: ClusterAccess,
  client: KubeApi,
  { services, network }: Pick<KubernetesHandle, 'services' | 'network'>,
): LinkActs {
  const image = network?.image ?? DEFAULT_IMAGE;
  const world = { client, agent: netAgent(execIn(access)), services, image };
  return network?.by === 'network-policy' ? policyLinks(world) : agentLinks(world);
}
