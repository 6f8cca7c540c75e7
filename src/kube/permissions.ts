/** Which verbs on which resources each act needs: the one list that preflight asks for and `gauntlet rbac` prints. */
import type { KubernetesNetwork } from '../core/platform.ts';

export interface Permission {
  readonly group: '' | 'discovery.k8s.io' | 'coordination.k8s.io' | 'networking.k8s.io';
  readonly resource:
    | 'pods'
    | 'pods/eviction'
    | 'pods/ephemeralcontainers'
    | 'pods/exec'
    | 'services'
    | 'endpointslices'
    | 'namespaces'
    | 'leases'
    | 'networkpolicies';
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';
}

const pods = (verb: Permission['verb']): Permission => ({ group: '', resource: 'pods', verb });
const slices = (verb: Permission['verb']): Permission => ({
  group: 'discovery.k8s.io',
  resource: 'endpointslices',
  verb,
});

/** A web socket is asked for with GET: until 1.34 that is the verb `get`, from 1.35 on `create` is asked for as well. */
const EXEC: readonly Permission[] = (['get', 'create'] as const).map((verb) => ({
  group: '',
  resource: 'pods/exec',
  verb,
}));
const AGENT: readonly Permission[] = [
  pods('list'),
  pods('get'),
  { group: '', resource: 'pods/ephemeralcontainers', verb: 'patch' },
  ...EXEC,
];
const SERVICES: Permission = { group: '', resource: 'services', verb: 'list' };

/** Acts as faults name them (`Fault.permissions`), and `guard`, which every act needs. */
export const ACT_PERMISSIONS: Readonly<Record<string, readonly Permission[]>> = {
  guard: [{ group: '', resource: 'namespaces', verb: 'get' }],
  'instances.list': [pods('list')],
  'instances.lives': [pods('list'), pods('watch'), slices('list'), slices('watch')],
  'instances.signal': [pods('delete')],
  'instances.remove': [pods('delete')],
  lock: (['get', 'create', 'update', 'delete'] as const).map((verb) => ({
    group: 'coordination.k8s.io',
    resource: 'leases',
    verb,
  })),
  'instances.evict': [{ group: '', resource: 'pods/eviction', verb: 'create' }],
  'links.list': [pods('list'), ...EXEC],
  'links.impair': [...AGENT, SERVICES],
  'links.renew': [...AGENT, SERVICES],
  'links.heal': AGENT,
};

/** Besides, where the target file asks for NetworkPolicies (`kubernetes.network`). */
const POLICIES: readonly Permission[] = (['list', 'create', 'delete'] as const).map((verb) => ({
  group: 'networking.k8s.io',
  resource: 'networkpolicies',
  verb,
}));

/**
 * Each once, in the order of the list above. Acts that Kubernetes does not offer need nothing: they are refused elsewhere.
 * @param network how the target's links are broken.
 */
export function permissionsFor(
  acts: readonly string[],
  network: KubernetesNetwork['by'] = 'agent',
): readonly Permission[] {
  const usual = Object.entries(ACT_PERMISSIONS).flatMap(([act, needs]) =>
    act === 'guard' || acts.includes(act) ? needs : [],
  );
  const byPolicy = network === 'network-policy' && acts.some((act) => act.startsWith('links.'));
  const all = byPolicy ? [...usual, ...POLICIES] : usual;
  return all.filter((one, index) => all.findIndex((other) => say(other) === say(one)) === index);
}

/** Kafka is asked through the addresses of the target file: whether it is there is not a matter of rights. */
export const isOffered = (act: string): boolean =>
  ACT_PERMISSIONS[act] !== undefined || act.startsWith('kafka.');

/** For `gauntlet faults`: the verbs of a fault, or that the platform does not offer what it needs. */
export function sayNeeds(acts: readonly string[]): string {
  const lacking = acts.filter((act) => !isOffered(act));
  if (lacking.length > 0) return `not offered there (${lacking.join(', ')})`;
  return acts.length === 0 ? 'nothing' : permissionsFor(acts).map(say).join(', ');
}

/** `list pods`, `create pods/eviction`, `watch endpointslices.discovery.k8s.io`. */
export const say = ({ verb, resource, group }: Permission): string =>
  `${verb} ${resource}${group === '' ? '' : `.${group}`}`;
