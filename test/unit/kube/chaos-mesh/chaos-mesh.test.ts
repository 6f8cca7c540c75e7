import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../../../src/chaos/fault.ts';
import { judgeLink } from '../../../../src/chaos/faults/links/link-proof.ts';
import type { KubernetesHandle } from '../../../../src/core/acts/kubernetes-handle.ts';
import type { LinkEffect } from '../../../../src/core/acts/link-acts.ts';
import type { ProbeSample } from '../../../../src/core/samples.ts';
import { epochMs, ms } from '../../../../src/core/units.ts';
import { chaosLinks } from '../../../../src/kube/chaos-mesh/chaos-links.ts';
import { endsOf, pairsOf, stateOf } from '../../../../src/kube/chaos-mesh/ends.ts';
import { LastStates } from '../../../../src/kube/chaos-mesh/last-states.ts';
import {
  API,
  type ChaosObjectJson,
  type ChaosRecord,
  durationOf,
  networkChaos,
} from '../../../../src/kube/chaos-mesh/network-chaos.ts';
import { notInjected, notRecovered } from '../../../../src/kube/chaos-mesh/standing.ts';
import { ApiError } from '../../../../src/kube/client/api-error.ts';
import { permissionsFor, say } from '../../../../src/kube/guard/permissions.ts';
import { rbacManifest } from '../../../../src/kube/guard/rbac.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';
import { drive } from '../../chaos/stage.ts';
import { ScriptedApi } from '../scripted-api.ts';

const HANDLE: KubernetesHandle = {
  kubeconfig: '/k',
  context: 'c',
  services: {
    gateway: { namespace: 'shop', selector: 'app=gateway' },
    redis: { namespace: 'data', selector: 'app=redis' },
  },
  chaosMesh: { probesFrom: ['10.0.0.7/32'], crossedBy: { 'gateway->redis': 'gateway' } },
};
const PODS = { data: ['redis-0', 'redis-1'] };

const record = (id: string, phase: string, injectedCount: number, recoveredCount: number): ChaosRecord => ({
  id,
  selectorKey: '.',
  phase,
  injectedCount,
  recoveredCount,
});
/** As Chaos Mesh writes it. */
function object(
  records: readonly ChaosRecord[] | undefined,
  over: Partial<ChaosObjectJson> = {},
): ChaosObjectJson {
  return {
    metadata: { name: 'n', namespace: 'data', uid: 'u1', finalizers: ['chaos-mesh/records'] },
    spec: { selector: { pods: PODS } },
    ...(records && { status: { experiment: { desiredPhase: 'Run', containerRecords: records } } }),
    ...over,
  };
}
const BOTH = [record('data/redis-0', 'Injected', 1, 0), record('data/redis-1', 'Injected', 1, 0)];

describe('a NetworkChaos is in place', () => {
  it('when every pod that was named has a record that is injected', () => {
    expect(notInjected(object(BOTH))).toBeNull();
  });

  it('and not while a record waits, is missing, or was recovered since', () => {
    const [first, second] = BOTH as [ChaosRecord, ChaosRecord];
    expect(notInjected(object([first, { ...second, phase: 'Not Injected/Wait', injectedCount: 0 }]))).toBe(
      '1 of 2 records not injected: data/redis-1 is Not Injected/Wait (injected 0, recovered 0)',
    );
    expect(notInjected(object([first]))).toBe('no record of data/redis-1');
    expect(notInjected(object([first, { ...second, recoveredCount: 1 }]))).toContain(
      '1 of 2 records not injected',
    );
    // The same pod as a target is another record.
    expect(notInjected(object([first, { ...second, selectorKey: '.Target' }]))).toBe(
      'no record of data/redis-1',
    );
  });

  it('and not without records, which is told apart: nobody works there, or nobody was selected', () => {
    expect(notInjected(object(undefined, { metadata: {} }))).toBe(
      'no record and no finalizer: no Chaos Mesh controller works on it',
    );
    expect(notInjected(object([]))).toContain('Chaos Mesh took it and selected no pod');
  });

  it('and not when Chaos Mesh has stopped it or somebody deletes it, whatever its records say', () => {
    const stopped = { status: { experiment: { desiredPhase: 'Stop', containerRecords: BOTH } } };
    expect(notInjected(object(BOTH, stopped))).toContain('Chaos Mesh has stopped it');
    const metadata = { deletionTimestamp: '2026-11-21T07:00:00Z' };
    expect(notInjected(object(BOTH, { metadata }))).toBe('it is being deleted');
  });
});

describe('a NetworkChaos is recovered', () => {
  it('when each record was recovered as often as it was injected', () => {
    expect(notRecovered(object([record('a/b', 'Not Injected', 2, 2)]))).toBeNull();
    expect(notRecovered(object([record('a/b', 'Not Injected', 0, 0)]))).toBeNull();
    expect(notRecovered(object([record('a/b', 'Not Injected', 0, 1)]))).toBeNull();
  });

  it('and not when AllRecovered is true and a record was injected once more than it was recovered', () => {
    const conditions = [{ type: 'AllRecovered', status: 'True' }];
    const containerRecords = [record('a/b', 'Not Injected', 1, 0)];
    const lie = { status: { conditions, experiment: { desiredPhase: 'Stop', containerRecords } } };
    expect(notRecovered(object([], lie))).toBe(
      '1 of 1 records not recovered: a/b is Not Injected (injected 1, recovered 0)',
    );
  });

  it('and tells the last failure of a record, and no more than three records', () => {
    const events = [
      { type: 'Failed', operation: 'Recover', message: 'first' },
      { type: 'Failed', operation: 'Recover', message: 'no daemon' },
      { type: 'Succeeded', operation: 'Apply', message: '' },
    ];
    const four = ['a', 'b', 'c', 'd'].map((id) => ({ ...record(id, 'Injected', 1, 0), events }));
    const said = notRecovered(object(four)) ?? '';
    expect(said).toMatch(
      /^4 of 4 records not recovered: a is Injected \(injected 1, recovered 0, Recover failed: no daemon\); /,
    );
    expect(said).toMatch(/ and 1 more$/);
  });
});

describe('an impairment as NetworkChaos', () => {
  const pods = new Map([
    ['gateway', [{ service: 'gateway', instance: 'gw-1', namespace: 'shop', uid: 'g' }]],
    ['redis', [{ service: 'redis', instance: 'redis-0', namespace: 'data', uid: 'r' }]],
  ]);
  const pair = (name: string) => pairsOf(HANDLE).filter((one) => one.name === name);

  it('names its pods, and has a duration that outlasts the hold, because it cannot be moved', () => {
    const [ends] = endsOf(pair('gateway->redis'), pods, []);
    if (!ends) throw new Error('no ends');
    expect(networkChaos('cut-link-1', 0, ends, { kind: 'cut' }, ms(8000))).toEqual({
      apiVersion: 'chaos-mesh.org/v1alpha1',
      kind: 'NetworkChaos',
      metadata: {
        name: 'gauntlet-cut-link-1-0',
        namespace: 'data',
        labels: { 'gauntlet.dev/impairment': 'cut-link-1' },
        annotations: { 'gauntlet.dev/links': '["gateway->redis"]' },
      },
      spec: {
        action: 'partition',
        direction: 'both',
        mode: 'all',
        selector: { pods: { data: ['redis-0'] } },
        target: { mode: 'all', selector: { pods: { shop: ['gw-1'] } } },
        duration: '68s',
      },
    });
    expect(durationOf(ms(1))).toBe('61s');
  });

  it('takes directions from the side of the one who is dialled, and delays what it answers', () => {
    const [ends] = endsOf(pair('gateway->redis'), pods, []);
    if (!ends) throw new Error('no ends');
    const specOf = (effect: LinkEffect) =>
      (networkChaos('x', 0, ends, effect, ms(1000)) as { spec: object }).spec;
    expect(specOf({ kind: 'cut', direction: 'to-server' })).toMatchObject({ direction: 'from' });
    expect(specOf({ kind: 'cut', direction: 'to-client' })).toMatchObject({ direction: 'to' });
    expect(specOf({ kind: 'throttle', latencyMs: 40, jitterMs: 10 })).toMatchObject({
      action: 'delay',
      direction: 'to',
      delay: { latency: '40ms', jitter: '10ms', correlation: '0' },
    });
  });

  it('keeps addresses outside and pods apart: a partition would cut the pods from the addresses, too', () => {
    const all = [...pair('probe->redis'), ...pair('gateway->redis')];
    expect(endsOf(all, pods, ['10.0.0.7/32']).map((one) => [one.clients, one.links])).toEqual([
      [{ cidrs: ['10.0.0.7/32'] }, ['probe->redis']],
      [{ shop: ['gw-1'] }, ['gateway->redis']],
    ]);
  });

  it('has links between all services, and from the probe where its address is known', () => {
    const seen = pairsOf(HANDLE).map(({ name, seenBy }) => [name, seenBy]);
    expect(seen).toEqual([
      ['probe->gateway', ['gateway']],
      ['probe->redis', ['redis']],
      ['gateway->redis', ['gateway']],
      ['redis->gateway', []],
    ]);
    const blind = { ...HANDLE, chaosMesh: { probesFrom: [], crossedBy: {} } };
    expect(pairsOf(blind).map((one) => one.name)).toEqual(['gateway->redis', 'redis->gateway']);
  });
});

describe('links by Chaos Mesh', () => {
  it('tell a cluster that does not serve it, once it is asked, and ask again after that', async () => {
    const api = new ScriptedApi();
    api.answers.set(API, () => {
      throw new ApiError(api.server, 'look', 404, { message: 'page not found' });
    });
    const links = chaosLinks(api, HANDLE, ['data', 'shop']);
    await expect(links.list()).rejects.toThrow(
      'kubernetes.backend: expected Chaos Mesh (networkchaos, podnetworkchaos in chaos-mesh.org/v1alpha1) at https://api.test, ' +
        'got no networkchaos, podnetworkchaos there. Install Chaos Mesh in this cluster, or take kubernetes.backend out of the target file.',
    );
    api.answers.set(API, () => ({ resources: [{ name: 'networkchaos' }] }));
    await expect(links.list()).rejects.toThrow('got no podnetworkchaos there');
  });

  it('are impaired by what has our label, and only where its annotation says', async () => {
    const api = new ScriptedApi();
    api.answers.set(API, () => ({ resources: [{ name: 'networkchaos' }, { name: 'podnetworkchaos' }] }));
    const labels = { 'gauntlet.dev/impairment': 'cut-1' };
    const annotations = { 'gauntlet.dev/links': '["gateway->redis"]' };
    api.answers.set(`${API}/namespaces/data/networkchaos`, () => ({
      items: [{ metadata: { labels, annotations } }],
    }));
    api.answers.set(`${API}/namespaces/shop/networkchaos`, () => ({ items: [] }));
    const list = await chaosLinks(api, HANDLE, ['data', 'shop']).list();
    expect(list.filter((one) => one.impairedBy.length > 0).map((one) => [one.name, one.impairedBy])).toEqual([
      ['gateway->redis', ['cut-1']],
    ]);
    expect(api.requests.at(-1)?.query?.['labelSelector']).toBe('gauntlet.dev/impairment');
  });

  it('warn of a cut of the probes that may be one of the kubelet, and only there', async () => {
    const api = new ScriptedApi();
    const pod = (name: string, namespace: string) => ({
      metadata: { name, namespace, uid: name },
      spec: { containers: [] },
      status: { phase: 'Running' },
    });
    api.answers.set('/api/v1/namespaces/data/pods', () => ({ items: [pod('redis-0', 'data')] }));
    api.answers.set('/api/v1/namespaces/shop/pods', () => ({ items: [pod('gw-1', 'shop')] }));
    const links = chaosLinks(api, HANDLE, ['data', 'shop']);
    const notesOf = async (link: string) =>
      (await links.preview?.([link], { kind: 'cut' }))?.notes.join('\n');
    expect(await notesOf('probe->redis')).toContain(
      'Caution: 10.0.0.7/32 (probesFrom) may also be the address from which the kubelet probes these pods',
    );
    expect(await notesOf('gateway->redis')).not.toContain('kubelet');
  });

  it('refuse what NetworkChaos cannot do before anything is read', async () => {
    const links = chaosLinks(new ScriptedApi(), HANDLE, ['data']);
    await expect(links.preview?.(['gateway->redis'], { kind: 'reset' })).rejects.toThrow(
      'chaos-mesh: expected a cut or a latency, got a reset, which NetworkChaos does not have. Use cut-link.',
    );
    await expect(links.preview?.(['gateway->redis'], { kind: 'throttle', bitsPerSecond: 8 })).rejects.toThrow(
      'Write latency without bandwidth.',
    );
  });
});

describe('an undo by Chaos Mesh', () => {
  const id = 'cut-link-1';
  /** A server whose list is what the test says, and a clock that the test moves. */
  function rig(objects: () => readonly ChaosObjectJson[], sources: () => readonly string[] = () => []) {
    const api = new ScriptedApi();
    const list = () => ({ metadata: { resourceVersion: '1' }, items: objects() });
    api.answers.set(`${API}/namespaces/data/networkchaos`, list);
    api.answers.set(`${API}/namespaces/data/podnetworkchaos`, () => ({
      items: sources().map((source) => ({
        metadata: { namespace: 'data', name: 'redis-0' },
        spec: { iptables: [{ source }] },
      })),
    }));
    const clock = new VirtualClock();
    const links = chaosLinks(api, HANDLE, ['data'], clock);
    return { api, heal: () => drive(clock, links.heal(id)).finally(() => links.stop()) };
  }
  const ours = (uid: string): ChaosObjectJson => {
    const one = object(BOTH);
    return { ...one, metadata: { ...one.metadata, uid, name: 'gauntlet-cut-link-1-0' } };
  };

  it('is a success where nothing is, and asks for our label', async () => {
    const { api, heal } = rig(() => []);
    await heal();
    expect(api.requests.every((one) => one.method === 'GET')).toBe(true);
    expect(api.requests[0]?.query?.['labelSelector']).toBe('gauntlet.dev/impairment=cut-link-1');
  });

  it('finds an object whose create was never answered, and deletes exactly that one, once', async () => {
    let there: readonly ChaosObjectJson[] = [ours('u7')];
    const { api, heal } = rig(() => there);
    api.answers.set(`${API}/namespaces/data/networkchaos/gauntlet-cut-link-1-0`, ({ body }) => {
      expect(body).toMatchObject({ preconditions: { uid: 'u7' } });
      there = [];
      return {};
    });
    // Its last event does not come in this script: what is not known to be gone is not told as healed.
    await expect(heal()).rejects.toThrow('its last event has not come');
    expect(api.requests.filter((one) => one.method === 'DELETE')).toHaveLength(1);
  });

  it('tells which record keeps the object, and does not delete what is being deleted', async () => {
    const one = ours('u7');
    const deleting = { ...one, metadata: { ...one.metadata, deletionTimestamp: '2026-11-21T07:00:00Z' } };
    const { api, heal } = rig(() => [deleting]);
    await expect(heal()).rejects.toThrow(
      'NetworkChaos data/gauntlet-cut-link-1-0 is there: 2 of 2 records not recovered: data/redis-0 is Injected (injected 1, recovered 0); ',
    );
    expect(api.requests.every((given) => given.method === 'GET')).toBe(true);
  });

  it('is not done while a pod has rules of the object, and those of others are not ours', async () => {
    const { heal } = rig(
      () => [],
      () => ['data/gauntlet-cut-link-1-0'],
    );
    await expect(heal()).rejects.toThrow(
      'the object is gone, and Chaos Mesh still has rules of it in data/redis-0. Look at these pods: ' +
        'what Chaos Mesh put there may be in force. Deleting a pod takes it away.',
    );
    const others = rig(
      () => [],
      () => ['data/gauntlet-cut-link-12-0', 'data/theirs'],
    );
    await others.heal();
  });
});

describe('the last states of objects', () => {
  async function rig(records: readonly ChaosRecord[]) {
    const api = new ScriptedApi();
    api.answers.set(`${API}/namespaces/data/networkchaos`, () => ({
      metadata: { resourceVersion: '1' },
      items: [object(records)],
    }));
    const states = new LastStates(api, ['data'], 'cut-1');
    await states.start();
    const watch = await api.watch(1);
    const gone = (last: readonly ChaosRecord[]): void => {
      const { metadata } = object(last);
      const one = { ...object(last), metadata: { ...metadata, resourceVersion: '2' } };
      watch.onLine(JSON.stringify({ type: 'DELETED', object: one }));
    };
    return { states, gone };
  }

  it('are waited for, and tell what went without being recovered', async () => {
    const { states, gone } = await rig(BOTH);
    expect([states.isWaiting, states.unrecovered()]).toEqual([true, null]);
    gone(BOTH);
    expect(states.isWaiting).toBe(false);
    expect(states.unrecovered()).toMatch(/^NetworkChaos data\/n is gone, and 2 of 2 records not recovered: /);
    states.stop();
  });

  it('say nothing of what was recovered', async () => {
    const { states, gone } = await rig(BOTH);
    gone(BOTH.map((one) => ({ ...one, phase: 'Not Injected', recoveredCount: 1 })));
    expect([states.isWaiting, states.unrecovered()]).toEqual([false, null]);
    states.stop();
  });
});

describe('a link on which nobody counts', () => {
  const sample = (
    connection: 'held' | 'fresh',
    at: number,
    outcome: string,
    probe = 'redis',
  ): ProbeSample => ({
    probe,
    connection,
    at: epochMs(at),
    tookMs: 2,
    ok: outcome === 'ok',
    outcome,
  });
  const both = (at: number, outcome: string, probe = 'redis') => ({
    held: [sample('held', at, outcome, probe)],
    fresh: [sample('fresh', at, outcome, probe)],
  });
  function evidence(name: string, outcome: string, probe = 'redis'): Evidence {
    const pair = pairsOf(HANDLE).find((one) => one.name === name);
    if (!pair) throw new Error(name);
    const look = { at: epochMs(1), links: [stateOf(pair, ['x'])] };
    return {
      appliedAt: epochMs(1000),
      baseline: both(900, 'ok', probe),
      since: both(1100, outcome, probe),
      snapshotsBefore: [look],
      snapshots: [look],
    };
  }
  const act = (name: string) => ({ id: 'x', links: [name], effect: { kind: 'cut' } as const });

  it('is cut when the probe on it stalls on both connections, and not when it is refused or goes on', () => {
    const seen = judgeLink(act('probe->redis'), ['redis'], evidence('probe->redis', 'stalled'));
    expect(seen.kind).toBe('seen');
    for (const outcome of ['refused', 'ok']) {
      const proof = judgeLink(act('probe->redis'), ['redis'], evidence('probe->redis', outcome));
      expect([proof.kind, proof.evidence]).toEqual([
        'not-yet',
        'expected the held and the fresh connection of redis to fail',
      ]);
    }
  });

  it('is cut when the probe of a service that needs it fails in any way', () => {
    const given = evidence('gateway->redis', 'http-503', 'gateway');
    expect(judgeLink(act('gateway->redis'), ['gateway'], given).kind).toBe('seen');
  });

  it('is never cut for whom no probe crosses it', () => {
    const proof = judgeLink(act('redis->gateway'), [], evidence('redis->gateway', 'stalled'));
    expect([proof.kind, proof.evidence]).toEqual([
      'not-yet',
      'nothing that Gauntlet can see crosses this link',
    ]);
  });
});

describe('rights with Chaos Mesh', () => {
  it('are asked for only where it is the backend', () => {
    expect(permissionsFor(['links.heal']).map(say).join()).not.toContain('chaos-mesh');
    expect(permissionsFor(['links.heal', 'links.impair'], 'chaos-mesh').map(say)).toEqual([
      'get namespaces',
      'list pods',
      ...['list', 'watch', 'create', 'delete', 'patch'].map((verb) => `${verb} networkchaos.chaos-mesh.org`),
      'list podnetworkchaos.chaos-mesh.org',
    ]);
  });

  it('stand in the Role', () => {
    const services = { redis: { namespace: 'data', selector: 'app=redis' } };
    expect(rbacManifest({ target: 't', services })).not.toContain('chaos-mesh');
    const manifest = rbacManifest({ target: 't', services, linksBy: 'chaos-mesh' });
    expect(manifest).toContain(
      '{ apiGroups: ["chaos-mesh.org"], resources: [networkchaos], verbs: [list, watch, create, delete, patch] }',
    );
    expect(manifest).toContain(
      '{ apiGroups: ["chaos-mesh.org"], resources: [podnetworkchaos], verbs: [list] }',
    );
  });
});
