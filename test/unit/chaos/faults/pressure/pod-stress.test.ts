/** cpu-stress in pods: what is refused, what is planned, and when the kernel's counts say that it is there and that it is gone. */
import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../../../../src/chaos/fault.ts';
import { cpuStress } from '../../../../../src/chaos/faults/pressure/cpu-stress.ts';
import {
  judgePodRelief,
  judgePodStress,
  predictedCost,
} from '../../../../../src/chaos/faults/pressure/pod-stress-proof.ts';
import type { InstanceState, PodInside } from '../../../../../src/core/acts/instance-acts.ts';
import type { CpuSpan, PodStress, PodStressActs } from '../../../../../src/core/acts/pod-stress-acts.ts';
import { epochMs, ms } from '../../../../../src/core/units.ts';
import { cluster, podOf } from '../../pod-stage.ts';
import { stage } from '../../stage.ts';

const container = (name: string, id: string | null = 'containerd://one12345678') => ({
  name,
  id,
  ready: true,
  restarts: 0,
  lastEnd: null,
});

/** Pods of one container each, whose limit is half a CPU. */
function rig(inside: Partial<PodInside> = {}, limitCpus = 0.5) {
  const given: PodStress[] = [];
  const acts: string[] = [];
  const podStress: PodStressActs = {
    preview: async (victims) => victims.map(() => limitCpus),
    begin: async (stress) => void given.push(stress),
    list: async () => [],
    renew: async () => true,
    end: async (id) => void acts.push(`end ${id}`),
    after: async () => [],
  };
  const one = cluster({ podStress }, ['a']);
  const { instances } = one.world.platform;
  if (instances === undefined) throw new Error('no instances');
  const within = { containers: [container('app')], restarts: true, isFirstProcess: true, ...inside };
  const list = async (): Promise<readonly InstanceState[]> => [
    { ...podOf('a'), ready: true, restarts: 0, inside: within },
  ];
  const world = { ...one.world, platform: { ...one.world.platform, instances: { ...instances, list } } };
  const plan = async (raw: object = {}) => {
    const parsed = cpuStress.parse({ service: 'web', for: '5s', ...raw });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    return await cpuStress.plan(parsed.spec, world);
  };
  return { plan, given, acts, world };
}

describe('cpu-stress in pods', () => {
  it('names the run of the container, what it will cost, and needs none of the acts on processes', async () => {
    const { plan, given, acts, world } = rig();
    const made = await plan({ workers: 3 });
    expect(made.victims).toEqual(['web-a (uid a, container app one12345)']);
    expect(made.timers[0]).toBe(
      'By Chaos Mesh (StressChaos): 3 spinners in container app of web-a, inside its limit of 0.5 CPUs; each ms of work of a ' +
        'busy thread then costs 7.0 ms of waiting.',
    );
    expect(made.permissions).toEqual([
      'instances.list',
      'podStress.begin',
      'podStress.renew',
      'podStress.end',
    ]);
    expect(made.impact.instances).toEqual([
      { ...podOf('a'), run: { container: 'app', id: 'containerd://one12345678' } },
    ]);
    await cpuStress.apply(made, world, ms(1000));
    expect(given).toMatchObject([{ workers: 3, holdMs: 5000, victims: made.impact.instances }]);
    if (made.undo === null) throw new Error('no undo');
    await cpuStress.undo(made.undo, world);
    expect(acts).toEqual([`end ${given[0]?.id}`]);
  });

  it.each([
    [
      'several containers and none named',
      { containers: [container('app'), container('proxy')] },
      {},
      'cpu-stress.container: expected one of app, proxy, got nothing. The pod has several containers: name one.',
    ],
    [
      'a container that is not there',
      {},
      { container: 'ap' },
      'cpu-stress.container: expected one of app, got "ap". Did you mean app?',
    ],
    [
      'a container that does not run',
      { containers: [container('app', null)] },
      {},
      'cpu-stress on web-a (uid a): expected a running container app, got none that runs now',
    ],
    [
      'a shared pid namespace',
      { isFirstProcess: false },
      {},
      'cpu-stress on web-a (uid a): expected a container with a pid namespace of its own, so that its processes can be distinguished, ' +
        'got shareProcessNamespace or hostPID',
    ],
  ] as const)('is refused for %s', async (_, inside, raw, text) => {
    await expect(rig(inside).plan(raw)).rejects.toThrow(text);
  });

  it('is refused when so few spinners could not be told from a busy node', async () => {
    await expect(rig({}, 2).plan({ workers: 2 })).rejects.toThrow(
      'cpu-stress.workers: expected at least 3 next to a limit of 2 CPUs (web-a (uid a, container app one12345)), got 2. ' +
        'With fewer, a thread waits so little that it cannot be distinguished from a busy node.',
    );
    await expect(rig({}, 8).plan({ workers: 8 })).rejects.toThrow('This limit is too large for this fault.');
    expect((await rig({}, 2).plan({ workers: 3 })).act).toMatchObject({ workers: 3 });
  });

  it('is refused where no Chaos Mesh is named; a container is refused where instances are processes', async () => {
    const parsed = cpuStress.parse({ service: 'web', for: '5s', container: 'app' });
    if (!parsed.ok) throw new Error('does not parse');
    await expect(cpuStress.plan(parsed.spec, cluster({}, ['a']).world)).rejects.toThrow(
      'cpu-stress: expected for pods a target with kubernetes.backend: chaos-mesh, got none: Gauntlet itself starts no processes inside the containers of other parties. Run it on the sandbox, or leave this fault out.',
    );
    const one = stage();
    try {
      const spec = { ...parsed.spec, service: 'planner' };
      await expect(cpuStress.plan(spec, one.world)).rejects.toThrow(
        'cpu-stress.container: expected a platform whose instances are pods (kubernetes)',
      );
    } finally {
      one.cleanUp();
    }
  });
});

const victim = { ...podOf('a'), run: { container: 'app', id: 'containerd://one12345678' } };
const act = { id: 's', pods: [{ victim, limitCpus: 0.5 }], workers: 2, holdMs: 5000 };
const NAME = 'web-a (uid a, container app one12345)';
const span = (over: Partial<CpuSpan>): CpuSpan => ({
  spanMs: 1000,
  cpuMs: 50,
  waitedMs: 10,
  besideMs: 0,
  beside: [],
  ...over,
});
const BURNT = { beside: ['sh (pid 7)', 'sh (pid 8)'], besideMs: 300 };
const before = span({});

describe('stress in a pod', () => {
  const judge = (since: CpuSpan | null, over: Partial<Evidence> = {}, probed = false) =>
    judgePodStress(act, probed, {
      appliedAt: epochMs(1000),
      baseline: { held: [], fresh: [] },
      since: { held: [], fresh: [] },
      snapshotsBefore: [],
      snapshots: [
        {
          at: epochMs(3000),
          podStresses: [{ id: 's', inPlaceAt: epochMs(2000), pods: [{ victim, before, since }] }],
        },
      ],
      ...over,
    });

  it('costs a busy thread what equals within a limit leave it, and nothing where each has a CPU', () => {
    expect([predictedCost(2, 0.5), predictedCost(1, 1), predictedCost(3, 2), predictedCost(1, 4)]).toEqual([
      5, 1, 1, 0,
    ]);
  });

  it('is seen when the victim waits half as much more as is predicted and something burns beside it', () => {
    const proof = judge(span({ ...BURNT, waitedMs: 135 }));
    expect(proof).toMatchObject({ kind: 'seen', at: 2000, boundMs: 1000 });
    expect(proof.evidence).toBe(
      `every record reports Injected; ${NAME} waited 135 ms for 50.0 ms of work, 2.7 ms per ms (before 0.2, predicted 5 more, ` +
        'seen from 2.7), next to it sh (pid 7), sh (pid 8) used 300 ms; no probe reaches this service',
    );
  });

  it.each([
    ['it waits less', span({ ...BURNT, waitedMs: 134 })],
    ['nothing burns beside it, however much it waits', span({ waitedMs: 900 })],
    ['it is idle', span({ ...BURNT, cpuMs: 0.9, waitedMs: 900 })],
    ['the window is short', span({ ...BURNT, waitedMs: 900, spanMs: 299 })],
    ['nothing was read since', null],
  ])('is not seen when %s', (_, since) => {
    expect(judge(since).kind).toBe('not-yet');
  });

  it('is not seen without an answer of the platform, and says why', () => {
    const proof = judge(null, { snapshots: [{ at: epochMs(1), failed: 'no route' }] });
    expect([proof.kind, proof.evidence]).toEqual(['not-yet', `no stress on ${NAME}: no route`]);
  });

  it('is not seen while probes are dead: late is what was predicted, not gone', () => {
    const sample = (ok: boolean) => ({
      probe: 'web',
      connection: 'held' as const,
      at: epochMs(2500),
      tookMs: 9,
      ok,
      outcome: ok ? 'ok' : 'refused',
    });
    const since = span({ ...BURNT, waitedMs: 900 });
    const both = (ok: boolean) => ({ since: { held: [sample(ok)], fresh: [sample(ok)] } });
    expect(judge(since, both(true), true).kind).toBe('seen');
    expect(judge(since, both(false), true).evidence).toContain(
      'expected probes that are slower at most, but alive',
    );
  });
});

describe('stress in a pod is gone', () => {
  const judge = (since: CpuSpan | null, known: CpuSpan | null = before) =>
    judgePodRelief(act, [{ victim, before: known, since }]);

  it('when nothing burns beside the victim and its work costs what it did', () => {
    expect(judge(span({}))).toEqual({
      gone: true,
      evidence:
        `no object is left; ${NAME} waited 10.0 ms for 50.0 ms of work, 0.2 ms per ms (before 0.2, predicted 5 more, seen from ` +
        '2.7), nothing else used its CPU',
    });
  });

  it('and not while something burns, whatever records say, nor while it waits as under stress', () => {
    expect(judge(span(BURNT))).toEqual({
      gone: false,
      evidence: `no object is left; ${NAME}: next to it sh (pid 7), sh (pid 8) used 300 ms since the end`,
    });
    expect(judge(span({ waitedMs: 900 })).gone).toBe(false);
    expect(judge(null)).toEqual({
      gone: false,
      evidence: `no object is left; ${NAME} was not measured since the end`,
    });
  });

  it('for a process that never saw the time before, when nothing burns', () => {
    expect(judge(span({ waitedMs: 900 }), null).gone).toBe(true);
    expect(judge(span(BURNT), null).gone).toBe(false);
  });

  it('where nothing was ever begun', () => {
    expect(judgePodRelief(act, null)).toEqual({ gone: true, evidence: 'no object was ever created' });
  });

  it('when the run of the container is not there any more, and what was in it neither', () => {
    expect(judgePodRelief(act, [])).toEqual({
      gone: true,
      evidence: 'no object is left; the victims are gone for another reason',
    });
  });
});
