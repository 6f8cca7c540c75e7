/** Workloads of a service against a scripted API server: found by owners, restarted and scaled by uid. */
import { describe, expect, it } from 'vitest';
import type { Workload } from '../../../../src/core/acts/workload-acts.ts';
import { ApiError } from '../../../../src/kube/client/api-error.ts';
import type { ApiRequest } from '../../../../src/kube/client/client.ts';
import { workloadActs } from '../../../../src/kube/workloads/workload-acts.ts';
import { PODS, WHERE } from '../pod-objects.ts';
import { ScriptedApi } from '../scripted-api.ts';

const APPS = '/apis/apps/v1/namespaces/shop';
const SCALERS = '/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers';
const WEB: Workload = { service: 'web', kind: 'Deployment', name: 'web', namespace: 'shop', uid: 'd1' };
const ownedBy = (kind: string, name: string, uid: string) => ({
  ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid, controller: true }],
});

function rig(pods: readonly object[]) {
  const api = new ScriptedApi();
  const items = pods.map((owner, index) => ({
    metadata: { uid: `p${index}`, name: `web-${index}`, namespace: 'shop', ...owner },
    status: { phase: 'Running' },
  }));
  api.answers.set(PODS, () => ({ metadata: { resourceVersion: '1' }, items }));
  api.answers.set(`${APPS}/replicasets/web-7`, () => ({ metadata: ownedBy('Deployment', 'web', 'd1') }));
  api.answers.set(`${APPS}/deployments/web`, () => ({ metadata: { uid: 'd1' }, spec: { replicas: 2 } }));
  api.answers.set(`${APPS}/statefulsets/db`, () => ({ metadata: { uid: 's1' }, spec: { replicas: 1 } }));
  const fail = (status: number, message: string) => () => {
    throw new ApiError(api.server, 'ask', status, { message });
  };
  return { api, fail, acts: workloadActs(api, { web: WHERE }) };
}

const sentBy = ({ requests }: ScriptedApi): readonly ApiRequest[] =>
  requests.filter((one) => one.method !== 'GET');

describe('the workloads of a service', () => {
  it('are the owners of its pods, each once, and null once another has the name', async () => {
    const inSet = ownedBy('ReplicaSet', 'web-7', 'r1');
    const { acts, api, fail } = rig([inSet, inSet, ownedBy('StatefulSet', 'db', 's1')]);
    const found = await acts.list('web');
    expect(found.map(({ kind, name, uid, replicas }) => [kind, name, uid, replicas])).toEqual([
      ['Deployment', 'web', 'd1', 2],
      ['StatefulSet', 'db', 's1', 1],
    ]);
    expect(await acts.read(WEB)).toMatchObject({ uid: 'd1' });
    expect(await acts.read({ ...WEB, uid: 'old' })).toBeNull();
    api.answers.set(`${APPS}/deployments/web`, fail(404, 'not found'));
    expect(await acts.read(WEB)).toBeNull();
    expect(await acts.list('unknown')).toEqual([]);
  });

  it('a pod whose ReplicaSet is gone is on its way out; any other owner is refused with its name', async () => {
    const old = rig([ownedBy('ReplicaSet', 'web-6', 'r0'), ownedBy('ReplicaSet', 'web-7', 'r1')]);
    old.api.answers.set(`${APPS}/replicasets/web-6`, old.fail(404, 'not found'));
    expect((await old.acts.list('web')).map((one) => one.name)).toEqual(['web']);
    for (const [owner, got] of [
      [{}, 'web-0, which has no owner'],
      [ownedBy('DaemonSet', 'each', 'x'), 'web-0, which belongs to DaemonSet each'],
    ] as const) {
      await expect(rig([owner]).acts.list('web')).rejects.toMatchObject({
        kind: 'refused',
        problems: [{ subject: 'service web', expected: 'pods of a Deployment or a StatefulSet', got }],
      });
    }
  });

  it('are scaled by whatever autoscaler names them', async () => {
    const { acts, api } = rig([]);
    const scaler = (kind: string, name: string) => ({
      metadata: { name: `${name}-hpa` },
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind, name } },
    });
    const items = [scaler('StatefulSet', 'web'), scaler('Deployment', 'other')];
    api.answers.set(SCALERS, () => ({ metadata: {}, items }));
    expect(await acts.scaler(WEB)).toBeNull();
    api.answers.set(SCALERS, () => ({ metadata: {}, items: [...items, scaler('Deployment', 'web')] }));
    expect(await acts.scaler(WEB)).toBe('HorizontalPodAutoscaler web-hpa');
  });
});

describe('a restart', () => {
  it('sets the annotation of kubectl on the template of exactly this uid', async () => {
    const { acts, api } = rig([]);
    expect(await acts.roll(WEB, '2026-11-29T20:00:00.000Z')).toBe('sent');
    expect(sentBy(api)).toMatchObject([
      {
        method: 'PATCH',
        path: `${APPS}/deployments/web`,
        body: {
          metadata: { uid: 'd1' },
          spec: {
            template: {
              metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-11-29T20:00:00.000Z' } },
            },
          },
        },
      },
    ]);
  });

  it('finds another workload of its name gone, and does not hide any other refusal', async () => {
    const { acts, api, fail } = rig([]);
    for (const [status, message] of [
      [404, 'not found'],
      [409, 'Precondition failed: UID in precondition: d1, UID in object meta: d2'],
      [422, 'Deployment.apps "web" is invalid: metadata.uid: Invalid value: "d1": field is immutable'],
    ] as const) {
      api.answers.set(`${APPS}/deployments/web`, fail(status, message));
      expect(await acts.roll(WEB, 'm')).toBe('gone');
    }
    api.answers.set(`${APPS}/deployments/web`, fail(403, 'forbidden'));
    await expect(acts.roll(WEB, 'm')).rejects.toMatchObject({ status: 403 });
  });
});

describe('another number', () => {
  function scaled(replicas: () => number, uid = 'd1') {
    const one = rig([]);
    let version = 0;
    one.api.answers.set(`${APPS}/deployments/web/scale`, () => {
      version += 1;
      return { metadata: { uid, resourceVersion: String(version) }, spec: { replicas: replicas() } };
    });
    return one;
  }

  it('is written over the number and the version that were read', async () => {
    const { acts, api } = scaled(() => 3);
    expect(await acts.scale(WEB, 3, 5)).toBe('set');
    expect(sentBy(api)).toMatchObject([
      {
        method: 'PUT',
        path: `${APPS}/deployments/web/scale`,
        body: { metadata: { uid: 'd1', resourceVersion: '1' }, spec: { replicas: 5 } },
      },
    ]);
  });

  it('is not written over any other number, or to another uid', async () => {
    const changed = scaled(() => 4);
    expect(await changed.acts.scale(WEB, 3, 5)).toBe('changed');
    const other = scaled(() => 3, 'd2');
    expect(await other.acts.scale(WEB, 3, 5)).toBe('gone');
    expect([...sentBy(changed.api), ...sentBy(other.api)]).toEqual([]);
  });

  it('is compared again when the object has changed since, a few times', async () => {
    const counts = [3, 3, 3, 3, 7];
    const { acts, api, fail } = scaled(() => counts.shift() ?? 3);
    const answer = api.answers.get(`${APPS}/deployments/web/scale`);
    api.answers.set(`${APPS}/deployments/web/scale`, (request) =>
      request.method === 'PUT' ? fail(409, 'the object has been modified')() : answer?.(request),
    );
    expect(await acts.scale(WEB, 3, 5)).toBe('changed');
    expect(sentBy(api)).toHaveLength(4);
    await expect(acts.scale(WEB, 3, 5)).rejects.toMatchObject({ status: 409 });
  });
});
