/**
 * kill-pod where instances are pods: grace, eviction, rights, successors distinguished by uid, and marks in
 * order of time.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { killPod } from '../../../../../src/chaos/faults/instances/kill-pod.ts';
import { judgeKill } from '../../../../../src/chaos/faults/instances/kill-proof.ts';
import { podStretches, replacementsOf } from '../../../../../src/chaos/faults/instances/pod-timeline.ts';
import { checkGuards } from '../../../../../src/chaos/guards/policy.ts';
import { preflightFaults } from '../../../../../src/chaos/injector/preflight.ts';
import type { InstanceLife, LifeMark } from '../../../../../src/core/acts/instance-acts.ts';
import { GauntletError } from '../../../../../src/core/errors.ts';
import type { Victim } from '../../../../../src/core/topology.ts';
import { type EpochMs, epochMs, ms } from '../../../../../src/core/units.ts';
import { cluster, podOf } from '../../pod-stage.ts';
import { OPEN_POLICY, planned, stage } from '../../stage.ts';

describe('the parameters of a kill on pods', () => {
  it('allow a grace only with SIGTERM and only in whole seconds', () => {
    const problems = (raw: object) => {
      const parsed = killPod.parse({ service: 'web', ...raw });
      return parsed.ok ? [] : parsed.problems.map((one) => `${one.path}: ${one.expected}; ${one.got}`);
    };
    const expected = 'grace: whole seconds with a unit, such as 30s, together with signal: SIGTERM';
    expect(problems({ grace: '1500ms', signal: 'SIGTERM' })).toEqual([`${expected}; "1500ms"`]);
    expect(problems({ grace: '5s' })).toEqual([`${expected}; "signal SIGKILL, which leaves no time"`]);
    expect(problems({ grace: '5s', signal: 'SIGTERM', evict: true })).toEqual([]);
  });

  it('each lead to their own act', async () => {
    const of = async (raw: object) => {
      const { acts, fire } = cluster({}, ['a']);
      await fire({ 'accept-outage': true, ...raw });
      return acts[0];
    };
    expect(await of({})).toEqual(['signal', 'web-a', 'SIGKILL']);
    expect(await of({ signal: 'SIGTERM' })).toEqual(['signal', 'web-a', 'SIGTERM']);
    expect(await of({ signal: 'SIGTERM', grace: '5s' })).toEqual(['remove', 'web-a', 5000]);
    expect(await of({ signal: 'SIGTERM', evict: true })).toEqual(['evict', 'web-a', null]);
    expect(await of({ evict: true })).toEqual(['evict', 'web-a', 0]);
  });

  it('that only Kubernetes knows are refused on the sandbox, not ignored', async () => {
    const one = stage();
    try {
      const parsed = killPod.parse({ service: 'planner', evict: true });
      const spec = parsed.ok ? parsed.spec : undefined;
      if (spec === undefined) throw new Error('does not parse');
      const platform = {
        ...one.world.platform,
        handle: { platform: 'sandbox', identity: 'sandbox:t' } as const,
      };
      await expect(killPod.plan(spec, { ...one.world, platform })).rejects.toThrow(
        'kill-pod.evict: expected a platform that removes instances itself (kubernetes), got sandbox. ' +
          'Leave it out: on this platform a signal is sent.',
      );
    } finally {
      one.cleanUp();
    }
  });
});

describe('a plan on pods', () => {
  it('names identities without a pid, and asks for the right of eviction only when it evicts', async () => {
    const deleting = await cluster({}, ['a']).fire({ 'accept-outage': true });
    expect(deleting.victim).toBe('web-a (uid a)');
    expect(deleting.impact.instances).toEqual([podOf('a')]);
    expect(deleting.permissions).toContain('instances.signal');
    const evicting = await cluster({}, ['a']).fire({ evict: true, 'accept-outage': true });
    expect(evicting.permissions).toEqual([
      'instances.list',
      'instances.evict',
      'instances.lives',
      'instances.successors',
    ]);
  });

  it('on a selector that nearly matches says the label that is there', async () => {
    const stage = cluster({}, []);
    const { instances } = stage.world.platform;
    const labelsNear = async () => ['app=wed', 'tier=front'];
    Object.assign(stage.world.platform, { instances: { ...instances, labelsNear } });
    await expect(stage.fire({})).rejects.toThrow(
      'kill-pod.service: expected a service with pods, got "web", whose selector app=web matches no pod in namespace shop. ' +
        'Did you mean app=wed? Helm charts',
    );
  });

  it('on a selector that matches nothing is a mistake that names the selector', async () => {
    const { fire } = cluster({}, []);
    await expect(fire({})).rejects.toThrow(
      'kill-pod.service: expected a service with pods, got "web", whose selector app=web matches no pod in namespace shop. ' +
        'Helm charts label with app.kubernetes.io/name: kubectl get pods -n shop --show-labels',
    );
  });
});

describe('the word of the platform', () => {
  const problem = { subject: 'pod web-a', expected: 'label', got: 'none' };

  it('refuses a plan, with the identities and acts that it was asked about', async () => {
    const asked: unknown[] = [];
    const { world, fire } = cluster({
      guard: {
        refusals: async (victims, acts) => {
          asked.push(victims, acts);
          return [problem];
        },
      },
    });
    const plan = await fire({});
    await expect(checkGuards(plan, OPEN_POLICY, world, ms(0))).rejects.toThrow(
      'pod web-a: expected label, got none.',
    );
    expect(asked).toEqual([plan.impact.instances, plan.permissions]);
  });

  it('that cannot be had allows nothing', async () => {
    const { world, fire } = cluster({
      guard: { refusals: () => Promise.reject(new Error('read ECONNRESET')) },
    });
    const plan = await fire({});
    await expect(checkGuards(plan, OPEN_POLICY, world, ms(0))).rejects.toThrow(
      `kill-pod on ${plan.victim}: expected an answer of the platform about what it allows, got read ECONNRESET.`,
    );
  });

  it('names all missing rights when planning fails for want of one', async () => {
    const forbidden = new GauntletError('refused', [
      { subject: 'list pods', expected: 'permission', got: 'no' },
    ]);
    const base = cluster().world.platform;
    const { world } = cluster({
      ...(base.instances && { instances: { ...base.instances, list: () => Promise.reject(forbidden) } }),
      guard: { refusals: async () => [problem, { ...problem, subject: 'another' }] },
    });
    await expect(
      preflightFaults([planned('kill-pod', { service: 'web' })], world, OPEN_POLICY),
    ).rejects.toThrow('pod web-a: expected label, got none.\nanother: expected label, got none.');
  });
});

const mark = (name: LifeMark['name'], at: number): LifeMark => ({ name, at: epochMs(at), boundMs: ms(2) });
const life = (
  uid: string,
  startedAt: number,
  ready: number | null,
  marks: LifeMark[],
  gone?: number,
): InstanceLife => ({
  ...podOf(uid),
  startedAt: epochMs(startedAt),
  readyAt: ready === null ? null : epochMs(ready),
  endedAt: gone === undefined ? null : epochMs(gone),
  marks,
});

describe('the recovery of a pod', () => {
  const old = life('old', 0, 10, [mark('deletion accepted', 100), mark('gone', 3000)], 3000);
  const fresh = life('new', 110, 900, [
    mark('created', 110),
    mark('scheduled', 115),
    mark('started', 600),
    mark('ready', 900),
  ]);

  it('may begin before the victim is gone, and is reported in order of time', () => {
    const [way] = replacementsOf([podOf('old')], [old, fresh], [podOf('old')]);
    if (!way) throw new Error('no way back');
    expect(podStretches(epochMs(95), way, epochMs(950)).map((one) => [one.name, one.ms])).toEqual([
      ['deletion sent to deletion accepted', 5],
      ['deletion accepted to successor created', 10],
      ['successor created to successor scheduled', 5],
      ['successor scheduled to successor started', 485],
      ['successor started to successor ready', 300],
      ['successor ready to first good probe on a fresh connection', 50],
      ['first good probe on a fresh connection to victim gone', 2050],
    ]);
  });

  it('has no first good probe where none reaches the service', () => {
    const [way] = replacementsOf([podOf('old')], [old, fresh], [podOf('old')]);
    const names = way ? podStretches(epochMs(95), way, null).map((one) => one.name) : [];
    expect(names.join()).not.toContain('probe');
  });

  it('of two victims needs two successors', () => {
    const other = life('other', 0, 10, [mark('deletion accepted', 101), mark('gone', 2000)], 2000);
    const second = life('late', 120, 5000, [mark('created', 120), mark('ready', 5000)]);
    const victims = [podOf('old'), podOf('other')];
    expect(replacementsOf(victims, [old, other, fresh], victims)).toHaveLength(1);
    const ways = replacementsOf(victims, [old, other, fresh, second], victims);
    expect(ways.map((one) => one.readyAt)).toEqual([900, 5000]);
  });

  it('is not that of a pod which was made before the deletion', () => {
    const earlier = life('scaled-up', 50, 80, [mark('created', 50), mark('ready', 80)]);
    expect(replacementsOf([podOf('old')], [old, earlier], [podOf('old')])).toEqual([]);
  });

  it('has stretches that are never negative and sum to the whole, in whatever order the marks came', () => {
    const names = [
      'deletion accepted',
      'gone',
      'created',
      'scheduled',
      'started',
      'ready',
      'endpoint ready',
    ] as const;
    const time = fc.integer({ min: 0, max: 100_000 });
    fc.assert(
      fc.property(
        time,
        fc.array(time, { minLength: 7, maxLength: 7 }),
        fc.option(time),
        (applied, times, good) => {
          const marks = names.map((name, index) => mark(name, times[index] ?? 0));
          const at = (value: number): EpochMs => epochMs(value);
          const way = { goneAt: at(0), startedAt: at(0), readyAt: at(0), marks };
          const stretches = podStretches(at(applied), way, good === null ? null : at(good));
          const last = Math.max(applied, ...times, ...(good === null ? [] : [good]));
          expect(stretches.every((one) => one.ms >= 0)).toBe(true);
          expect(stretches.reduce((sum, one) => sum + one.ms, 0)).toBe(last - applied);
        },
      ),
    );
  });
});

describe('the proof of a kill on pods', () => {
  const judge = (signal: 'SIGKILL' | 'SIGTERM', isLeaving: boolean, isEnded = false) => {
    const instances = [{ ...podOf('a'), ready: false, restarts: 0, isLeaving, isEnded }];
    const act = { victims: [podOf('a')], signal, survivors: false, evict: false, graceMs: null };
    const none = { held: [], fresh: [] };
    const snapshots = [{ at: epochMs(20), instances }];
    return judgeKill(act, false, {
      appliedAt: epochMs(10),
      baseline: none,
      since: none,
      snapshotsBefore: [],
      snapshots,
    }).kind;
  };

  it('is a drain that has begun after SIGTERM, and nothing less than the end after SIGKILL', () => {
    expect(judge('SIGTERM', true)).toBe('seen');
    expect(judge('SIGTERM', false)).toBe('not-yet');
    expect(judge('SIGKILL', true)).toBe('not-yet');
  });

  it('is a process that has ended, however long its supervisor waits before it starts the next', () => {
    expect(judge('SIGKILL', false, true)).toBe('seen');
    expect(judge('SIGTERM', false, true)).toBe('seen');
  });
});

describe('a victim without a successor', () => {
  const lonely = (known: readonly string[] = ['a']) => {
    const stage = cluster();
    const { instances } = stage.world.platform;
    if (instances === undefined) throw new Error('no instances');
    const successors = {
      of: async (victims: readonly Victim[]) =>
        victims.map((one) =>
          'uid' in one && known.includes(one.uid)
            ? ({ kind: 'none', why: 'it has no owner', fix: 'Do this.' } as const)
            : ({ kind: 'comes', by: 'ReplicaSet web-7' } as const),
        ),
    };
    Object.assign(stage.world.platform, { instances: { ...instances, successors } });
    return stage;
  };
  const asked = async (stage: ReturnType<typeof cluster>, raw: object, kind = 'kill-pod') =>
    await preflightFaults([planned(kind, { service: 'web', ...raw })], stage.world, OPEN_POLICY);

  it('is refused by name, with the reason and what to do', async () => {
    await expect(asked(lonely(['a', 'b']), { names: 'web-a' })).rejects.toThrow(
      'kill-pod on web-a (uid a): expected a victim that its owner replaces, got it has no owner: no owner replaces it. ' +
        'Choose another victim. Do this. Or declare the loss with accept-loss: true.',
    );
  });

  it.each([
    ['deletion', {}],
    ['eviction', { evict: true, signal: 'SIGTERM' }],
    ['a grace', { signal: 'SIGTERM', grace: '5s' }],
  ])('is refused for %s of all, and only the lonely one is named', async (_, raw) => {
    const all = { mode: 'all', 'accept-outage': true, ...raw };
    const error = await asked(lonely(), all).then(
      () => '',
      (thrown: unknown) => String(thrown),
    );
    expect(error).toContain('kill-pod on web-a (uid a)');
    expect(error).not.toContain('web-b');
  });

  it('is refused for a storm, which cannot declare the loss', async () => {
    await expect(asked(lonely(['a', 'b']), { for: '5s' }, 'restart-storm')).rejects.toThrow(
      /restart-storm on web-\w \(uid \w\): expected a victim that its owner replaces, got it has no owner: no owner replaces it\. Choose another victim\. Do this\.$/,
    );
  });

  it('may be declared lost: then the fault does not wait for it', async () => {
    const [plan] = await asked(lonely(), { mode: 'all', 'accept-outage': true, 'accept-loss': true });
    expect(plan?.undo?.data).toMatchObject({ readyBefore: 1 });
    expect(plan?.timers).toContain('No controller replaces web-a (uid a): it has no owner.');
    expect(plan?.timers).toContain('Replaced by ReplicaSet web-7.');
  });

  it('does not matter where a container is killed in its pod: the kubelet restarts it', async () => {
    const stage = lonely(['a', 'b']);
    const inside = {
      restarts: true,
      isFirstProcess: false,
      containers: [{ name: 'app', id: 'c://1', ready: true, restarts: 0, lastEnd: null }],
    };
    const { instances } = stage.world.platform;
    if (instances === undefined) throw new Error('no instances');
    const list = async () => (await instances.list()).map((one) => ({ ...one, inside }));
    const containers = {
      signal: async () => 'sent' as const,
      checkSignal: async () => undefined,
      lives: async () => [],
    };
    Object.assign(stage.world.platform, { instances: { ...instances, list, containers } });
    const [plan] = await asked(stage, { via: 'signal' });
    expect(plan?.impact.lost).toEqual([]);
    expect(plan?.permissions).not.toContain('instances.successors');
  });
});
