/**
 * kill-pod via a signal: one run of a container replaces the pod, in plan, act, proof, removal and recovery.
 */
import { describe, expect, it } from 'vitest';
import { killPod } from '../../../../../src/chaos/faults/instances/kill-pod.ts';
import type {
  ContainerState,
  InstanceLife,
  InstanceState,
} from '../../../../../src/core/acts/instance-acts.ts';
import { epochMs, ms } from '../../../../../src/core/units.ts';
import { cluster, podOf } from '../../pod-stage.ts';
import { stage } from '../../stage.ts';

const container = (over: Partial<ContainerState> = {}): ContainerState => ({
  name: 'app',
  id: 'containerd://one12345678',
  ready: true,
  restarts: 0,
  lastEnd: null,
  ...over,
});

/** One pod whose inside can be changed, and what was done to it. */
function inside(first: Partial<NonNullable<InstanceState['inside']>> = {}) {
  const base = cluster({}, ['a']);
  const { instances } = base.world.platform;
  if (instances === undefined) throw new Error('no instances');
  const state = {
    now: { containers: [container()], restarts: true, isFirstProcess: true, ...first },
    lives: [] as InstanceLife[],
    refusals: 0,
  };
  const acts: unknown[] = [];
  const platform = {
    ...base.world.platform,
    guard: {
      refusals: async () =>
        Array.from({ length: state.refusals }, () => ({ subject: 's', expected: 'e', got: 'g' })),
    },
    instances: {
      ...instances,
      list: async (): Promise<readonly InstanceState[]> => [
        {
          ...podOf('a'),
          ready: state.now.containers.every((one) => one.ready),
          restarts: 0,
          inside: state.now,
        },
      ],
      containers: {
        checkSignal: async (victim: object, ...rest: unknown[]) =>
          void acts.push(['look', 'run' in victim, ...rest]),
        signal: async (victim: object, ...rest: unknown[]) => {
          acts.push(['signal', 'run' in victim, ...rest]);
          return 'sent' as const;
        },
        lives: async () => state.lives,
      },
    },
  };
  const world = { ...base.world, platform };
  const plan = async (raw: object) => {
    const parsed = killPod.parse({ service: 'web', via: 'signal', ...raw });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    return await killPod.plan(parsed.spec, world);
  };
  return { state, acts, world, plan };
}
const TERM = { signal: 'SIGTERM' };

describe('the parameters', () => {
  const problems = (raw: object) => {
    const parsed = killPod.parse({ service: 'web', ...raw });
    return parsed.ok ? [] : parsed.problems.map((one) => `${one.path}: ${one.expected}; ${one.got}`);
  };

  it('fit together or are mistakes: a budget and a grace belong to deletion, a container to a signal', () => {
    expect(problems({ via: 'exec' })).toEqual(['via: one of platform, signal, chaos-mesh; "exec"']);
    expect(problems({ via: 'signal', evict: true })).toEqual([
      'evict: via: platform; "via: signal, which asks no disruption budget"',
    ]);
    expect(problems({ via: 'signal', ...TERM, grace: '5s' })).toEqual([
      'grace: via: platform; "via: signal, where the process itself decides how long it drains"',
    ]);
    expect(problems({ container: 'app', process: 'java' })).toEqual([
      'container: a name without spaces, together with via: signal or chaos-mesh; "via platform"',
      'process: a name without spaces, together with via: signal; "via platform"',
    ]);
    expect(problems({ via: 'signal', evict: false, container: 'app' })).toEqual([]);
  });

  it('of a kill by Chaos Mesh: no process, no budget, and of a container only SIGKILL', () => {
    expect(problems({ via: 'chaos-mesh', ...TERM, grace: '5s' })).toEqual([]);
    expect(problems({ via: 'chaos-mesh', container: 'app' })).toEqual([]);
    expect(problems({ via: 'chaos-mesh', process: 'java', evict: true })).toEqual([
      'process: a name without spaces, together with via: signal; "via chaos-mesh"',
      'evict: via: platform; "via: chaos-mesh, which asks no disruption budget"',
    ]);
    expect(problems({ via: 'chaos-mesh', container: 'app', ...TERM, grace: '5s' })).toEqual([
      'grace: no container with via: chaos-mesh; "the container-kill of Chaos Mesh, which leaves no time"',
      'signal: SIGKILL; "SIGTERM, which the container-kill of Chaos Mesh does not support"',
    ]);
  });

  it('mean on the sandbox what they always did; a container is refused there', async () => {
    const one = stage();
    try {
      const plan = async (raw: object) => {
        const parsed = killPod.parse({ service: 'planner', ...raw });
        if (!parsed.ok) throw new Error('does not parse');
        const handle = { platform: 'sandbox', identity: 'sandbox:t' } as const;
        return await killPod.plan(parsed.spec, { ...one.world, platform: { ...one.world.platform, handle } });
      };
      expect((await plan({ via: 'signal' })).act).toEqual((await plan({})).act);
      await expect(plan({ via: 'signal', container: 'app' })).rejects.toThrow(
        'kill-pod.container: expected a platform whose instances are pods (kubernetes), got sandbox. Leave it out: here an instance is one process.',
      );
    } finally {
      one.cleanUp();
    }
  });
});

describe('a plan', () => {
  it('names the run, needs the right to exec, looks from inside and says how the kubelet restarts', async () => {
    const { plan, acts } = inside();
    const one = await plan(TERM);
    expect(one.victim).toBe('web-a (uid a, container app one12345)');
    expect(one.permissions).toEqual(['instances.list', 'containers.signal', 'instances.lives']);
    expect(one.timers[0]).toContain(
      'doubled up to 5 min, until it has run for 10 min (restarted so far: web-a: 0)',
    );
    expect(one.impact.killed).toEqual([{ service: 'web', victims: 1, replicas: 1, readyLeft: 0 }]);
    expect(acts).toEqual([['look', true, 'SIGTERM', null]]);
  });

  it('does not look into a pod without an opt-in', async () => {
    const { plan, acts, state } = inside();
    state.refusals = 1;
    await plan(TERM);
    expect(acts).toEqual([]);
  });

  it.each([
    [
      { signal: 'SIGKILL' },
      {},
      'kill-pod on web-a (uid a): expected a process that SIGKILL from inside its container can end, got process 1 of its own pid ' +
        'namespace, for which the kernel drops SIGKILL from within. Use signal: SIGTERM, name a child with process, set ' +
        'shareProcessNamespace: true in the pod, or leave out via: signal.',
    ],
    [
      TERM,
      { restarts: false },
      'kill-pod on web-a (uid a): expected restartPolicy: Always, so that the container comes back, got another restartPolicy. Leave out via: signal.',
    ],
    [
      TERM,
      { containers: [container({ id: null, restarts: 4 })] },
      'kill-pod on web-a (uid a): expected a running container app, got none that runs now (restarted 4 times). ' +
        'Wait until the kubelet has started it again.',
    ],
    [
      TERM,
      { containers: [container(), container({ name: 'proxy' })] },
      'kill-pod.container: expected one of app, proxy, got nothing. The pod has several containers: name one.',
    ],
    [
      { ...TERM, container: 'ap' },
      {},
      'kill-pod.container: expected one of app, got "ap". Did you mean app?',
    ],
  ])('is refused where it cannot work: %j %j', async (raw, first, text) => {
    const { plan, acts } = inside(first);
    await expect(plan(raw)).rejects.toMatchObject({ message: text });
    expect(acts).toEqual([]);
  });

  it('lets SIGKILL through to a named child and to a shared namespace', async () => {
    const child = inside();
    await child.plan({ signal: 'SIGKILL', process: 'java' });
    expect(child.acts).toEqual([['look', true, 'SIGKILL', 'java']]);
    await expect(inside({ isFirstProcess: false }).plan({ signal: 'SIGKILL' })).resolves.toBeDefined();
  });
});

describe('proof and removal', () => {
  it('wait for another run of the container in the same pod, and tell its exit code', async () => {
    const { plan, state, world, acts } = inside();
    const one = await plan(TERM);
    await killPod.apply(one, world, ms(1000));
    expect(acts.at(-1)).toEqual(['signal', true, 'SIGTERM', null]);
    const judge = async () => {
      const instances = await world.platform.instances.list();
      const none = { held: [], fresh: [] };
      const snapshots = [{ at: epochMs(20), instances }];
      const evidence = {
        appliedAt: epochMs(10),
        baseline: none,
        since: none,
        snapshotsBefore: [],
        snapshots,
      };
      return killPod.expect(one).judge(evidence);
    };
    expect(await judge()).toMatchObject({
      kind: 'not-yet',
      evidence: 'web-a (uid a, container app one12345) still runs',
    });
    if (one.undo === null) throw new Error('no undo');
    expect(await killPod.removed(one.undo, world)).toEqual({
      gone: false,
      evidence: 'web-a (uid a, container app one12345) still runs and may be draining',
    });
    const lastEnd = { id: 'containerd://one12345678', exitCode: 143, at: epochMs(12) };
    state.now = { ...state.now, containers: [container({ id: 'containerd://two', ready: false, lastEnd })] };
    expect(await judge()).toMatchObject({
      kind: 'seen',
      evidence:
        'web-a (uid a, container app one12345) is gone; no probe reaches this service (exit code 143)',
    });
    expect(await killPod.removed(one.undo, world)).toMatchObject({ gone: false });
    state.now = { ...state.now, containers: [container({ id: 'containerd://two', lastEnd })] };
    const life = (id: string, startedAt: number, endedAt: number | null): InstanceLife => ({
      ...podOf('a'),
      run: { container: 'app', id },
      startedAt: epochMs(startedAt),
      readyAt: epochMs(startedAt + 5),
      endedAt: endedAt === null ? null : epochMs(endedAt),
      marks: [
        { name: 'started', at: epochMs(startedAt), boundMs: ms(1) },
        { name: 'ready', at: epochMs(startedAt + 5), boundMs: ms(2) },
        ...(endedAt === null ? [] : [{ name: 'gone' as const, at: epochMs(endedAt), boundMs: ms(3) }]),
      ],
    });
    state.lives = [life('containerd://one12345678', 1, 30), life('containerd://two', 40, null)];
    expect(await killPod.removed(one.undo, world)).toMatchObject({ gone: true, at: 45, boundMs: 2 });
    const stretches = await killPod.pod?.(one.undo, world, {
      appliedAt: epochMs(22),
      firstGood: epochMs(50),
    });
    expect(stretches?.map((each) => [each.name, each.ms])).toEqual([
      ['signal sent to container died', 8],
      ['container died to container started again', 10],
      ['container started again to pod ready again', 5],
      ['pod ready again to first good probe on a fresh connection', 5],
    ]);
  });
});
