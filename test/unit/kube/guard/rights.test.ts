import { describe, expect, it } from 'vitest';
import { kubeGuard } from '../../../../src/kube/guard/guard.ts';
import {
  neededActs,
  permissionsFor,
  rbacCommandFor,
  say,
  sayNeeds,
  usualActs,
} from '../../../../src/kube/guard/permissions.ts';
import { rbacManifest } from '../../../../src/kube/guard/rbac.ts';
import { PODS, pod, VICTIM, WHERE } from '../pod-objects.ts';
import { ScriptedApi } from '../scripted-api.ts';

describe('rights', () => {
  it('are what the acts need, each once, and always a look at the namespace', () => {
    expect(permissionsFor(['instances.list', 'instances.lives', 'instances.evict']).map(say)).toEqual([
      'get namespaces',
      'list pods',
      'watch pods',
      'list endpointslices.discovery.k8s.io',
      'watch endpointslices.discovery.k8s.io',
      'create pods/eviction',
    ]);
  });

  it('of an audit and of the service * are printed once', () => {
    const request = { target: 'here', services: { web: WHERE }, others: WHERE.namespace };
    const manifest = rbacManifest({ ...request, acts: ['audit.list'] });
    expect(manifest).toContain('resources: [deployments], verbs: [list] }');
    expect(manifest).toContain('resources: [services], verbs: [list] }');
  });

  it('of a fault that the platform does not offer are said to be none', () => {
    expect(sayNeeds(['stress.begin', 'instances.list'])).toBe('not offered there (stress.begin)');
    expect(sayNeeds(['kafka.leaderOf', 'instances.list'])).toBe('get namespaces, list pods');
    expect(sayNeeds([])).toBe('nothing');
  });

  it('of faults on links are those to the agent in the pod, and to NetworkPolicies only where they are wanted', () => {
    const links = ['links.list', 'links.impair', 'links.renew', 'links.heal'] as const;
    const agent = [
      'get namespaces',
      'list pods',
      'get pods/exec',
      'create pods/exec',
      'get pods',
      'patch pods/ephemeralcontainers',
      'list services',
    ];
    expect(permissionsFor(links).map(say)).toEqual(agent);
    const policies = ['list', 'create', 'delete'].map((verb) => `${verb} networkpolicies.networking.k8s.io`);
    expect(permissionsFor(links, 'network-policy').map(say).sort()).toEqual([...agent, ...policies].sort());
    expect(permissionsFor(['instances.list'], 'network-policy').map(say)).toEqual([
      'get namespaces',
      'list pods',
    ]);
  });

  it('of a delay are those of links, and to a job that is a proxy and is spoken to through the API', () => {
    const links = ['links.list', 'links.impair', 'links.renew', 'links.heal'] as const;
    const more = permissionsFor([...links, 'links.delay']).slice(permissionsFor(links).length);
    expect(more.map(say)).toEqual([
      'list jobs.batch',
      'create jobs.batch',
      'delete jobs.batch',
      'get pods/proxy',
      'create pods/proxy',
      'update pods/proxy',
      'delete pods/proxy',
    ]);
    expect(permissionsFor(['links.delay'], 'chaos-mesh').map(say)).toEqual(['get namespaces']);
  });

  it('that reach further are found with a word of their own', () => {
    const find = (text: string) => permissionsFor(neededActs()).find((one) => say(one) === text);
    const ask = (text: string): string =>
      rbacCommandFor(find(text) ?? { group: '', resource: 'pods', verb: 'list' });
    expect(ask('list pods')).toBe('gauntlet rbac <target>');
    expect(ask('get nodes')).toBe('gauntlet rbac <target> --also zone');
    expect(ask('create pods/exec')).toBe('gauntlet rbac <target> --also signal,links');
    expect(ask('patch pods/ephemeralcontainers')).toBe('gauntlet rbac <target> --also links');
    expect(ask('create jobs.batch')).toBe('gauntlet rbac <target> --also proxy');
    expect(ask('list replicasets.apps')).toBe('gauntlet rbac <target> --also audit');
    expect(usualActs().filter((act) => act.startsWith('links.'))).toEqual([]);
    expect(usualActs('chaos-mesh')).toContain('links.heal');
  });

  it('are printed as one Role per namespace, bound to one ServiceAccount in the first', () => {
    const services = { web: { namespace: 'shop', selector: 'a' }, db: { namespace: 'data', selector: 'b' } };
    expect(rbacManifest({ target: 't', services, acts: ['instances.list', 'instances.signal'] })).toBe(
      `apiVersion: v1
kind: ServiceAccount
metadata: { name: gauntlet-t, namespace: data }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: gauntlet-t, namespace: data }
rules:
  - { apiGroups: [""], resources: [namespaces], verbs: [get], resourceNames: [data] }
  - { apiGroups: [""], resources: [pods], verbs: [list, delete] }
  - { apiGroups: [""], resources: [configmaps], verbs: [get, list, create, update, delete] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: gauntlet-t, namespace: data }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: gauntlet-t }
subjects: [{ kind: ServiceAccount, name: gauntlet-t, namespace: data }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: gauntlet-t, namespace: shop }
rules:
  - { apiGroups: [""], resources: [namespaces], verbs: [get], resourceNames: [shop] }
  - { apiGroups: [""], resources: [pods], verbs: [list, delete] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: gauntlet-t, namespace: shop }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: gauntlet-t }
subjects: [{ kind: ServiceAccount, name: gauntlet-t, namespace: data }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: gauntlet-t, namespace: kube-system }
rules:
  - { apiGroups: [""], resources: [namespaces], verbs: [get], resourceNames: [kube-system] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: gauntlet-t, namespace: kube-system }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: gauntlet-t }
subjects: [{ kind: ServiceAccount, name: gauntlet-t, namespace: data }]
`,
    );
  });
});

describe('the rights to keep a journal', () => {
  const services = {
    web: { namespace: 'shop', selector: 'a' },
    dns: { namespace: 'kube-system', selector: 'b' },
  };
  const maps = '  - { apiGroups: [""], resources: [configmaps], verbs: [get, list, create, update, delete] }';

  it('are given in one namespace, which is not a protected one', () => {
    const roles = rbacManifest({ target: 't', services, acts: [] }).split('---\n');
    expect(roles.filter((role) => role.includes(maps))).toEqual([
      expect.stringContaining('kind: Role\nmetadata: { name: gauntlet-t, namespace: shop }'),
    ]);
  });

  it('are the only ones in a namespace that holds nothing but journals', () => {
    const request = { target: 't', services, journalNamespace: 'ops', acts: ['instances.signal'] as const };
    const roles = rbacManifest(request).split('---\n');
    expect(roles.filter((role) => role.includes('kind: Role\n') && role.includes('namespace: ops'))).toEqual([
      `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: gauntlet-t, namespace: ops }
rules:
${maps}
`,
    ]);
    expect(roles.filter((role) => role.includes(maps))).toHaveLength(1);
  });

  it('are asked for with every act, and every one that is missing is named', async () => {
    const api = new ScriptedApi();
    api.answers.set('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', ({ body }) => {
      const { spec } = body as { spec: { resourceAttributes: { resource: string } } };
      return { status: { allowed: spec.resourceAttributes.resource !== 'configmaps' } };
    });
    const refusals = await kubeGuard(api, services, { journal: 'ops' }).refusals([], ['instances.signal']);
    expect(refusals.map(({ subject, expected }) => `${subject}: ${expected}`)).toEqual(
      ['get', 'list', 'create', 'update', 'delete'].map(
        (verb) => `permission in namespace ops: ${verb} configmaps`,
      ),
    );
  });
});

describe('the guard of a cluster', () => {
  const REVIEW = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  function rig(namespaceLabel: string | null, podLabel: string | null) {
    const api = new ScriptedApi();
    const labelled = (value: string | null) => (value === null ? {} : { 'gauntlet.dev/faults': value });
    const one = pod('u1', 5);
    api.answers.set(REVIEW, () => ({ status: { allowed: true } }));
    api.answers.set('/api/v1/namespaces/shop', () => ({ metadata: { labels: labelled(namespaceLabel) } }));
    api.answers.set(PODS, () => ({
      metadata: { resourceVersion: '10' },
      items: [{ ...one, metadata: { ...one.metadata, labels: labelled(podLabel) } }],
    }));
    return { api, guard: kubeGuard(api, { web: WHERE }) };
  }

  it.each([
    ['enabled', null, true],
    [null, 'enabled', true],
    ['enabled', 'disabled', false],
    ['disabled', 'enabled', true],
    [null, null, false],
    ['yes', null, false],
  ])('with namespace %s and pod %s allows: %s', async (namespace, label, allowed) => {
    const { guard } = rig(namespace, label);
    expect((await guard.refusals([VICTIM], ['instances.signal'])).length === 0).toBe(allowed);
  });

  it('asks for the lock too, for a subresource as one, and for the namespace by its name', async () => {
    const { api, guard } = rig('enabled', null);
    await guard.refusals([], ['instances.evict']);
    const asked = api.requests.map(
      (one) => (one.body as { spec: { resourceAttributes: object } }).spec.resourceAttributes,
    );
    expect(asked).toEqual([
      { namespace: 'shop', verb: 'get', group: '', resource: 'namespaces', name: 'shop' },
      ...['get', 'create', 'update', 'delete'].map((verb) => {
        return { namespace: 'shop', verb, group: 'coordination.k8s.io', resource: 'leases' };
      }),
      { namespace: 'shop', verb: 'create', group: '', resource: 'pods', subresource: 'eviction' },
    ]);
  });

  it('leaves a pod that is gone by now to the act, which finds out by its uid', async () => {
    const { guard } = rig('enabled', null);
    expect(await guard.refusals([{ ...VICTIM, uid: 'u9' }], [])).toEqual([]);
  });
});
