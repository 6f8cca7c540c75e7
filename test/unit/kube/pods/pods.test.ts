import { describe, expect, it } from 'vitest';
import { ms } from '../../../../src/core/units.ts';
import { ApiError, ApiUnreachable } from '../../../../src/kube/client/api-error.ts';
import { isAtLeast } from '../../../../src/kube/client/watch.ts';
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
import { deletePod, evictPod } from '../../../../src/kube/pods/pod-acts.ts';
import { listPods } from '../../../../src/kube/pods/pod-list.ts';
import { PodLives } from '../../../../src/kube/pods/pod-lives.ts';
import { type PodJson, podRecord } from '../../../../src/kube/pods/pod-record.ts';
import { monotonicClock } from '../../../../src/system/monotonic-clock.ts';
import { ScriptedApi } from '../scripted-api.ts';

const WHERE = { namespace: 'shop', selector: 'app=web' };
const PODS = '/api/v1/namespaces/shop/pods';
const SLICES = '/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices';
const VICTIM = { service: 'web', instance: 'web-1', namespace: 'shop', uid: 'u1' };

const yes = (type: string) => ({ type, status: 'True', lastTransitionTime: '2026-11-21T07:00:03Z' });
function pod(uid: string, version: number, extra: { isDeleting?: boolean; bare?: boolean } = {}): PodJson {
  return {
    metadata: {
      uid,
      name: `web-${uid}`,
      namespace: 'shop',
      resourceVersion: String(version),
      creationTimestamp: '2026-11-21T07:00:01Z',
      ...(extra.isDeleting && { deletionTimestamp: '2026-11-21T07:10:00Z' }),
    },
    spec: { nodeName: 'node-1' },
    status: extra.bare
      ? { phase: 'Pending' }
      : {
          phase: 'Running',
          conditions: [yes('PodScheduled'), yes('Ready')],
          containerStatuses: [{ restartCount: 2, state: { running: { startedAt: '2026-11-21T07:00:02Z' } } }],
        },
  };
}

describe('a pod', () => {
  it('that is being deleted is not ready, whatever its last probe said', () => {
    expect(podRecord(pod('a', 1)).isReady).toBe(true);
    expect(podRecord(pod('a', 1, { isDeleting: true })).isReady).toBe(false);
  });

  it('has started when the last of its containers has, and not while one waits', () => {
    const two = (second: object): PodJson => ({
      ...pod('a', 1),
      status: { containerStatuses: [{ state: { running: { startedAt: '2026-11-21T07:00:02Z' } } }, second] },
    });
    expect(podRecord(two({ state: {} })).stamps.started).toBeNull();
    const later = two({ state: { running: { startedAt: '2026-11-21T07:00:09Z' } } });
    expect(podRecord(later).stamps.started).toBe(Date.parse('2026-11-21T07:00:09Z'));
  });

  it('with nothing in its JSON is pending and not ready', () => {
    expect(podRecord({})).toMatchObject({ phase: 'Pending', isReady: false, graceSeconds: 30, optIn: null });
  });
});

describe('a list of pods', () => {
  it('is read page by page and begun again when its snapshot is gone', async () => {
    const api = new ScriptedApi();
    const pages: (string | number)[] = ['p1', 410, 'p1', 'p2'];
    api.answers.set(PODS, () => {
      const page = pages.shift();
      if (page === 410) throw new ApiError(api.server, 'list', 410, { reason: 'Expired' });
      return page === 'p1'
        ? { metadata: { continue: 'more', resourceVersion: '7' }, items: [pod('a', 1)] }
        : { metadata: { resourceVersion: '7' }, items: [pod('b', 2)] };
    });
    const listed = await listPods(api, WHERE);
    expect(listed.items.map((one) => one.uid)).toEqual(['a', 'b']);
    expect(api.requests.map((one) => one.query?.['continue'])).toEqual([
      undefined,
      'more',
      undefined,
      'more',
    ]);
    expect(api.requests[0]?.query).toMatchObject({ limit: 100, labelSelector: 'app=web' });
  });
});

describe('an act on a pod', () => {
  it('names its uid, so that a successor of the same name cannot be hit', async () => {
    const api = new ScriptedApi();
    api.answers.set(`${PODS}/web-1`, () => ({}));
    api.answers.set(`${PODS}/web-1/eviction`, () => ({}));
    await deletePod(api, VICTIM, ms(0));
    await evictPod(api, VICTIM, ms(30_000));
    await deletePod(api, VICTIM, null);
    expect(api.requests.map((one) => one.body)).toEqual([
      { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: 'u1' }, gracePeriodSeconds: 0 },
      {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name: 'web-1', namespace: 'shop' },
        deleteOptions: { preconditions: { uid: 'u1' }, gracePeriodSeconds: 30 },
      },
      { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: 'u1' } },
    ]);
  });

  it.each([
    [404, 'pods "web-1" not found', 'gone'],
    [409, 'Precondition failed: UID in precondition: u1, UID in object meta: u2', 'gone'],
    [
      409,
      'Operation cannot be fulfilled on Pod "web-1": the UID in the precondition (u1) does not match',
      'gone',
    ],
  ])('answers gone for %d %s', async (status, message, outcome) => {
    const api = new ScriptedApi();
    api.answers.set(`${PODS}/web-1`, () => {
      throw new ApiError(api.server, 'delete', status, { message });
    });
    expect(await deletePod(api, VICTIM, null)).toMatchObject({ outcome });
  });

  it('is not sent again when its answer is missing: the first may have been carried out', async () => {
    const api = new ScriptedApi();
    api.answers.set(`${PODS}/web-1`, () => {
      throw new ApiUnreachable(api.server, 'delete pod web-1 in shop', 'read ECONNRESET', true);
    });
    await expect(deletePod(api, VICTIM, null)).rejects.toThrow(
      'delete pod web-1 in shop at https://api.test: expected an answer, got read ECONNRESET.',
    );
    expect(api.requests).toHaveLength(1);
  });
});

describe('the lives of pods', () => {
  function rig(items: PodJson[]) {
    const api = new ScriptedApi();
    const now = { version: 10, items };
    const list = () => ({ metadata: { resourceVersion: String(now.version) }, items: now.items });
    api.answers.set(PODS, list);
    api.answers.set(SLICES, () => ({ metadata: { resourceVersion: String(now.version) }, items: [] }));
    return { api, now, lives: new PodLives(api, 'web', WHERE) };
  }
  const send = (api: ScriptedApi, path: string, type: string, object: unknown): void => {
    const open = api.watches.findLast((one) => one.request.path === path);
    open?.onLine(JSON.stringify({ type, object }));
  };

  it('are marked from the acceptance of a deletion to the endpoints of the successor', async () => {
    const before = monotonicClock.now();
    const { api, now, lives } = rig([pod('old', 5)]);
    await lives.start();
    await api.watch(2);
    send(api, PODS, 'MODIFIED', pod('old', 11, { isDeleting: true }));
    send(api, PODS, 'ADDED', pod('new', 12, { bare: true }));
    // The slice may come before the pod's own last event.
    const endpoint = { conditions: { ready: true }, targetRef: { kind: 'Pod', uid: 'new' } };
    send(api, SLICES, 'MODIFIED', { metadata: { resourceVersion: '14' }, endpoints: [endpoint] });
    send(api, PODS, 'MODIFIED', pod('new', 13));
    send(api, PODS, 'DELETED', pod('old', 15, { isDeleting: true }));
    Object.assign(now, { version: 15, items: [pod('new', 13)] });
    const [old, fresh] = await lives.read();
    lives.stop();
    expect(old).toMatchObject({ uid: 'old', service: 'web', instance: 'web-old' });
    expect(old?.marks?.map((mark) => mark.name)).toEqual([
      'created',
      'scheduled',
      'started',
      'ready',
      'deletion accepted',
      'gone',
    ]);
    expect(fresh?.marks?.map((mark) => mark.name)).toEqual([
      'created',
      'endpoint ready',
      'scheduled',
      'started',
      'ready',
    ]);
    // Of the old one the server's stamps are known, to the second after them.
    expect(old?.marks?.[0]).toMatchObject({ at: Date.parse('2026-11-21T07:00:02Z'), boundMs: 1000 });
    // Nothing that the first list did not show can have happened before it was asked for.
    const live = fresh?.marks?.filter((mark) => mark.name !== 'started') ?? [];
    expect(live.every((mark) => mark.at - mark.boundMs >= before && mark.boundMs < 5000)).toBe(true);
    // The kubelet's own stamp, to the second: it tells of a start only later.
    const started = fresh?.marks?.find((mark) => mark.name === 'started');
    const scheduled = fresh?.marks?.find((mark) => mark.name === 'scheduled');
    const stamp = Date.parse('2026-11-21T07:00:02Z');
    // It cannot have started before it was scheduled, whatever the stamp of its node's clock says.
    expect(started).toEqual({ name: 'started', at: scheduled?.at, boundMs: (scheduled?.at ?? 0) - stamp });
  });

  it('take the answer to the deletion for its acceptance when that comes before the event', async () => {
    const { api, now, lives } = rig([pod('old', 5)]);
    await lives.start();
    await api.watch(2);
    lives.accepted('old', (Date.now() - 7) as never, (Date.now() - 4) as never);
    send(api, PODS, 'DELETED', pod('old', 11, { isDeleting: true }));
    Object.assign(now, { version: 11, items: [] });
    const [old] = await lives.read();
    lives.stop();
    const mark = old?.marks?.find((one) => one.name === 'deletion accepted');
    expect(mark?.boundMs).toBe(3);
  });

  it('count a pod that has failed for good as gone', async () => {
    const { api, now, lives } = rig([pod('old', 5)]);
    await lives.start();
    await api.watch(2);
    const failed: PodJson = { ...pod('old', 11), status: { phase: 'Failed' } };
    send(api, PODS, 'MODIFIED', failed);
    Object.assign(now, { version: 11, items: [failed] });
    expect((await lives.read())[0]?.endedAt).not.toBeNull();
    lives.stop();
  });
});

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

describe('resource versions', () => {
  it('are compared as numbers of any length, and only for equality when they are not numbers', () => {
    expect(isAtLeast('9007199254740993', '9007199254740992')).toBe(true);
    expect(isAtLeast('9', '10')).toBe(false);
    expect(isAtLeast('abc', 'abd')).toBe(false);
    expect(isAtLeast('abc', 'abc')).toBe(true);
  });
});
