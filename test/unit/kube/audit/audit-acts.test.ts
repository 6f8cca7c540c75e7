import { describe, expect, it } from 'vitest';
import { auditActs } from '../../../../src/kube/audit/audit-acts.ts';
import { ScriptedApi } from '../scripted-api.ts';

const APPS = '/apis/apps/v1/namespaces/shop';
const owned = (kind: string, name: string) => ({
  ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid: `uid-${name}`, controller: true }],
});

async function listed(answers: Readonly<Record<string, readonly object[]>>) {
  const api = new ScriptedApi();
  api.answers.set('/version', () => ({}));
  for (const plural of ['replicasets', 'deployments', 'statefulsets'])
    api.answers.set(`${APPS}/${plural}`, () => ({ items: answers[plural] ?? [] }));
  for (const plural of ['pods', 'services'])
    api.answers.set(`/api/v1/namespaces/shop/${plural}`, () => ({ items: answers[plural] ?? [] }));
  api.answers.set('/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices', () => ({
    items: answers['slices'] ?? [],
  }));
  const { namespaces } = await auditActs(api, ['shop']).list();
  return { view: namespaces[0], requests: api.requests };
}

describe('what an audit lists', () => {
  it('are only reads', async () => {
    const { requests } = await listed({});
    expect(new Set(requests.map((one) => one.method))).toEqual(new Set(['GET']));
    expect(requests.map((one) => one.what)).toEqual([
      ...['read the version', 'list pods in shop', 'list replicasets in shop'],
      ...['list deployments in shop', 'list statefulsets in shop'],
      ...['list endpointslices in shop', 'list services in shop'],
    ]);
  });

  it('a pod belongs to the Deployment behind its ReplicaSet', async () => {
    const { view } = await listed({
      pods: [
        { metadata: { uid: 'a', name: 'web-1', ...owned('ReplicaSet', 'web-7d9') } },
        { metadata: { uid: 'b', name: 'bus-0', ...owned('StatefulSet', 'bus') } },
        { metadata: { uid: 'c', name: 'bare' } },
        { metadata: { uid: 'd', name: 'lost-1', ...owned('ReplicaSet', 'lost-5bc') } },
      ],
      replicasets: [
        { metadata: { uid: 'rs', name: 'web-7d9', ...owned('Deployment', 'web') }, status: { replicas: 2 } },
      ],
    });
    expect(view?.pods.map((one) => one.owner)).toEqual([
      ...['Deployment/web', 'StatefulSet/bus', 'Pod/bare', 'ReplicaSet/lost-5bc'],
    ]);
    expect(view?.replicaSets).toMatchObject([{ name: 'web-7d9', owner: 'Deployment/web', pods: 2 }]);
  });

  it('a container has its waiting reason, its ends and its restarts, init containers too', async () => {
    const end = {
      ...{ reason: 'OOMKilled', exitCode: 137 },
      ...{ startedAt: '2026-11-29T11:00:00Z', finishedAt: '2026-11-29T11:00:30Z' },
    };
    const { view } = await listed({
      pods: [
        {
          metadata: { uid: 'a', name: 'web-1', creationTimestamp: '2026-11-29T10:00:00Z' },
          status: {
            phase: 'Running',
            conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: '2026-11-29T11:00:31Z' }],
            initContainerStatuses: [{ name: 'wait', state: { terminated: { reason: 'Completed' } } }],
            containerStatuses: [
              {
                ...{ name: 'app', restartCount: 4 },
                ...{ state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: { terminated: end } },
              },
            ],
          },
        },
      ],
    });
    expect(view?.pods[0]).toEqual({
      ...{ uid: 'a', name: 'web-1', owner: 'Pod/web-1', phase: 'Running', reason: null, goneBy: null },
      ...{ isReady: false, createdAt: Date.parse('2026-11-29T10:00:00Z') },
      readySince: Date.parse('2026-11-29T11:00:31Z'),
      containers: [
        {
          ...{ name: 'wait', isInit: true, restarts: 0, waiting: null, last: null },
          ended: { reason: 'Completed', exitCode: 0, startedAt: null, at: null },
        },
        {
          ...{ name: 'app', isInit: false, restarts: 4, waiting: 'CrashLoopBackOff', ended: null },
          last: {
            ...{ reason: 'OOMKilled', exitCode: 137 },
            ...{ startedAt: Date.parse(end.startedAt), at: Date.parse(end.finishedAt) },
          },
        },
      ],
    });
  });

  it('a Service has the ready endpoints of all of its slices', async () => {
    const slice = (service: string, ...ready: (boolean | undefined)[]) => ({
      metadata: { labels: { 'kubernetes.io/service-name': service } },
      endpoints: ready.map((one) => ({ conditions: one === undefined ? {} : { ready: one } })),
    });
    const { view } = await listed({
      services: [
        { metadata: { uid: 's', name: 'web' }, spec: { selector: { app: 'web' } } },
        { metadata: { uid: 't', name: 'else' }, spec: { type: 'ExternalName' } },
        { metadata: { uid: 'u', name: 'deaf' }, spec: { selector: { app: 'no' } } },
      ],
      slices: [slice('web', true, false), slice('web', undefined), { ...slice('deaf'), endpoints: null }],
    });
    expect(view?.services).toEqual([
      { uid: 's', name: 'web', selects: { app: 'web' }, ready: 2 },
      { uid: 't', name: 'else', selects: {}, ready: 0 },
      { uid: 'u', name: 'deaf', selects: { app: 'no' }, ready: 0 },
    ]);
  });

  it('a workload wants what its spec says, 1 where it says nothing', async () => {
    const template = { metadata: { labels: { app: 'web' } } };
    const { view } = await listed({
      deployments: [{ metadata: { name: 'web' }, spec: { replicas: 0, template } }],
      statefulsets: [{ metadata: { name: 'bus' } }],
    });
    expect(view?.workloads).toMatchObject([
      { owner: 'Deployment/web', wanted: 0, labels: { app: 'web' } },
      { owner: 'StatefulSet/bus', wanted: 1, labels: {} },
    ]);
  });
});
