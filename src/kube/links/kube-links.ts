/** The links of a target on Kubernetes, by the means that its file names (`kubernetes.network`). */
import type { HttpActs } from '../../core/acts/http-acts.ts';
import type { KubernetesHandle } from '../../core/acts/kubernetes-handle.ts';
import type { LinkActs } from '../../core/acts/link-acts.ts';
import type { KubeApi } from '../client/client.ts';
import type { ClusterAccess } from '../client/kubeconfig.ts';
import { netAgent } from './agent/agent.ts';
import { DEFAULT_IMAGE } from './agent/agent-container.ts';
import { agentLinks } from './agent/agent-links.ts';
import { commandsIn } from './agent/command.ts';
import { holderBy } from './agent/holder.ts';
import { rememberQuiet } from './agent/quiet-agents.ts';
import { policyLinks } from './policy/policy-links.ts';
import { delayLinks } from './proxy/delay-links.ts';
import { podHttp } from './proxy/pod-http.ts';
import { DEFAULT_PROXY_IMAGE } from './proxy/proxy-job.ts';
import { Redirects } from './proxy/redirects.ts';

/** `http` only where a proxy can be inserted. */
export function kubeLinks(
  access: ClusterAccess,
  client: KubeApi,
  { services, links, network }: Pick<KubernetesHandle, 'services' | 'links' | 'network'>,
): { readonly links: LinkActs; readonly http?: HttpActs } {
  const image = network?.image ?? DEFAULT_IMAGE;
  const run = commandsIn(access);
  const world = { client, agent: rememberQuiet(netAgent(run)), services, image, ...(links && { links }) };
  if (network?.by === 'network-policy') return { links: policyLinks({ ...world, holder: holderBy(run) }) };
  const rules = agentLinks(world);
  const redirects = new Redirects(world, network?.proxyImage ?? DEFAULT_PROXY_IMAGE, rules.heal);
  return { links: delayLinks(rules, redirects, world), http: podHttp(redirects, client) };
}
