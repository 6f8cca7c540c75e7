/** Our NetworkPolicies: created, found again by their label, deleted by their uid. */
import type { PodSelector } from '../../../core/acts/kubernetes-handle.ts';
import { ApiError } from '../../client/api-error.ts';
import type { KubeApi } from '../../client/client.ts';
import { listAll } from '../../client/list.ts';
import { requirementsOf } from './label-selector.ts';
import { allBut } from './policy-peers.ts';

const LABEL = 'gauntlet.dev/impairment';
const LINKS = 'gauntlet.dev/links';

export interface PlacedPolicy {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly id: string;
  readonly links: readonly string[];
}

interface PolicyJson {
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

export const isOurs = (labels: Readonly<Record<string, string>> = {}): boolean => labels[LABEL] !== undefined;

export const policiesPath = (namespace: string): string =>
  `/apis/networking.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/networkpolicies`;

export async function listPolicies(client: KubeApi, namespace: string): Promise<readonly PlacedPolicy[]> {
  const what = `list network policies in ${namespace}`;
  const request = { path: policiesPath(namespace), what, selector: LABEL };
  const { items } = await listAll<PolicyJson, PlacedPolicy>(client, request, ({ metadata = {} }) => ({
    name: metadata.name ?? '',
    namespace: metadata.namespace ?? namespace,
    uid: metadata.uid ?? '',
    id: metadata.labels?.[LABEL] ?? '',
    links: (metadata.annotations?.[LINKS] ?? '').split(' ').filter((one) => one !== ''),
  }));
  return items;
}

export interface PolicyRequest {
  readonly id: string;
  /** Its pods may send to every address except `peers`, unless another policy of theirs allows more. */
  readonly service: string;
  readonly namespace: string;
  readonly selector: string;
  readonly links: readonly string[];
  readonly peers: readonly string[];
  /** The namespaces and labels of the pods behind them. */
  readonly to: readonly PodSelector[];
}

/** @throws ApiError, ApiUnreachable. */
export async function createPolicy(client: KubeApi, request: PolicyRequest): Promise<void> {
  const { id, service, namespace, selector, links, peers, to } = request;
  await client.ask({
    method: 'POST',
    path: policiesPath(namespace),
    what: `create a network policy in ${namespace}`,
    body: {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: {
        name: `gauntlet-${id}-${service}`,
        labels: { [LABEL]: id },
        annotations: { [LINKS]: links.join(' ') },
      },
      spec: {
        podSelector: { matchExpressions: requirementsOf(selector) },
        policyTypes: ['Egress'],
        egress: [{ to: allBut(peers, to) }],
      },
    },
  });
}

/** Deletes exactly this one; gone is a success. */
export async function deletePolicy(client: KubeApi, { name, namespace, uid }: PlacedPolicy): Promise<void> {
  try {
    await client.ask({
      method: 'DELETE',
      path: `${policiesPath(namespace)}/${encodeURIComponent(name)}`,
      what: `delete network policy ${name} in ${namespace}`,
      body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid } },
    });
  } catch (error) {
    if (!(error instanceof ApiError) || (error.status !== 404 && error.status !== 409)) throw error;
  }
}
