/** The least ServiceAccount, Roles and RoleBindings with which Gauntlet can act on a target, as a manifest for `kubectl apply -f -`. */
import type { PodSelector } from '../core/platform.ts';
import { type Backend, needsWith, type Permission, permissionsFor } from './permissions.ts';

export interface RbacRequest {
  /** Of the target; becomes part of object names. */
  readonly target: string;
  readonly services: Readonly<Record<string, PodSelector>>;
  readonly backend?: Backend | undefined;
  /** Acts that are wanted; default: all that Kubernetes offers. */
  readonly acts?: readonly string[];
}

/** The ServiceAccount stands in the first namespace (in alphabetical order); no rule reaches beyond the target's namespaces. */
export function rbacManifest({ target, services, backend, acts }: RbacRequest): string {
  const wanted = permissionsFor(acts ?? Object.keys(needsWith(backend)), backend);
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
      ...rules(wanted, namespace),
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
