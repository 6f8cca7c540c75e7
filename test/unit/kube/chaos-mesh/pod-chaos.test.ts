/** Kills by Chaos Mesh: what is written, when it counts, and that an order never stays; the API server answers from a script. */
import { describe, expect, it } from 'vitest';
import { killPod } from '../../../../src/chaos/faults/instances/kill-pod.ts';
import type { InstanceLife, LifeMark } from '../../../../src/core/acts/instance-acts.ts';
import type { PodVictim } from '../../../../src/core/topology.ts';
import { epochMs, ms } from '../../../../src/core/units.ts';
import { chaosKills } from '../../../../src/kube/chaos-mesh/chaos-kills.ts';
import { API, type ChaosObjectJson } from '../../../../src/kube/chaos-mesh/network-chaos.ts';
import { notExact, podChaos } from '../../../../src/kube/chaos-mesh/pod-chaos.ts';
import { notInjected } from '../../../../src/kube/chaos-mesh/standing.ts';
import { permissionsFor, say } from '../../../../src/kube/guard/permissions.ts';
import { rbacManifest } from '../../../../src/kube/guard/rbac.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';
import { cluster } from '../../chaos/pod-stage.ts';
import { drive, stage } from '../../chaos/stage.ts';
import { ScriptedApi } from '../scripted-api.ts';

const victim = (uid: string, instance = 'db-0'): PodVictim => ({
  service: 'db',
  instance,
  namespace: 'data',
  uid,
});
const inRun = (id: string): PodVictim => ({ ...victim('u1'), run: { container: 'app', id } });
const life = (one: PodVictim, ...marks: LifeMark['name'][]): InstanceLife => ({
  ...one,
  startedAt: epochMs(1),
  readyAt: null,
  endedAt: null,
  marks: marks.map((name) => ({ name, at: epochMs(2), boundMs: ms(0) })),
});
const ID = 'kill-pod-1';
const LIST = `${API}/namespaces/data/podchaos`;

describe('a PodChaos', () => {
  it('names one pod and its grace, because Chaos Mesh sends 0 by default', () => {
    expect(podChaos(ID, 1, victim('u1'), 30)).toEqual({
      apiVersion: 'chaos-mesh.org/v1alpha1',
      kind: 'PodChaos',
      metadata: {
        name: 'gauntlet-kill-pod-1-1',
        namespace: 'data',
        labels: { 'gauntlet.dev/impairment': ID },
      },
      spec: { action: 'pod-kill', gracePeriod: 30, mode: 'all', selector: { pods: { data: ['db-0'] } } },
    });
  });

  it('names the container where a run of it is meant', () => {
    expect(podChaos(ID, 0, inRun('containerd://1'), 30)).toMatchObject({
      spec: { action: 'container-kill', containerNames: ['app'], selector: { pods: { data: ['db-0'] } } },
    });
  });

  it('is injected when the record of the container is, which is named after it', () => {
    const { spec } = podChaos(ID, 0, inRun('containerd://1'), 0) as Required<Pick<ChaosObjectJson, 'spec'>>;
    const records = (id: string) => ({
      experiment: { containerRecords: [{ id, selectorKey: '.', phase: 'Injected', injectedCount: 1 }] },
    });
    expect(notInjected({ spec, status: records('data/db-0/app') })).toBeNull();
    expect(notInjected({ spec, status: records('data/db-0') })).toBe('no record of data/db-0/app');
  });
});

describe('what a kill by name took', () => {
  const before = [life(victim('u1'))];

  it('is exact when the planned uid is leaving or gone, and nobody else of that name', () => {
    expect(notExact([victim('u1')], before, [life(victim('u1'), 'deletion accepted')])).toBeNull();
    const now = [life(victim('u1'), 'gone'), life(victim('u2'), 'created')];
    expect(notExact([victim('u1')], before, now)).toBeNull();
  });

  it('is not exact when the record says Injected and the pod stays', () => {
    expect(notExact([victim('u1')], before, [life(victim('u1'), 'ready')])).toBe(
      'every record reports Injected, and db-0 (uid u1) still runs',
    );
  });

  it('is not exact when the successor of the same name went, whether with the victim or instead of it', () => {
    for (const first of ['gone', 'ready'] as const) {
      const now = [life(victim('u1'), first), life(victim('u2'), 'deletion accepted')];
      expect(notExact([victim('u1')], before, now)).toBe(
        'killed by the name of a victim, and not planned: db-0 (uid u2)',
      );
    }
  });

  it('ignores pods of other names, and those of that name that had gone before', () => {
    const old = life(victim('u0'), 'gone');
    const now = [old, life(victim('u1'), 'gone'), life(victim('u3', 'db-1'), 'gone')];
    expect(notExact([victim('u1')], [old, ...before], now)).toBeNull();
  });

  it('is of runs where a container was meant: another run of it that ended is not the planned one', () => {
    const [first, second] = [inRun('containerd://1'), inRun('containerd://2')];
    expect(notExact([first], [life(first)], [life(first, 'gone'), life(second, 'started')])).toBeNull();
    expect(notExact([first], [life(first)], [life(first, 'gone'), life(second, 'gone')])).toContain(
      'not planned: db-0 (uid u1, container app 2)',
    );
  });
});

describe('an order to Chaos Mesh', () => {
  /** A server that keeps what is created; `act` is what the controller does to each object when it is asked for. */
  function rig(act: (object: ChaosObjectJson) => void) {
    const api = new ScriptedApi();
    const clock = new VirtualClock();
    let there: ChaosObjectJson[] = [];
    let lives: readonly InstanceLife[] = [life(victim('u1'))];
    api.answers.set(API, () => ({ resources: [{ name: 'podchaos' }] }));
    api.answers.set('/api/v1/namespaces/data/pods', () => ({
      items: [{ metadata: { uid: 'u1' }, spec: { terminationGracePeriodSeconds: 7 } }],
    }));
    api.answers.set(LIST, ({ method, body }) => {
      if (method === 'POST') there.push({ ...(body as ChaosObjectJson) });
      for (const one of there) act(one);
      return { metadata: { resourceVersion: '1' }, items: there };
    });
    api.answers.set(`${LIST}/gauntlet-kill-pod-1-0`, () => {
      there = [];
      return {};
    });
    const kills = chaosKills(
      {
        client: api,
        services: { db: { namespace: 'data', selector: 'app=db' } },
        namespaces: ['data'],
        lives: () => ({ read: async () => lives, readRuns: async () => lives }),
      },
      clock,
    );
    return {
      api,
      left: () => there,
      see: (...now: InstanceLife[]) => {
        lives = now;
      },
      give: (graceMs: number | null = 0) =>
        drive(
          clock,
          kills.give({ id: ID, victims: [victim('u1')], graceMs: graceMs === null ? null : ms(graceMs) }),
        ),
      withdraw: () => drive(clock, kills.withdraw(ID)),
    };
  }
  const inject = (object: ChaosObjectJson): void => {
    const records = [{ id: 'data/db-0', selectorKey: '.', phase: 'Injected', injectedCount: 1 }];
    Object.assign(object, { status: { experiment: { containerRecords: records } } });
  };

  it('is carried out when the record and the uid say so, and then it is gone', async () => {
    const one = rig((object) => {
      inject(object);
      one.see(life(victim('u1'), 'gone'));
    });
    await one.give();
    expect(one.left()).toEqual([]);
  });

  it('tells the grace that was asked for, or the own one of the pod', async () => {
    for (const [graceMs, seconds] of [
      [5000, 5],
      [null, 7],
    ] as const) {
      const one = rig((object) => {
        inject(object);
        one.see(life(victim('u1'), 'deletion accepted'));
      });
      await one.give(graceMs);
      const posted = one.api.requests.find((request) => request.method === 'POST')?.body;
      expect(posted).toMatchObject({ spec: { gracePeriod: seconds } });
    }
  });

  it('is not given for a pod that was gone before', async () => {
    const one = rig(() => undefined);
    one.see(life(victim('u1'), 'gone'));
    await expect(one.give()).rejects.toThrow('db-0 (uid u1) was gone before Chaos Mesh was asked');
    expect(one.api.requests.some((request) => request.method === 'POST')).toBe(false);
  });

  it('does not stay when nobody works on it: a controller that wakes up later would kill', async () => {
    const one = rig(() => undefined);
    await expect(one.give()).rejects.toThrow(
      'after 8 s PodChaos data/gauntlet-kill-pod-1-0: no record and no finalizer: no Chaos Mesh controller works on it',
    );
    expect(one.left()).toEqual([]);
  });

  it('is reported as existing while Chaos Mesh does not release it', async () => {
    const one = rig(inject);
    one.api.answers.set(`${LIST}/gauntlet-kill-pod-1-0`, () => ({}));
    await expect(one.give()).rejects.toThrow(
      'PodChaos data/gauntlet-kill-pod-1-0 is there: Chaos Mesh has not released it',
    );
    await expect(one.withdraw()).rejects.toThrow('has not released it');
  });
});

describe('kill-pod via chaos-mesh', () => {
  const plan = async (world: Parameters<typeof killPod.plan>[1], raw: object) => {
    const parsed = killPod.parse({ via: 'chaos-mesh', ...raw });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    return await killPod.plan(parsed.spec, world);
  };

  it('is refused on targets that do not name Chaos Mesh', async () => {
    const one = stage();
    try {
      const handle = { platform: 'sandbox', identity: 'sandbox:t' } as const;
      const world = { ...one.world, platform: { ...one.world.platform, handle } };
      await expect(plan(world, { service: 'planner' })).rejects.toThrow(
        'kill-pod.via: expected a target with kubernetes.backend: chaos-mesh, got sandbox. ' +
          'Leave via out: Gauntlet itself then ends the instance.',
      );
    } finally {
      one.cleanUp();
    }
    const pods = cluster({}, ['a']).world;
    await expect(plan(pods, { service: 'web' })).rejects.toThrow('got kubernetes without it.');
    expect(killPod.examplesOn?.(pods)).toEqual([]);
  });

  it('needs the right to PodChaos instead of that to delete pods, and only where it is the backend', () => {
    expect(permissionsFor(['instances.order'], 'chaos-mesh').map(say)).toEqual([
      'get namespaces',
      'list pods',
      ...['list', 'create', 'delete', 'patch'].map((verb) => `${verb} podchaos.chaos-mesh.org`),
    ]);
    const services = { db: { namespace: 'data', selector: 'app=db' } };
    expect(rbacManifest({ target: 't', services })).not.toContain('podchaos');
    expect(rbacManifest({ target: 't', services, linksBy: 'chaos-mesh' })).toContain(
      '{ apiGroups: ["chaos-mesh.org"], resources: [podchaos], verbs: [list, create, delete, patch] }',
    );
  });
});
