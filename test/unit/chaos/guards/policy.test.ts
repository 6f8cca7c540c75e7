import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultNamed } from '../../../../src/chaos/faults/registry.ts';
import { hoursProblem } from '../../../../src/chaos/guards/hours.ts';
import { checkGuards } from '../../../../src/chaos/guards/policy.ts';
import { lockTarget, targetLockPath } from '../../../../src/chaos/guards/target-lock.ts';
import { preflightFaults } from '../../../../src/chaos/injector/preflight.ts';
import type { KafkaPartition } from '../../../../src/core/acts/kafka-acts.ts';
import type { FaultPolicy } from '../../../../src/core/policy.ts';
import { epochMs, ms } from '../../../../src/core/units.ts';
import { thisHolder } from '../../../../src/system/holder.ts';
import { lockHolder } from '../../../../src/system/lock.ts';
import type { FakeOptions } from '../../../fakes/fake-platform.ts';
import { OPEN_POLICY, planned, stage } from '../stage.ts';

const THROTTLE = planned('throttle-redis', { latency: '40ms', for: '8s' });
const killOf = (raw: object) => planned('kill-pod', raw);
const cut = (broker: number, from = 'both') => planned('partition-kafka', { broker, from, for: '8s' });

async function reasons(
  fault: ReturnType<typeof planned>,
  policy: Partial<FaultPolicy> = {},
  options: FakeOptions & { readonly partitions?: KafkaPartition[] } = {},
): Promise<string> {
  const one = stage(options);
  if (options.partitions) one.target.partitions = options.partitions;
  try {
    const plan = await faultNamed(fault.kind).plan(fault.spec, one.world);
    await checkGuards(plan, { ...OPEN_POLICY, ...policy }, one.world, ms(0));
    return '';
  } catch (error) {
    expect(error).toMatchObject({ kind: 'refused' });
    return (error as Error).message;
  } finally {
    one.cleanUp();
  }
}

const ALL = [1, 2, 3];
const one = (isr: number[], replicas = ALL): KafkaPartition => ({
  topic: 'orders',
  partition: 0,
  leader: isr[0] ?? -1,
  replicas,
  isr,
});

describe('guards', () => {
  it('refuse a target that did not opt in', async () => {
    expect(await reasons(THROTTLE, { optIn: false })).toBe(
      'policy.optIn: expected true, got false. ' +
        'A target must allow faults in its own file: policy: { optIn: true }.',
    );
  });

  it('let a fault that touches nothing pass without opt-in', async () => {
    expect(await reasons(planned('noop', { for: '1s' }), { optIn: false })).toBe('');
  });

  it('refuse protected services, links and instances by name', async () => {
    expect(await reasons(THROTTLE, { protected: ['redis', 'vault'] })).toBe(
      'throttle-redis on redis: expected a victim that is not protected, got redis, which policy.protected lists.',
    );
    const kill = killOf({ service: 'orders' });
    expect(await reasons(kill, { protected: ['orders-0'] })).toContain('orders-0');
    expect(await reasons(cut(1), { protected: ['kafka'] })).toContain('kafka, which policy.protected lists');
  });

  it('refuse what the system protects, with what lifts it, and each broker of a protected Kafka', async () => {
    const bySystem = {
      protected: ['redis', 'kafka'],
      protectedBy: { redis: 'system shop', kafka: 'system shop' },
    };
    expect(await reasons(THROTTLE, bySystem)).toBe(
      'throttle-redis on redis: expected a victim that is not protected, got redis, which system shop protects. ' +
        'A target lifts that with policy: { unprotected: [redis] }.',
    );
    expect(await reasons(killOf({ service: 'kafka-2' }), bySystem)).toContain(
      'got kafka, which system shop protects.',
    );
  });

  it('refuse to leave a replicated service without a ready replica, unless that is declared', async () => {
    expect(await reasons(killOf({ service: 'web', mode: 'all' }))).toBe(
      'kill-pod on web: expected at least one of 2 replicas left ready, got 0 ready after removing 2. ' +
        'Take fewer, or declare the outage with accept-outage: true.',
    );
    expect(await reasons(killOf({ service: 'web', mode: 'all', 'accept-outage': true }))).toBe('');
    expect(await reasons(killOf({ service: 'web', mode: '50%' }))).toBe('');
    expect(await reasons(killOf({ service: 'orders' }))).toBe('');
  });

  it('refuse a broker without which a partition has too few in-sync replicas', async () => {
    expect(await reasons(cut(1), {}, { partitions: [one([1, 2], [1, 2])] })).toBe(
      'partition-kafka on kafka-1: expected at least 2 in-sync replicas left in every partition, got fewer in orders-0. ' +
        'Wait until the in-sync replicas are complete, or choose another broker.',
    );
    expect(await reasons(cut(3), {}, { partitions: [one([1, 2])] })).toBe('');
    expect(await reasons(cut(1), {}, { partitions: [one([1], [1])] })).toContain('orders-0');
  });

  it('let clients be cut off from any broker: replication and quorum go on', async () => {
    expect(await reasons(cut(1, 'clients'), {}, { partitions: [one([1, 2])] })).toBe('');
  });

  it('refuse to lose the quorum of controllers', async () => {
    const partitions = [one([2, 3], [2, 3]), one([1], [1, 2])];
    expect(await reasons(cut(2), {}, { partitions: [...partitions, one([3], [3, 1])] })).toContain(
      'orders-0',
    );
    expect(await reasons(cut(3), {}, { partitions: [one([1], [1, 2]), one([3, 1], [3, 1])] })).toContain(
      'partition-kafka on kafka-3: expected a quorum of 2 controllers left, got 1 of 3.',
    );
  });

  it('give all reasons at once', async () => {
    const all = await reasons(
      cut(1),
      { optIn: false, protected: ['kafka-1'], hours: 'never' },
      { partitions: [one([1, 2])] },
    );
    expect(all.split('\n').map((line) => line.split(':')[0])).toEqual([
      'policy.optIn',
      'partition-kafka on kafka-1',
      'policy.hours',
      'partition-kafka on kafka-1',
      'partition-kafka on kafka-1',
    ]);
  });

  it('for any in-sync sets, never let through what leaves fewer than two of three', async () => {
    const isr = fc.subarray(ALL, { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(isr, { minLength: 1, maxLength: 5 }),
        fc.constantFrom(1, 2, 3),
        async (sets, id) => {
          const refused = (await reasons(cut(id), {}, { partitions: sets.map((set) => one(set)) })) !== '';
          const tooThin = sets.some((set) => set.includes(id) && set.length - 1 < 2);
          const outside = ALL.filter((broker) => broker !== id && sets.every((set) => !set.includes(broker)));
          expect(refused).toBe(tooThin || 2 - outside.length < 2);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('hours', () => {
  const at = (text: string) => epochMs(Date.parse(text));
  // 2026-11-20 is a Friday.
  it.each([
    ['any', '2026-11-22T03:00:00Z', true],
    ['09:00-17:00', '2026-11-22T09:00:00Z', true],
    ['09:00-17:00', '2026-11-22T17:00:00Z', false],
    ['Mon-Fri 09:00-17:00', '2026-11-20T16:59:59Z', true],
    ['Mon-Fri 09:00-17:00', '2026-11-21T12:00:00Z', false],
    ['22:00-06:00', '2026-11-20T23:00:00Z', true],
    ['22:00-06:00', '2026-11-20T12:00:00Z', false],
    ['Fri 22:00-06:00', '2026-11-21T05:59:00Z', true],
    ['Fri 22:00-06:00', '2026-11-20T05:59:00Z', false],
    ['Sat-Mon 00:00-24:00', '2026-11-22T12:00:00Z', true],
    ['Sat-Mon 00:00-24:00', '2026-11-24T12:00:00Z', false],
  ])('%s at %s is allowed: %s', (hours, time, allowed) => {
    expect(hoursProblem(hours, at(time)).length === 0).toBe(allowed);
  });

  it.each([
    ['Mon-Fri 09:00-17:00', '2026-11-20T16:59:00Z', 60_000, true],
    ['Mon-Fri 09:00-17:00', '2026-11-20T16:59:00Z', 60_001, false],
    ['09:00-17:00', '2026-11-20T09:00:00Z', 8 * 3_600_000, true],
    ['09:00-17:00', '2026-11-20T09:00:00Z', 24 * 3_600_000, false],
    ['22:00-06:00', '2026-11-20T23:00:00Z', 7 * 3_600_000, true],
    ['22:00-06:00', '2026-11-20T23:00:00Z', 7 * 3_600_000 + 1, false],
    ['Fri-Sat 00:00-24:00', '2026-11-20T23:00:00Z', 25 * 3_600_000, true],
    ['Fri-Sat 00:00-24:00', '2026-11-20T23:00:00Z', 26 * 3_600_000, false],
    ['00:00-24:00', '2026-11-20T23:00:00Z', 1000 * 24 * 3_600_000, true],
    ['any', '2026-11-20T23:00:00Z', 1000 * 24 * 3_600_000, true],
  ])('%s from %s for %i ms is allowed: %s', (hours, time, lasts, allowed) => {
    expect(hoursProblem(hours, at(time), ms(lasts)).length === 0).toBe(allowed);
  });

  it('count hold and removal: what would end after them does not begin', async () => {
    const { world, clock, cleanUp } = stage();
    const hours = '09:00-17:00';
    const wall = epochMs(Date.parse('2026-11-20T16:58:30Z'));
    const late = {
      ...world,
      clock: { now: () => clock.now(), wall: () => wall, sleep: clock.sleep.bind(clock) },
    };
    const asked = (holdMs: number) => {
      const fault = planned('throttle-redis', { latency: '40ms', for: `${holdMs}ms` });
      return preflightFaults([fault], late, { ...OPEN_POLICY, hours });
    };
    await expect(asked(30_000)).resolves.toHaveLength(1);
    await expect(asked(30_001)).rejects.toThrow(
      'policy.hours: expected a time within 09:00-17:00 UTC, got Fri 16:58 UTC, which may last until Fri 17:00 UTC. ' +
        'Hold and removal must end within the hours: begin earlier, or make it shorter.',
    );
    cleanUp();
  });

  it('say when it is now, and refuse what cannot be read', () => {
    expect(hoursProblem('Mon-Fri 09:00-17:00', at('2026-11-21T12:30:00Z'))).toEqual([
      { subject: 'policy.hours', expected: 'a time within Mon-Fri 09:00-17:00 UTC', got: 'Sat 12:30 UTC' },
    ]);
    for (const text of ['', 'always', '25:00-26:00', 'Mo-Fr 09:00-17:00', '9-17']) {
      expect(hoursProblem(text, at('2026-11-20T12:00:00Z')), text).toMatchObject([
        { expected: '`any`, or hours in UTC such as 09:00-17:00 or Mon-Fri 09:00-17:00' },
      ]);
    }
  });
});

describe('preflight', () => {
  it('gathers the problems of all faults and touches nothing', async () => {
    const { world, target, cleanUp } = stage();
    const faults = [killOf({ service: 'order' }), cut(7), killOf({ service: 'web', mode: 'all' })];
    await expect(preflightFaults(faults, world, OPEN_POLICY)).rejects.toMatchObject({
      kind: 'usage',
      message:
        'kill-pod.service: expected one of kafka-1, kafka-2, kafka-3, orders, payments, planner, web, ' +
        'got "order". Did you mean orders?\n' +
        'partition-kafka.broker: expected one of 1, 2, 3, got 7. Did you mean 1?\n' +
        'kill-pod on web: expected at least one of 2 replicas left ready, got 0 ready after removing 2. ' +
        'Take fewer, or declare the outage with accept-outage: true.',
    });
    expect(target.acts).toEqual([]);
    cleanUp();
  });

  it('may ask for consent alone: what an earlier run left broken is undone before it counts', async () => {
    const { world, target, cleanUp } = stage();
    target.partitions = [one([1, 2])];
    await expect(preflightFaults([cut(1)], world, OPEN_POLICY)).rejects.toThrow('in-sync replicas left');
    const consentOnly = { consentOnly: true };
    await expect(preflightFaults([cut(1)], world, OPEN_POLICY, consentOnly)).resolves.toHaveLength(1);
    const closed = { ...OPEN_POLICY, optIn: false };
    await expect(preflightFaults([cut(1)], world, closed, consentOnly)).rejects.toThrow('policy.optIn');
    cleanUp();
  });

  it('names every act that a platform without acts lacks', async () => {
    const { world, cleanUp } = stage();
    const platform = {
      handle: { platform: 'none', identity: 'n' } as const,
      topology: world.platform.topology,
    };
    await expect(preflightFaults([cut(1)], { ...world, platform }, OPEN_POLICY)).rejects.toMatchObject({
      kind: 'refused',
      message:
        'partition-kafka: expected a platform with links that can be cut and slowed (links), got platform none, ' +
        'which has none. Say what runs the services, platform: processes or docker, or leave this fault out.\n' +
        'partition-kafka: expected a platform with access to Kafka (leaders, in-sync replicas) (kafka), ' +
        'got platform none, which has none. Give the target the address of a Kafka, or leave this fault out.',
    });
    const handle = { ...platform.handle, addresses: { brokers: [] } };
    const ofFile = { ...platform, handle };
    await expect(preflightFaults([cut(1)], { ...world, platform: ofFile }, OPEN_POLICY)).rejects.toThrow(
      'Write links: in the target file and start gauntlet proxy up, or leave this fault out.',
    );
    cleanUp();
  });
});

describe('target lock', () => {
  it('is held by one run at a time; the second learns pid and purpose', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gauntlet-lock-'));
    const places = { cache: folder, state: folder };
    const release = lockTarget(places, 'sandbox:demo/1', 'run demo');
    const { host, since } = lockHolder(targetLockPath(places, 'sandbox:demo/1'))?.holder ?? {};
    expect(() => lockTarget(places, 'sandbox:demo/1', 'run other')).toThrow(
      `target sandbox:demo/1: expected no other active run on it, got pid ${process.pid} on host ${host}, since ${since}: run demo. Wait until it ends.`,
    );
    lockTarget(places, 'sandbox:demo2', 'run other')();
    release();
    const dead = { ...thisHolder(), pid: 2 ** 22 + 1, purpose: 'run dead' };
    writeFileSync(targetLockPath(places, 'sandbox:demo/1'), JSON.stringify(dead));
    lockTarget(places, 'sandbox:demo/1', 'run third')();
    rmSync(folder, { recursive: true });
  });
});
