/** Which verbs on which resources each act needs: the one list for preflight and `gauntlet rbac`. */
import { type ActName, groupOf } from '../../core/acts/act-names.ts';
import type { KubernetesHandle, KubernetesNetwork } from '../../core/acts/kubernetes-handle.ts';

export interface Permission {
  readonly group:
    | ''
    | 'apps'
    | 'discovery.k8s.io'
    | 'batch'
    | 'autoscaling'
    | 'coordination.k8s.io'
    | 'networking.k8s.io'
    | 'chaos-mesh.org';
  readonly resource:
    | 'pods'
    | 'pods/eviction'
    | 'pods/exec'
    | 'pods/proxy'
    | 'pods/ephemeralcontainers'
    | 'pods/log'
    | 'services'
    | 'endpointslices'
    | 'namespaces'
    | 'jobs'
    | 'leases'
    | 'configmaps'
    | 'replicasets'
    | 'deployments'
    | 'deployments/scale'
    | 'statefulsets'
    | 'statefulsets/scale'
    | 'horizontalpodautoscalers'
    | 'daemonsets'
    | 'replicationcontrollers'
    | 'cronjobs'
    | 'nodes'
    | 'networkpolicies'
    | 'networkchaos'
    | 'podnetworkchaos'
    | 'podchaos'
    | 'stresschaos';
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';
}

const pods = (verb: Permission['verb']): Permission => ({ group: '', resource: 'pods', verb });
const slices = (verb: Permission['verb']): Permission => ({
  group: 'discovery.k8s.io',
  resource: 'endpointslices',
  verb,
});

/** For every act, and only in the namespace that holds the journals of runs. */
export const JOURNAL_PERMISSIONS: readonly Permission[] = (
  ['get', 'list', 'create', 'update', 'delete'] as const
).map((verb) => ({ group: '', resource: 'configmaps', verb }));
/** To open a target whose system has the service `*`, and only in its namespace. */
export const OTHERS_PERMISSIONS: readonly Permission[] = (
  ['deployments', 'statefulsets', 'daemonsets'] as const
).map((resource) => ({ group: 'apps', resource, verb: 'list' }));
/** A web socket is requested with GET: until 1.34 that needs the verb `get`, from 1.35 on also `create`. */
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

/**
 * What needs permissions: acts as faults name them (`Fault.permissions`), `guard`, which every act needs, and
 * the lock of a run.
 */
export type Need = ActName | 'guard' | 'lock';
export const isAct = (need: Need): need is ActName => need !== 'guard' && need !== 'lock';

type Needs = Readonly<Partial<Record<Need, readonly Permission[]>>>;

const apps = (
  verb: Permission['verb'],
  ...resources: readonly Permission['resource'][]
): readonly Permission[] => resources.map((resource) => ({ group: 'apps', resource, verb }));

export const ACT_PERMISSIONS: Needs = {
  guard: [{ group: '', resource: 'namespaces', verb: 'get' }],
  'instances.list': [pods('list')],
  'instances.lives': [pods('list'), pods('watch'), slices('list'), slices('watch')],
  'instances.signal': [pods('delete')],
  'instances.remove': [pods('delete')],
  // Whether the owner of a victim will create a successor: it may be gone, finished, suspended or scaled
  // down.
  'instances.successors': [
    pods('list'),
    ...apps('get', 'replicasets', 'deployments', 'statefulsets', 'daemonsets'),
    { group: '', resource: 'replicationcontrollers', verb: 'get' },
    ...(['jobs', 'cronjobs'] as const).map(
      (resource): Permission => ({ group: 'batch', resource, verb: 'get' }),
    ),
  ],
  'workloads.list': [pods('list'), ...apps('get', 'replicasets', 'deployments', 'statefulsets')],
  'workloads.read': apps('get', 'deployments', 'statefulsets'),
  'workloads.scaler': [{ group: 'autoscaling', resource: 'horizontalpodautoscalers', verb: 'list' }],
  'workloads.roll': apps('patch', 'deployments', 'statefulsets'),
  'workloads.scale': (['get', 'update'] as const).flatMap((verb) =>
    apps(verb, 'deployments/scale', 'statefulsets/scale'),
  ),
  lock: (['get', 'create', 'update', 'delete'] as const).map((verb) => ({
    group: 'coordination.k8s.io',
    resource: 'leases',
    verb,
  })),
  'instances.evict': [{ group: '', resource: 'pods/eviction', verb: 'create' }],
  'containers.signal': [pods('get'), ...EXEC],
  'placement.node': [pods('list')],
  // To verify that the server behind the address is one of the named pods; the commands themselves bypass the
  // API.
  'redis.identity': [pods('list')],
  'redis.config': [],
  'redis.setConfig': [],
  'redis.figures': [],
  'redis.pauses': [],
  'redis.pause': [],
  'redis.renewPause': [],
  'redis.endPause': [],
  'redis.killNormalConnections': [],
  // The same for brokers.
  'kafka.setConfig': [pods('list')],
  'placement.owner': [pods('list'), { group: 'apps', resource: 'replicasets', verb: 'get' }],
  'placement.zone': [pods('list'), { group: '', resource: 'nodes', verb: 'get' }],
  'audit.list': [
    pods('list'),
    SERVICES,
    slices('list'),
    ...(['deployments', 'statefulsets', 'replicasets'] as const).map(
      (resource): Permission => ({ group: 'apps', resource, verb: 'list' }),
    ),
  ],
};

/** What breaks the links. */
export type LinksBy = KubernetesNetwork['by'] | 'chaos-mesh';

export const linksBy = ({ chaosMesh, network }: Pick<KubernetesHandle, 'chaosMesh' | 'network'>): LinksBy =>
  chaosMesh === undefined ? (network?.by ?? 'agent') : 'chaos-mesh';

type OfChaosMesh = Extract<Permission['resource'], `${string}chaos`>;
const chaos = (resource: OfChaosMesh, ...verbs: Permission['verb'][]): Permission[] =>
  verbs.map((verb) => ({ group: 'chaos-mesh.org', resource, verb }));
const policies = (...verbs: Permission['verb'][]): Permission[] =>
  verbs.map((verb) => ({ group: 'networking.k8s.io', resource: 'networkpolicies', verb }));

const LINKS_BY_AGENT: readonly ActName[] = ['links.list', 'links.impair', 'links.renew', 'links.heal'];
const BY_AGENT: Needs = {
  'links.list': [pods('list'), ...EXEC],
  'links.impair': [...AGENT, SERVICES],
  'links.renew': [...AGENT, SERVICES],
  'links.heal': AGENT,
};

/** Our calls through the API server need the verb of their method. */
const PROXY: readonly Permission[] = [
  ...AGENT,
  SERVICES,
  ...(['list', 'create', 'delete'] as const).map(
    (verb): Permission => ({ group: 'batch', resource: 'jobs', verb }),
  ),
  ...(['get', 'create', 'update', 'delete'] as const).map(
    (verb): Permission => ({ group: '', resource: 'pods/proxy', verb }),
  ),
];
const LINKS_BY_PROXY: readonly ActName[] = ['links.delay', 'http.list', 'http.put', 'http.renew', 'http.end'];
const BY_PROXY: Needs = Object.fromEntries(LINKS_BY_PROXY.map((act) => [act, PROXY]));

const LINK_PERMISSIONS: Readonly<Record<LinksBy, Needs>> = {
  agent: { ...BY_AGENT, ...BY_PROXY },
  // In addition, because an agent dials from inside the pods to verify the effect.
  'network-policy': {
    'links.delay': [],
    ...Object.fromEntries(
      LINKS_BY_AGENT.map((act) => [act, [...(BY_AGENT[act] ?? []), ...policies('list', 'create', 'delete')]]),
    ),
  },
  // Renewing only reads: its deadline cannot be moved. Its webhook requires `create` in every namespace of a
  // named pod.
  'chaos-mesh': {
    'links.list': chaos('networkchaos', 'list'),
    // As for any other of its effects.
    'links.delay': [],
    'links.impair': [pods('list'), ...chaos('networkchaos', 'list', 'watch', 'create')],
    'links.renew': chaos('networkchaos', 'list'),
    'links.heal': [
      ...chaos('networkchaos', 'list', 'watch', 'delete', 'patch'),
      ...chaos('podnetworkchaos', 'list'),
    ],
  },
};

/** A container of ours in the pod, which writes the kernel's counts to its log. */
const READER: readonly Permission[] = [
  pods('get'),
  { group: '', resource: 'pods/ephemeralcontainers', verb: 'patch' },
  { group: '', resource: 'pods/log', verb: 'get' },
];
/** Offered only there. The watches of `instances.lives` observe what a PodChaos killed. */
const CHAOS_MESH_PERMISSIONS: Needs = {
  'instances.order': [pods('list'), ...chaos('podchaos', 'list', 'create', 'delete', 'patch')],
  'podStress.begin': [...READER, ...chaos('stresschaos', 'list', 'watch', 'create')],
  'podStress.renew': chaos('stresschaos', 'list'),
  'podStress.end': [...READER, ...chaos('stresschaos', 'list', 'watch', 'delete', 'patch')],
};

/** What each act needs there. */
export const needsWith = (by: LinksBy = 'agent'): Needs => ({
  ...ACT_PERMISSIONS,
  ...LINK_PERMISSIONS[by],
  ...(by === 'chaos-mesh' ? CHAOS_MESH_PERMISSIONS : {}),
});

/**
 * Acts that most targets never need and that require further permissions, by their word for `gauntlet rbac
 * --also`. Links by means other than the agent are not among them: a target file that names those means has
 * requested them.
 */
export const EXTRA_ACTS: Readonly<Record<string, readonly ActName[]>> = {
  zone: ['placement.zone'],
  signal: ['containers.signal'],
  links: LINKS_BY_AGENT,
  proxy: LINKS_BY_PROXY,
  stress: ['podStress.begin', 'podStress.renew', 'podStress.end'],
  audit: ['audit.list'],
  workloads: ['workloads.scaler', 'workloads.roll', 'workloads.scale'],
};

export const usualActs = (by: LinksBy = 'agent'): readonly Need[] => {
  const extra: readonly Need[] = Object.entries(EXTRA_ACTS).flatMap(([word, acts]) =>
    word === 'links' && by !== 'agent' ? [] : acts,
  );
  return neededActs(by).filter((act) => !extra.includes(act));
};

/** Those of {@link needsWith}, in its order. */
export const neededActs = (by?: LinksBy): readonly Need[] => Object.keys(needsWith(by)) as Need[];

/** `gauntlet rbac <target>`, with the words that this permission requires. */
export function rbacCommandFor(permission: Permission, by: LinksBy = 'agent'): string {
  const gives = (acts: readonly Need[]): boolean =>
    permissionsFor(acts, by).some((one) => say(one) === say(permission));
  const giving = Object.keys(EXTRA_ACTS).filter((word) => gives(EXTRA_ACTS[word] ?? []));
  // A permission that two words give is reported with the word that gives less.
  const words = giving.filter((word) => word !== 'proxy' || !giving.includes('links'));
  const isUsual = gives(usualActs(by)) || JOURNAL_PERMISSIONS.includes(permission);
  return `gauntlet rbac <target>${isUsual || words.length === 0 ? '' : ` --also ${words.join(',')}`}`;
}

/** Nodes are in no namespace: only a ClusterRole can permit reading them. */
export const isOfCluster = ({ resource }: Permission): boolean => resource === 'nodes';

/**
 * Each once, in the order of the list above. Acts that Kubernetes does not offer need nothing: they are
 * refused elsewhere.
 */
export function permissionsFor(acts: readonly Need[], by?: LinksBy): readonly Permission[] {
  const needs = needsWith(by);
  const all = neededActs(by).flatMap((act) =>
    act === 'guard' || acts.includes(act) ? (needs[act] ?? []) : [],
  );
  return all.filter((one, index) => all.findIndex((other) => say(other) === say(one)) === index);
}

/** Kafka is asked through the addresses of the target file: no permission is involved. */
export const isOffered = (act: ActName, by?: LinksBy): boolean =>
  needsWith(by)[act] !== undefined || groupOf(act) === 'kafka';

/** For `gauntlet faults`: the verbs of a fault, or that the platform does not offer what it needs. */
export function sayNeeds(acts: readonly ActName[]): string {
  const lacking = acts.filter((act) => !isOffered(act));
  if (lacking.length > 0 && acts.every((act) => isOffered(act, 'chaos-mesh'))) {
    return `with backend: chaos-mesh ${permissionsFor(acts, 'chaos-mesh').map(say).join(', ')}`;
  }
  if (lacking.length > 0) return `not offered there (${lacking.join(', ')})`;
  return acts.length === 0 ? 'nothing' : permissionsFor(acts).map(say).join(', ');
}

/** `list pods`, `create pods/eviction`, `watch endpointslices.discovery.k8s.io`. */
export const say = ({ verb, resource, group }: Permission): string =>
  `${verb} ${resource}${group === '' ? '' : `.${group}`}`;
