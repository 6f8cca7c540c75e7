/** Nodes, zones and owners of pods, from a scripted API server; and the rights that this needs. */
import { describe, expect, it } from 'vitest';
import { ApiError } from '../../../../src/kube/client/api-error.ts';
import { kubeGuard } from '../../../../src/kube/guard/guard.ts';
import { usualActs } from '../../../../src/kube/guard/permissions.ts';
import { rbacManifest } from '../../../../src/kube/guard/rbac.ts';
import { placementActs } from '../../../../src/kube/pods/placement.ts';
import { ScriptedApi } from '../scripted-api.ts';

const WHERE = { namespace: 'shop', selector: 'app=web' };
const PODS = '/api/v1/namespaces/shop/pods';
const SETS = '/apis/apps/v1/namespaces/shop/replicasets';
const owned = (kind: string, name: string) => ({
  ownerReferences: [
    { kind: 'Audit', name: 'other' },
    { kind, name, controller: true },
  ],
});
const victim = (uid: string) => ({ service: 'web', instance: `web-${uid}`, namespace: 'shop', uid });

function rig() {
  const api = new ScriptedApi();
  const pod = (uid: string, node: string | null, owner: object) => ({
    metadata: { uid, name: `web-${uid}`, namespace: 'shop', ...owner },
    spec: node === null ? {} : { nodeName: node },
  });
  api.answers.set(PODS, () => ({
    metadata: { resourceVersion: '1' },
    items: [
      pod('a', 'n1', owned('ReplicaSet', 'web-7')),
      pod('b', 'n1', owned('ReplicaSet', 'web-7')),
      pod('c', 'n2', owned('StatefulSet', 'db')),
      pod('d', null, {}),
      pod('e', 'gone', owned('ReplicaSet', 'old')),
    ],
  }));
  const gone = () => {
    throw new ApiError(api.server, 'get', 404, {});
  };
  api.answers.set(`${SETS}/web-7`, () => ({ metadata: owned('Deployment', 'web') }));
  api.answers.set(`${SETS}/old`, gone);
  api.answers.set('/api/v1/nodes/n1', () => ({
    metadata: { labels: { 'topology.kubernetes.io/zone': 'west' } },
  }));
  api.answers.set('/api/v1/nodes/n2', () => ({ metadata: {} }));
  api.answers.set('/api/v1/nodes/gone', gone);
  return { api, acts: placementActs(api, { web: WHERE }) };
}

describe('the place of a pod', () => {
  it('is its node, the zone of that, and the chain of its controllers', async () => {
    const { acts, api } = rig();
    const all = ['a', 'b', 'c', 'd', 'e', 'nobody'].map(victim);
    expect(await acts.of(all, ['owner', 'node', 'zone'])).toEqual([
      { node: 'n1', zone: 'west', owners: ['replicaset/web-7', 'deployment/web'] },
      { node: 'n1', zone: 'west', owners: ['replicaset/web-7', 'deployment/web'] },
      { node: 'n2', zone: null, owners: ['statefulset/db'] },
      { node: null, zone: null, owners: [] },
      { node: 'gone', zone: null, owners: ['replicaset/old'] },
      null,
    ]);
    // Each object once, however many pods it has.
    expect(api.requests).toHaveLength(6);
  });

  it('costs no question that is not wanted', async () => {
    const { acts, api } = rig();
    expect(await acts.of([victim('a')], ['node'])).toEqual([{ node: 'n1', zone: null, owners: [] }]);
    expect(api.requests.map((one) => one.path)).toEqual([PODS]);
  });
});

describe('the rights of a choice', () => {
  it('over nodes are given by a ClusterRole, and only to who asks for them', () => {
    const services = { web: WHERE };
    expect(rbacManifest({ target: 't', services, acts: usualActs() })).not.toMatch(/ClusterRole|nodes|exec/);
    const wide = rbacManifest({ target: 't', services, acts: ['instances.list', 'placement.zone'] });
    expect(wide.split('---\n').slice(-2).join('---\n')).toBe(`apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: gauntlet-t }
rules:
  - { apiGroups: [""], resources: [nodes], verbs: [get] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: gauntlet-t }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: gauntlet-t }
subjects: [{ kind: ServiceAccount, name: gauntlet-t, namespace: shop }]
`);
  });

  it('that are missing are named with where they are missing', async () => {
    const api = new ScriptedApi();
    api.answers.set('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', ({ body }) => {
      const { resourceAttributes } = (body as { spec: { resourceAttributes: { resource: string } } }).spec;
      return { status: { allowed: !['nodes', 'pods'].includes(resourceAttributes.resource) } };
    });
    const problems = await kubeGuard(api, { web: WHERE }).refusals(
      [],
      ['placement.zone', 'containers.signal'],
    );
    expect(problems.map((one) => `${one.subject}: ${one.expected}`)).toEqual([
      'permission in namespace shop: get pods',
      'permission in namespace shop: get pods/exec',
      'permission in namespace shop: create pods/exec',
      'permission in namespace shop: list pods',
      'permission in the cluster: get nodes',
    ]);
  });
});
