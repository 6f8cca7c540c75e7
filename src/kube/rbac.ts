/** The least ServiceAccount, Roles and RoleBindings with which Gauntlet can act on a target, as a manifest for `kubectl apply -f -`. */
import type { KubernetesNetwork, PodSelector } from '../core/platform.ts';
import { ACT_PERMISSIONS, type Permission, permissionsFor } from './permissions.ts';

export interface RbacRequest {
  /** Of the target; becomes part of object names. */
  readonly target: string;
  readonly services: Readonly<Record<string, PodSelector>>;
  /** Acts that are wanted; default: all that Kubernetes offers. */
  readonly acts?: readonly string[];
  /** How the target's links are broken; default `agent`. */
  readonly network?: KubernetesNetwork['by'];
}

/** The ServiceAccount stands in the first namespace (in alphabetical order); no rule reaches beyond the target's namespaces. */
export function rbacManifest(request: RbacRequest): string {
  const { target, services, acts = Object.keys(ACT_PERMISSIONS), network } = request;
  const namespaces = [...new Set(Object.values(services).map((one) => one.namespace))].sort();
  const name = `gauntlet-${target}`;
  const home = namespaces[0] ?? 'default';
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
      ...rules(permissionsFor(acts, network), namespace),
    ],
    [
      'apiVersion: rbac.authorization.k8s.io/v1',
      'kind: RoleBinding',
      `metadata: { name: ${name}, namespace: ${namespace} }`,
      `roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: ${name} }`,
      `subjects: [{ kind: ServiceAccount, name: ${name}, namespace: ${home} }]`,
    ],
  ]);
  return [account, ...grants].map((lines) => `${lines.join('\n')}\n`).join('---\n');
}

/** One rule per resource, verbs together. */
function rules(permissions: readonly Permission[], namespace: string): readonly string[] {
  const resources = [...new Set(permissions.map((one) => one.resource))];
  return resources.map((resource) => {
    const verbs = permissions.filter((one) => one.resource === resource);
    const group = verbs[0]?.group ?? '';
    // A namespace object is reached by a Role of its own namespace, and only by name.
    const names = resource === 'namespaces' ? `, resourceNames: [${namespace}]` : '';
    const list = verbs.map((one) => one.verb).join(', ');
    return `  - { apiGroups: ["${group}"], resources: [${resource}], verbs: [${list}]${names} }`;
  });
}
