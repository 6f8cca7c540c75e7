/** CPU stress by Chaos Mesh, on our side of the API: what is written, what is counted, and what a limit is. */
import { describe, expect, it } from 'vitest';
import { ms } from '../../../../src/core/units.ts';
import { chaosStress, stressChaos } from '../../../../src/kube/chaos-mesh/chaos-stress.ts';
import { API } from '../../../../src/kube/chaos-mesh/network-chaos.ts';
import {
  permissionsFor,
  rbacCommandFor,
  say,
  sayNeeds,
  usualActs,
} from '../../../../src/kube/guard/permissions.ts';
import { parseCpus } from '../../../../src/kube/stress/cpu-limit.ts';
import {
  addReading,
  firstTotals,
  type Reading,
  spanBetween,
} from '../../../../src/kube/stress/cpu-totals.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';
import { drive } from '../../chaos/stage.ts';
import { ScriptedApi } from '../scripted-api.ts';

const victim = {
  service: 'web',
  instance: 'web-1',
  namespace: 'shop',
  uid: 'u1',
  run: { container: 'app', id: 'containerd://1' },
};

const SERVICES = { web: { namespace: 'shop', selector: 'app=web' } };

describe('a StressChaos', () => {
  it('names one container, and has a duration that outlasts the hold, because it cannot be moved', () => {
    const stress = { id: 'cpu-stress-1', victims: [victim], workers: 3, holdMs: ms(5000) };
    expect(stressChaos(stress, 0, victim)).toEqual({
      apiVersion: 'chaos-mesh.org/v1alpha1',
      kind: 'StressChaos',
      metadata: {
        name: 'gauntlet-cpu-stress-1-0',
        namespace: 'shop',
        labels: { 'gauntlet.dev/impairment': 'cpu-stress-1' },
      },
      spec: {
        mode: 'all',
        selector: { pods: { shop: ['web-1'] } },
        containerNames: ['app'],
        stressors: { cpu: { workers: 3, load: 100 } },
        duration: '65s',
      },
    });
  });
});

describe('what is counted', () => {
  const MS = 1_000_000;
  const at = (atMs: number, workload: Reading['workload'], beside: Reading['beside'] = {}): Reading => ({
    atMs,
    workload,
    beside,
  });
  function sum(...readings: readonly Reading[]) {
    const [first, ...more] = readings;
    if (first === undefined) throw new Error('no reading');
    let last = first;
    const all = [firstTotals(first)];
    for (const now of more) {
      all.push(addReading(all.at(-1) ?? firstTotals(first), last, now));
      last = now;
    }
    const [from, to] = [all[0], all.at(-1)];
    if (from === undefined || to === undefined) throw new Error('no totals');
    return spanBetween(from, to);
  }

  it('is of all threads, of those that began since from their beginning, and stays when one ends', () => {
    const span = sum(
      at(0, { 1: [5 * MS, 1 * MS], 2: [9 * MS, 9 * MS] }),
      at(500, { 1: [7 * MS, 2 * MS], 2: [10 * MS, 9 * MS], 3: [4 * MS, 6 * MS] }),
      at(1000, { 1: [8 * MS, 2 * MS] }),
    );
    expect(span).toEqual({ spanMs: 1000, cpuMs: 8, waitedMs: 7, besideMs: 0, beside: [] });
  });

  it('a foreign process is one that uses CPU for longer than a reading; a short probe is not', () => {
    const span = sum(
      at(0, {}, { '9 100 sleepy shell': 7 * MS }),
      at(500, {}, { '9 100 sleepy shell': 7.9 * MS, '70 200 stress-ng': 1 * MS, '80 300 probe': 30 * MS }),
      at(1000, {}, { '9 100 sleepy shell': 7.9 * MS, '70 200 stress-ng': 201 * MS }),
    );
    expect([span.beside, span.besideMs]).toEqual([['stress-ng (pid 70)'], 200]);
  });

  it('never runs backwards when a number is used again', () => {
    expect(sum(at(0, { 1: [9 * MS, 9 * MS] }), at(500, { 1: [1 * MS, 1 * MS] }))).toMatchObject({
      cpuMs: 0,
      waitedMs: 0,
    });
  });
});

describe('a CPU limit', () => {
  it('is read as Kubernetes writes it, and what is none is null', () => {
    expect(['500m', '2', '0.5', '1500m'].map(parseCpus)).toEqual([0.5, 2, 0.5, 1.5]);
    expect([undefined, '', '0', 'half', '-1', '1k'].map(parseCpus)).toEqual([
      null,
      null,
      null,
      null,
      null,
      null,
    ]);
  });

  const limitOf = async (resources: object) => {
    const api = new ScriptedApi();
    api.answers.set(API, () => ({ resources: [{ name: 'stresschaos' }] }));
    const containers = [{ name: 'sidecar' }, { name: 'app', resources }];
    const other = { metadata: { uid: 'u0' }, spec: { containers: [{ name: 'app' }] } };
    api.answers.set('/api/v1/namespaces/shop/pods', () => ({
      items: [other, { metadata: { uid: 'u1' }, spec: { containers } }],
    }));
    const stress = chaosStress({ client: api, services: SERVICES, namespaces: ['shop'], image: 'i' });
    return await stress.preview([victim]);
  };

  it('is that of the container itself, and without one the fault is refused', async () => {
    expect(await limitOf({ limits: { cpu: '250m' } })).toEqual([0.25]);
    await expect(limitOf({ requests: { cpu: '1' } })).rejects.toThrow(
      'cpu-stress on web-1 (uid u1, container app 1): expected a CPU limit of the container (resources.limits.cpu), which its ' +
        'spinners share, got none. Give the container a limit: without one the spinners would take CPUs from all pods of the node.',
    );
  });
});

describe('a stress that was not begun', () => {
  it('is known as such: nothing has to be looked for in the pod, where a reader could not be put either', async () => {
    const api = new ScriptedApi();
    api.answers.set(API, () => ({ resources: [] }));
    const stress = chaosStress({ client: api, services: SERVICES, namespaces: ['shop'], image: 'i' });
    await expect(stress.begin({ id: 's', victims: [victim], workers: 2, holdMs: ms(1) })).rejects.toThrow(
      'kubernetes.backend: expected Chaos Mesh (stresschaos in chaos-mesh.org/v1alpha1) at https://api.test, got no stresschaos there.',
    );
    expect(await stress.after('s', [victim])).toBeNull();
    expect(api.requests.every((request) => request.method === 'GET')).toBe(true);
    stress.stop();
  });
});

describe('the end of a stress by Chaos Mesh', () => {
  const list = `${API}/namespaces/shop/stresschaos`;
  const object = (phase: string, recoveredCount: number) => ({
    kind: 'StressChaos',
    metadata: {
      name: 'gauntlet-s-0',
      namespace: 'shop',
      uid: 'u7',
      deletionTimestamp: '2026-11-21T07:00:00Z',
    },
    status: {
      experiment: { containerRecords: [{ id: 'shop/web-1/app', phase, injectedCount: 1, recoveredCount }] },
    },
  });
  function rig(items: () => readonly object[]) {
    const api = new ScriptedApi();
    api.answers.set(list, () => ({ metadata: { resourceVersion: '1' }, items: items() }));
    const clock = new VirtualClock();
    const stress = chaosStress({ client: api, services: SERVICES, namespaces: ['shop'], image: 'i' }, clock);
    return { api, end: () => drive(clock, stress.end('s')), stop: () => stress.stop() };
  }

  it('is a success where nothing is, and asks for our label', async () => {
    const { api, end, stop } = rig(() => []);
    await end();
    stop();
    expect(api.requests[0]?.query?.['labelSelector']).toBe('gauntlet.dev/impairment=s');
  });

  it('is not done while a record keeps the object', async () => {
    const { end, stop } = rig(() => [object('Injected', 0)]);
    await expect(end()).rejects.toThrow(
      'StressChaos shop/gauntlet-s-0 is there: 1 of 1 records not recovered: shop/web-1/app is Injected (injected 1, recovered 0)',
    );
    stop();
  });

  it('is not done when the object went and a record had not been recovered in its last state', async () => {
    let there: readonly object[] = [object('Injected', 0)];
    const { api, end, stop } = rig(() => there);
    await expect(end()).rejects.toThrow('is there');
    const last = object('Injected', 0);
    const gone = { ...last, metadata: { ...last.metadata, resourceVersion: '2' } };
    there = [];
    (await api.watch(1)).onLine(JSON.stringify({ type: 'DELETED', object: gone }));
    await expect(end()).rejects.toThrow(
      'StressChaos shop/gauntlet-s-0 is gone, and 1 of 1 records not recovered: shop/web-1/app is Injected (injected 1, recovered 0). ' +
        'Check these containers',
    );
    stop();
  });
});

describe('rights for stress in pods', () => {
  it('reach further, so rbac gives them only when they are asked for, and preflight says with which word', () => {
    const wanted = permissionsFor(['podStress.begin', 'podStress.end'], 'chaos-mesh');
    expect(wanted.map(say)).toEqual([
      'get namespaces',
      'get pods',
      'patch pods/ephemeralcontainers',
      'get pods/log',
      ...['list', 'watch', 'create', 'delete', 'patch'].map((verb) => `${verb} stresschaos.chaos-mesh.org`),
    ]);
    expect(usualActs('chaos-mesh').filter((act) => act.startsWith('podStress'))).toEqual([]);
    const reader = wanted.find((one) => one.resource === 'pods/ephemeralcontainers');
    if (reader === undefined) throw new Error('no reader');
    expect(rbacCommandFor(reader, 'chaos-mesh')).toBe('gauntlet rbac <target> --also stress');
    expect(rbacCommandFor(reader)).toBe('gauntlet rbac <target> --also links');
    expect(sayNeeds(['podStress.renew'])).toBe(
      'with backend: chaos-mesh get namespaces, list stresschaos.chaos-mesh.org',
    );
  });
});
