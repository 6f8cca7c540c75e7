/** Which verbs on which resources each act needs: the one list that preflight asks for and `gauntlet rbac` prints. */
export interface Permission {
  readonly group: '' | 'discovery.k8s.io' | 'coordination.k8s.io' | 'chaos-mesh.org';
  readonly resource:
    | 'pods'
    | 'pods/eviction'
    | 'endpointslices'
    | 'namespaces'
    | 'leases'
    | 'networkchaos'
    | 'podnetworkchaos';
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'delete';
}

const pods = (verb: Permission['verb']): Permission => ({ group: '', resource: 'pods', verb });
const slices = (verb: Permission['verb']): Permission => ({
  group: 'discovery.k8s.io',
  resource: 'endpointslices',
  verb,
});

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
};

/** By whom acts are done that Gauntlet does not do there itself. Absent: by nobody else. */
export type Backend = 'chaos-mesh';

const chaos = (resource: 'networkchaos' | 'podnetworkchaos', ...verbs: Permission['verb'][]): Permission[] =>
  verbs.map((verb) => ({ group: 'chaos-mesh.org', resource, verb }));

/** Renewing is looking: its deadline cannot be moved. Its webhook asks for `create` in every namespace of a pod that is named. */
const BACKEND_PERMISSIONS: Readonly<Record<Backend, Readonly<Record<string, readonly Permission[]>>>> = {
  'chaos-mesh': {
    'links.list': chaos('networkchaos', 'list'),
    'links.impair': [pods('list'), ...chaos('networkchaos', 'list', 'watch', 'create')],
    'links.renew': chaos('networkchaos', 'list'),
    'links.heal': [...chaos('networkchaos', 'list', 'watch', 'delete'), ...chaos('podnetworkchaos', 'list')],
  },
};

/** What each act needs there. */
export const needsWith = (backend?: Backend): Readonly<Record<string, readonly Permission[]>> =>
  backend === undefined ? ACT_PERMISSIONS : { ...ACT_PERMISSIONS, ...BACKEND_PERMISSIONS[backend] };

/** Each once, in the order of the list above. Acts that Kubernetes does not offer need nothing: they are refused elsewhere. */
export function permissionsFor(acts: readonly string[], backend?: Backend): readonly Permission[] {
  const all = Object.entries(needsWith(backend)).flatMap(([act, needs]) =>
    act === 'guard' || acts.includes(act) ? needs : [],
  );
  return all.filter((one, index) => all.findIndex((other) => say(other) === say(one)) === index);
}

/** Kafka is asked through the addresses of the target file: whether it is there is not a matter of rights. */
export const isOffered = (act: string, backend?: Backend): boolean =>
  needsWith(backend)[act] !== undefined || act.startsWith('kafka.');

/** For `gauntlet faults`: the verbs of a fault, or that the platform does not offer what it needs. */
export function sayNeeds(acts: readonly string[]): string {
  const lacking = acts.filter((act) => !isOffered(act));
  if (lacking.length > 0 && acts.every((act) => isOffered(act, 'chaos-mesh'))) {
    return `not offered there but with backend: chaos-mesh, and then ${permissionsFor(acts, 'chaos-mesh').map(say).join(', ')}`;
  }
  if (lacking.length > 0) return `not offered there (${lacking.join(', ')})`;
  return acts.length === 0 ? 'nothing' : permissionsFor(acts).map(say).join(', ');
}

/** `list pods`, `create pods/eviction`, `watch endpointslices.discovery.k8s.io`. */
export const say = ({ verb, resource, group }: Permission): string =>
  `${verb} ${resource}${group === '' ? '' : `.${group}`}`;
