import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../../../src/chaos/fault.ts';
import { judgeLink } from '../../../../src/chaos/faults/links/link-proof.ts';
import type { ProbeSample } from '../../../../src/core/samples.ts';
import { epochMs } from '../../../../src/core/units.ts';
import { chaosLinks } from '../../../../src/kube/chaos-mesh/chaos-links.ts';
import { pairsOf, stateOf } from '../../../../src/kube/chaos-mesh/ends.ts';
import { LastStates } from '../../../../src/kube/chaos-mesh/last-states.ts';
import {
  API,
  type ChaosObjectJson,
  type ChaosRecord,
} from '../../../../src/kube/chaos-mesh/network-chaos.ts';
import { permissionsFor, say } from '../../../../src/kube/guard/permissions.ts';
import { rbacManifest } from '../../../../src/kube/guard/rbac.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';
import { drive } from '../../chaos/stage.ts';
import { ScriptedApi } from '../scripted-api.ts';
import { BOTH, HANDLE, object } from './chaos-objects.ts';

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
    // Its last event does not come in this script: an object that is not known to be gone is not reported as
    // healed.
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
      'the object is gone, and Chaos Mesh still has rules of it in data/redis-0. Check these pods: the rules of Chaos Mesh may still be in force there. Deleting a pod removes them.',
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

describe('a link without counters', () => {
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

  it('is never cut when no probe crosses it', () => {
    const proof = judgeLink(act('redis->gateway'), [], evidence('redis->gateway', 'stalled'));
    expect([proof.kind, proof.evidence]).toEqual(['not-yet', 'no probe of Gauntlet crosses this link']);
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
