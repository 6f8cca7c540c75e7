import { describe, expect, it } from 'vitest';
import type { LinkEffect } from '../../../../src/core/acts/link-acts.ts';
import { ms } from '../../../../src/core/units.ts';
import { chaosLinks } from '../../../../src/kube/chaos-mesh/chaos-links.ts';
import { endsOf, pairsOf } from '../../../../src/kube/chaos-mesh/ends.ts';
import {
  API,
  type ChaosRecord,
  durationOf,
  networkChaos,
} from '../../../../src/kube/chaos-mesh/network-chaos.ts';
import { notInjected, notRecovered } from '../../../../src/kube/chaos-mesh/standing.ts';
import { ApiError } from '../../../../src/kube/client/api-error.ts';
import { ScriptedApi } from '../scripted-api.ts';
import { BOTH, HANDLE, object, record } from './chaos-objects.ts';

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

  it('and not without records, with two distinct reasons: no controller runs, or no pod was selected', () => {
    expect(notInjected(object(undefined, { metadata: {} }))).toBe(
      'no record and no finalizer: no Chaos Mesh controller works on it',
    );
    expect(notInjected(object([]))).toContain('Chaos Mesh accepted it and selected no pod');
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
        'got no networkchaos, podnetworkchaos there. Install Chaos Mesh in this cluster, or remove kubernetes.backend from the target file.',
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
      'chaos-mesh: expected a cut or a latency, got a reset, which NetworkChaos does not support. Use cut-link.',
    );
    await expect(links.preview?.(['gateway->redis'], { kind: 'throttle', bitsPerSecond: 8 })).rejects.toThrow(
      'Write latency without bandwidth.',
    );
  });
});
