import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../../../src/chaos/fault.ts';
import { podStretches, replacementsOf } from '../../../../src/chaos/faults/instances/pod-timeline.ts';
import { FAULTS, faultNamed } from '../../../../src/chaos/faults/registry.ts';
import { median, onsetOf, together } from '../../../../src/chaos/observation.ts';
import type { InstanceLife } from '../../../../src/core/acts/instance-acts.ts';
import type { ProbeSample } from '../../../../src/core/samples.ts';
import { epochMs, ms } from '../../../../src/core/units.ts';
import { planned, stages } from '../stage.ts';

const newStage = stages();

const problemsOf = (name: string, raw: unknown): string[] => {
  const parsed = faultNamed(name).parse(raw);
  if (parsed.ok) return [];
  return parsed.problems.map(
    (one) => `${one.path}: ${one.expected}; ${one.got}${one.next === undefined ? '' : `; ${one.next}`}`,
  );
};
const DURATION = 'a duration with a unit (us, ms, s, m, h), such as 500ms or 8s';
const HOLD = `for: ${DURATION}, greater than 0`;

describe('registry', () => {
  it('finds a fault by name, and suggests the nearest for a slip', () => {
    expect(faultNamed('kill-pod').name).toBe('kill-pod');
    expect(() => faultNamed('kil-pod')).toThrow(
      `fault "kil-pod": expected one of ${FAULTS.map((one) => one.name).join(', ')}, got "kil-pod". ` +
        'Did you mean kill-pod?',
    );
    expect(() => faultNamed('earthquake')).toThrow(/got "earthquake"\.$/);
  });
});

describe('parameters', () => {
  it('all problems of a block come at once', () => {
    expect(problemsOf('throttle-redis', { bandwith: '1', latency: 40, for: '0s' })).toEqual([
      'bandwith: one of service, bandwidth, latency, jitter, for; "bandwith"; Did you mean bandwidth?',
      `latency: ${DURATION}; 40`,
      `${HOLD}; "0s"`,
    ]);
    expect(problemsOf('partition-kafka', { broker: 'leader', from: 'all' })).toEqual([
      'broker: a broker id such as 1, `leader of <topic>`, or `controller`; "leader"; Did you mean leader of?',
      'from: one of clients, brokers, both; "all"',
      `${HOLD}; nothing`,
    ]);
    expect(problemsOf('kill-pod', { signal: 'SIGSTOP', mode: '0%' })).toEqual([
      'service: the name of a service, such as orders; nothing',
      'signal: one of SIGKILL, SIGTERM; "SIGSTOP"',
      'mode: one, all, or a share greater than 0% such as 50% (rounded up); "0%"',
    ]);
    expect(problemsOf('noop', [1])).toEqual([': a map with probe, for; a list']);
  });

  it('throttle-redis wants bandwidth or latency, and no more jitter than latency', () => {
    expect(problemsOf('throttle-redis', { for: '8s' })).toEqual([
      ': at least one of bandwidth and latency; nothing',
    ]);
    expect(problemsOf('throttle-redis', { latency: '10ms', jitter: '20ms', for: '8s' })).toEqual([
      'jitter: at most the latency (10.0 ms); "20.0 ms"',
    ]);
    expect(problemsOf('throttle-redis', { latency: '0ms', for: '8s' })).toEqual([
      'latency: a latency greater than 0; "0"',
    ]);
    expect(faultNamed('throttle-redis').parse({ bandwidth: '256kbit', for: '8s' })).toEqual({
      ok: true,
      spec: { bandwidth: 256_000, latency: null, jitter: null, for: 8000 },
      holdMs: 8000,
    });
  });

  it('takes what a command line gives: everything is text there', () => {
    expect(faultNamed('partition-kafka').parse({ broker: '2', for: '8s' })).toEqual({
      ok: true,
      spec: { broker: { kind: 'id', id: 2 }, shape: 'alone', from: 'both', direction: 'both', for: 8000 },
      holdMs: 8000,
    });
    expect(faultNamed('kill-pod').parse({ service: 'web', 'accept-outage': 'true' })).toMatchObject({
      spec: { mode: 'one', signal: 'SIGKILL', acceptOutage: true },
      holdMs: null,
    });
  });
});

describe('plans', () => {
  it('an unknown topic, broker or service is reported with the existing ones', async () => {
    const { world } = newStage();
    const cut = (broker: string) => planned('partition-kafka', { broker, for: '8s' });
    const planOf = async (one: ReturnType<typeof planned>) => faultNamed(one.kind).plan(one.spec, world);
    await expect(planOf(cut('leader of orders.ne'))).rejects.toThrow(
      'partition-kafka.broker: topic: expected one of orders.new, got "orders.ne". ' +
        'Did you mean orders.new?',
    );
    await expect(planOf(cut('12'))).rejects.toThrow(
      'partition-kafka.broker: expected one of 1, 2, 3, got 12.',
    );
    await expect(planOf(planned('noop', { probe: 'reddis', for: '1s' }))).rejects.toThrow(
      /^noop\.probe: expected one of web, .*redis, got "reddis"\. Did you mean redis\?$/,
    );
  });

  it('partition-kafka cuts exactly the side that was asked for', async () => {
    const { world } = newStage();
    const touches = async (from: string) => {
      const one = planned('partition-kafka', { broker: 2, from, for: '8s' });
      return (await faultNamed('partition-kafka').plan(one.spec, world)).touches;
    };
    const clients = ['web->kafka-2', 'planner->kafka-2', 'probe->kafka-2'];
    const brokers = [1, 3].flatMap((other) =>
      [`kafka-${other}->kafka-2`, `kafka-2->kafka-${other}`].flatMap((name) => [name, `${name}:controller`]),
    );
    expect(await touches('clients')).toEqual(clients);
    expect([...(await touches('brokers'))].sort()).toEqual(brokers.sort());
    expect([...(await touches('both'))].sort()).toEqual([...clients, ...brokers].sort());
  });

  it('controller is resolved to the active one when the fault fires', async () => {
    const { world, target } = newStage();
    const one = planned('partition-kafka', { broker: 'controller', for: '8s' });
    target.controller = 3;
    const plan = await faultNamed('partition-kafka').plan(one.spec, world);
    expect(plan.victim).toBe('kafka-3 (active controller)');
  });

  it('kill-pod draws among ready instances, a share rounded up', async () => {
    const one = newStage({ replicas: { web: 5 } });
    const victims = async (mode: string) => {
      const each = planned('kill-pod', { service: 'web', mode });
      return (await faultNamed('kill-pod').plan(each.spec, one.world)).victims.length;
    };
    expect([await victims('one'), await victims('all'), await victims('50%'), await victims('1%')]).toEqual([
      1, 5, 3, 1,
    ]);
  });

  it('prints the settings of the platform that explain the times', async () => {
    const { world } = newStage();
    const timers = { 'broker.session.timeout.ms': 2000, 'restart.back-off': '1 s' };
    const cut = planned('partition-kafka', { broker: 1, for: '8s' });
    const plan = await faultNamed('partition-kafka').plan(cut.spec, { ...world, timers });
    expect(plan.timers).toContain('broker.session.timeout.ms = 2000 on this platform.');
    expect(plan.timers).not.toContain('restart.back-off = 1 s on this platform.');
  });
});

describe('removal of a kill', () => {
  it('waits for a victim that may be draining, and for no one that SIGKILL never reached', async () => {
    const { world, clock } = newStage();
    const removedAfter = async (signal: string, afterMs: number) => {
      const one = planned('kill-pod', { service: 'planner', signal });
      const { undo } = await faultNamed('kill-pod').plan(one.spec, world);
      await clock.advance(afterMs);
      return undo && faultNamed('kill-pod').removed(undo, world);
    };
    expect(await removedAfter('SIGKILL', 0)).toEqual({
      gone: true,
      evidence: 'planner-0 (pid 104) was not killed, 1 of 1 instances are ready',
    });
    expect(await removedAfter('SIGTERM', 59_000)).toEqual({
      gone: false,
      evidence: 'planner-0 (pid 104) still runs and may be draining',
    });
    expect(await removedAfter('SIGTERM', 60_000)).toMatchObject({ gone: true });
  });
});

const life = (
  pid: number,
  startedAt: number,
  readyAt: number | null,
  endedAt: number | null,
): InstanceLife => ({
  service: 's',
  instance: 's-0',
  pid,
  startTicks: String(pid),
  startedAt: epochMs(startedAt),
  readyAt: readyAt === null ? null : epochMs(readyAt),
  endedAt: endedAt === null ? null : epochMs(endedAt),
});

describe('pod timeline', () => {
  const victim = life(1, 0, 10, 100);

  it('counts a successor that died before it was ready into the way, not as its end', () => {
    const lives = [victim, life(2, 110, null, 150), life(3, 200, 260, null)];
    expect(replacementsOf([victim], lives, [victim])).toEqual([
      { goneAt: 100, startedAt: 110, readyAt: 260 },
    ]);
  });

  it('has no end while nobody is ready, and none while the victim lives', () => {
    expect(replacementsOf([victim], [victim, life(2, 110, null, null)], [victim])).toEqual([]);
    expect(replacementsOf([victim], [life(1, 0, 10, null)], [victim])).toEqual([]);
  });

  it('its stretches are never negative and always sum to the whole', () => {
    const time = fc.integer({ min: 0, max: 100_000 });
    fc.assert(
      fc.property(time, time, time, time, fc.nat(100_000), (applied, gone, started, ready, rest) => {
        const way = { goneAt: epochMs(gone), startedAt: epochMs(started), readyAt: epochMs(ready) };
        const last = Math.max(applied, gone, started, ready) + rest;
        const stretches = podStretches(epochMs(applied), way, epochMs(last));
        expect(stretches.every((one) => one.ms >= 0)).toBe(true);
        expect(stretches.reduce((sum, one) => sum + one.ms, 0)).toBe(last - applied);
      }),
    );
  });
});

const sample = (at: number, tookMs: number, ok: boolean, connection: 'held' | 'fresh'): ProbeSample => ({
  probe: 'redis',
  connection,
  at: epochMs(at),
  tookMs,
  ok,
  outcome: ok ? 'ok' : 'stalled',
});

describe('onset', () => {
  it('the median is that of the sorted middle', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
        const below = values.filter((one) => one <= median(values)).length;
        const above = values.filter((one) => one >= median(values)).length;
        expect(Math.min(below, above) * 2).toBeGreaterThanOrEqual(values.length);
      }),
    );
  });

  it('for a cut at any time, the stamped interval holds the true instant', () => {
    const world = fc.record({
      cutAt: fc.double({ min: 1000, max: 2000, noNaN: true }),
      heldOffset: fc.double({ min: 0, max: 100, noNaN: true }),
      freshOffset: fc.double({ min: 0, max: 100, noNaN: true }),
      usual: fc.double({ min: 0.1, max: 50, noNaN: true }),
    });
    fc.assert(
      fc.property(world, ({ cutAt, heldOffset, freshOffset, usual }) => {
        const samplesOf = (connection: 'held' | 'fresh', offset: number): ProbeSample[] =>
          Array.from({ length: 40 }, (_, index) => {
            const at = index * 100 + offset;
            const isCut = at + usual > cutAt;
            return sample(at, isCut ? 400 : usual, !isCut, connection);
          });
        const all = { held: samplesOf('held', heldOffset), fresh: samplesOf('fresh', freshOffset) };
        const appliedAt = epochMs(950);
        const evidence = {
          appliedAt,
          baseline: {
            held: all.held.filter((one) => one.at < appliedAt && one.ok),
            fresh: all.fresh.filter((one) => one.at < appliedAt && one.ok),
          },
          since: {
            held: all.held.filter((one) => one.at >= appliedAt),
            fresh: all.fresh.filter((one) => one.at >= appliedAt),
          },
        };
        const onsets = (['held', 'fresh'] as const).flatMap((connection) => {
          const first = evidence.since[connection].find((one) => !one.ok);
          return first === undefined ? [] : [onsetOf(first, connection, evidence)];
        });
        const { at, boundMs } = together(onsets);
        expect(at).toBeGreaterThanOrEqual(cutAt - 1e-6);
        expect(at - boundMs).toBeLessThanOrEqual(cutAt + 1e-6);
        expect(boundMs).toBeLessThanOrEqual(100 + usual + 1e-6);
      }),
      { numRuns: 300 },
    );
  });
});

describe('proof of a throttle', () => {
  const judge = async (since: number[], before: number[] = [1, 1, 1, 1]) => {
    const one = planned('throttle-redis', { bandwidth: '256kbit', latency: '40ms', for: '8s' });
    const fault = faultNamed('throttle-redis');
    const plan = await fault.plan(one.spec, newStage().world);
    const samples = (times: number[], from: number, connection: 'held' | 'fresh') =>
      times.map((tookMs, index) => sample(from + index * 100, tookMs, tookMs < 400, connection));
    const evidence: Evidence = {
      appliedAt: epochMs(1000),
      baseline: { held: samples(before, 0, 'held'), fresh: samples(before, 0, 'fresh') },
      since: { held: samples(since, 1000, 'held'), fresh: samples(since, 1000, 'fresh') },
      snapshotsBefore: [],
      snapshots: [],
    };
    return fault.expect(plan).judge(evidence);
  };
  // 40 ms latency + 1 KiB each way at 256 kbit/s (2 × 32 ms) = 104 ms; four fifths of it are 83.2 ms.
  it('needs four fifths of latency and transfer on top of the usual', async () => {
    expect(await judge([84.1, 84.1])).toMatchObject({ kind: 'not-yet' });
    expect(await judge([84.1, 84.1, 84.1])).toMatchObject({ kind: 'not-yet' });
    expect(await judge([84.3, 84.3, 84.3])).toMatchObject({ kind: 'seen', at: 1001, boundMs: ms(1) });
  });

  it('is not misled by one slow answer', async () => {
    expect(await judge([1, 200, 1, 1, 300, 1])).toMatchObject({ kind: 'not-yet' });
  });

  it('sees no fault in noise that was there before', async () => {
    const proof = await judge([200, 200, 200], [1, 200, 200, 1, 1]);
    expect(proof).toMatchObject({ kind: 'not-yet' });
    expect(proof.evidence).toMatch(
      /^as slow as that before the fault: it cannot be distinguished from noise; /,
    );
  });

  it('counts an answer that is overdue as slower than can be measured', async () => {
    expect(await judge([400, 400, 400])).toMatchObject({ kind: 'seen' });
  });
});
