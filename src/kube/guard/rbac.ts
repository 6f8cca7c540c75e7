/**
 * The minimal ServiceAccount, Roles and RoleBindings with which Gauntlet can act on a target, as a manifest
 * for `kubectl apply -f -`.
 */
import type { PodSelector } from '../../core/acts/kubernetes-handle.ts';
import { journalNamespace } from './journal-namespace.ts';
import {
  isOfCluster,
  JOURNAL_PERMISSIONS,
  type LinksBy,
  type Need,
  OTHERS_PERMISSIONS,
  type Permission,
  permissionsFor,
  usualActs,
} from './permissions.ts';

export interface RbacRequest {
  /** Of the target; becomes part of object names. */
  readonly target: string;
  readonly services: Readonly<Record<string, PodSelector>>;
  /** As in the target file; absent: one of the services'. */
  readonly journalNamespace?: string;
  /** The requested acts; default: all that the target offers without `--also`. */
  readonly acts?: readonly Need[];
  readonly linksBy?: LinksBy | undefined;
  /** The namespace whose workloads are services of their own (`*` of the system). */
  readonly others?: string | undefined;
}

const IDENTITY = 'kube-system';

/**
 * The ServiceAccount is in the alphabetically first namespace. No rule reaches beyond the target's
 * namespaces, except reading the object kube-system, whose uid identifies the cluster, and nodes on request.
 */
export function rbacManifest(request: RbacRequest): string {
  const { target, services, linksBy, others, acts = usualActs(linksBy) } = request;
  const found = Object.values(services).map((one) => one.namespace);
  const own = [...new Set([...found, ...(others === undefined ? [] : [others])])].sort();
  const journal = journalNamespace(request);
  const namespaces = journal === undefined || own.includes(journal) ? own : [...own, journal];
  const name = `gauntlet-${target}`;
  const home = namespaces[0] ?? 'default';
  const needed = permissionsFor(acts, linksBy);
  const wide = needed.filter(isOfCluster);
  const account = [
    'apiVersion: v1',
    'kind: ServiceAccount',
    `metadata: { name: ${name}, namespace: ${home} }`,
  ];
  const grants = namespaces.flatMap((namespace) => [
    [
      'apiVersion: rbac.authorization.k8s.io/v1',
      'kind: Role',
      `metadata: { name: ${name}, namespace: ${namespace} }`,
      'rules:',
      ...rules(
        [
          ...(own.includes(namespace) ? needed.filter((one) => !isOfCluster(one)) : []),
          ...(namespace === others ? OTHERS_PERMISSIONS : []),
          ...(namespace === journal ? JOURNAL_PERMISSIONS : []),
        ],
        namespace,
      ),
    ],
    [
      'apiVersion: rbac.authorization.k8s.io/v1',
      'kind: RoleBinding',
      `metadata: { name: ${name}, namespace: ${namespace} }`,
      `roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: ${name} }`,
      `subjects: [{ kind: ServiceAccount, name: ${name}, namespace: ${home} }]`,
    ],
  ]);
  // The identity of the cluster: reads one object by its name (cluster-identity.ts).
  const identityGrants = namespaces.includes(IDENTITY)
    ? []
    : [
        [
          'apiVersion: rbac.authorization.k8s.io/v1',
          'kind: Role',
          `metadata: { name: ${name}, namespace: ${IDENTITY} }`,
          'rules:',
          ...rules([{ group: '', resource: 'namespaces', verb: 'get' }], IDENTITY),
        ],
        [
          'apiVersion: rbac.authorization.k8s.io/v1',
          'kind: RoleBinding',
          `metadata: { name: ${name}, namespace: ${IDENTITY} }`,
          `roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: ${name} }`,
          `subjects: [{ kind: ServiceAccount, name: ${name}, namespace: ${home} }]`,
        ],
      ];
  const clusterGrants = [
    [
      'apiVersion: rbac.authorization.k8s.io/v1',
      'kind: ClusterRole',
      `metadata: { name: ${name} }`,
      'rules:',
      ...rules(wide, home),
    ],
    [
      'apiVersion: rbac.authorization.k8s.io/v1',
      'kind: ClusterRoleBinding',
      `metadata: { name: ${name} }`,
      `roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ${name} }`,
      `subjects: [{ kind: ServiceAccount, name: ${name}, namespace: ${home} }]`,
    ],
  ];
  return [account, ...grants, ...identityGrants, ...(wide.length > 0 ? clusterGrants : [])]
    .map((lines) => `${lines.join('\n')}\n`)
    .join('---\n');
}

/** One rule per resource, verbs together. */
function rules(permissions: readonly Permission[], namespace: string): readonly string[] {
  const resources = [...new Set(permissions.map((one) => one.resource))];
  return resources.map((resource) => {
    const verbs = permissions.filter((one) => one.resource === resource);
    const group = verbs[0]?.group ?? '';
    // A Role of its own namespace permits access to a namespace object, and only by name.
    const names = resource === 'namespaces' ? `, resourceNames: [${namespace}]` : '';
    const list = [...new Set(verbs.map((one) => one.verb))].join(', ');
    return `  - { apiGroups: ["${group}"], resources: [${resource}], verbs: [${list}]${names} }`;
  });
}
