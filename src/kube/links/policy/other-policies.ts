/**
 * Other clients' policies on the pods that dial: traffic that any of them allows stays allowed, although ours
 * omits it.
 */
import { listAll } from '../../client/list.ts';
import { listNetPods } from '../agent/net-pods.ts';
import { type NetWorld, whereIs } from '../agent/net-world.ts';
import { isOurs, policiesPath } from './network-policies.ts';

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

interface PolicyJson {
  readonly metadata?: { readonly name?: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: {
    readonly podSelector?: Selector;
    readonly policyTypes?: readonly string[];
    readonly egress?: readonly unknown[];
  };
}

/** `shop/allow-dns`: those that select a pod of these services and allow it to send something. */
export async function allowingPolicies(
  { client, services }: Pick<NetWorld, 'client' | 'services'>,
  from: readonly string[],
): Promise<readonly string[]> {
  const found = await Promise.all(
    from.map(async (service) => {
      const where = whereIs(services, service);
      const { namespace } = where;
      const request = { path: policiesPath(namespace), what: `list network policies in ${namespace}` };
      const [pods, { items }] = await Promise.all([
        listNetPods(client, where),
        listAll<PolicyJson, PolicyJson>(client, request, (json) => json),
      ]);
      return items
        .filter(({ metadata = {} }) => !isOurs(metadata.labels))
        .filter(({ spec = {} }) => (spec.egress ?? []).length > 0)
        .filter(({ spec = {} }) => pods.some((pod) => matches(spec.podSelector ?? {}, pod.labels)))
        .map(({ metadata = {} }) => `${namespace}/${metadata.name ?? ''}`);
    }),
  );
  return [...new Set(found.flat())].sort();
}

/** An empty selector matches every pod. */
function matches(
  { matchLabels = {}, matchExpressions = [] }: Selector,
  labels: Readonly<Record<string, string>>,
): boolean {
  const has = (key: string, values: readonly string[]): boolean => values.includes(labels[key] ?? '\0');
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      if (operator === 'In') return has(key, values);
      if (operator === 'NotIn') return !has(key, values);
      return (operator === 'Exists') === key in labels;
    })
  );
}
