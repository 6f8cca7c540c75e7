/** Which Redis and which Kafka a fault is for: the only one, or the one that is named; never the first of several. */
import { describe, expect, it } from 'vitest';
import { faultNamed } from '../../../../src/chaos/faults/registry.ts';
import { guardProblems } from '../../../../src/chaos/guards/policy.ts';
import type { World } from '../../../../src/chaos/world.ts';
import type { RedisActs } from '../../../../src/core/acts/redis-acts.ts';
import { ms } from '../../../../src/core/units.ts';
import { OPEN_POLICY, planned, stage } from '../stage.ts';

const REPLICAS = { min: 1, max: 1 };

/** The shop with a second Redis, `sessions`, and a second Kafka, `events`. */
function twoOfEach(): World {
  const { world, target } = stage();
  const { redis, kafka, topology, links, ...platform } = world.platform;
  if (redis === undefined || kafka === undefined || links === undefined) throw new Error('the shop has both');
  const other: RedisActs = { ...redis, identity: async () => 'other-server' };
  const atEvents = { ...kafka, brokers: () => [7], leaderOf: async () => 7 };
  const declared = [
    ...['redis', 'sessions'].map((name) => ({ name, protocols: ['redis'] as const, replicas: REPLICAS })),
    ...['kafka', 'events'].map((name) => ({ name, protocols: ['kafka'] as const, replicas: REPLICAS })),
  ];
  const [first] = target.links();
  if (first === undefined) throw new Error('the shop has links');
  const more = ['sessions', 'events-7'].map((to) => ({ ...first, name: `web->${to}`, from: 'web', to }));
  return {
    ...world,
    platform: {
      ...platform,
      topology: { ...topology, declared },
      links: { ...links, list: async () => [...(await links.list()), ...more] },
      redisByService: { redis, sessions: other },
      kafkaByService: { kafka, events: atEvents },
    },
  };
}

const planOf = async (kind: string, raw: object) => {
  const fault = planned(kind, raw);
  return await faultNamed(kind).plan(fault.spec, twoOfEach());
};

const FOR = { for: '8s' };
const REDIS = [
  ['redis-pause', FOR],
  ['redis-maxmemory', FOR],
  ['redis-maxclients', FOR],
  ['redis-kill-connections', {}],
  ['throttle-redis', { latency: '40ms', ...FOR }],
] as const;

describe('of two services that speak Redis', () => {
  it.each(REDIS)('%s needs the name of one', async (kind, raw) => {
    await expect(planOf(kind, raw)).rejects.toThrow(
      `${kind}.service: expected one of redis, sessions, got nothing, and 2 services speak Redis. Name one: service: redis`,
    );
    await expect(planOf(kind, { ...raw, service: 'session' })).rejects.toThrow(
      `${kind}.service: expected one of redis, sessions, got "session". Did you mean sessions?`,
    );
  });

  it.each(REDIS)('%s takes the one that is named', async (kind, raw) => {
    const { impact, probes, victim } = await planOf(kind, { ...raw, service: 'sessions' });
    expect(impact.services).toEqual(['sessions']);
    expect(probes.filter((one) => !one.startsWith('sessions'))).toEqual([]);
    expect(victim).toContain('sessions');
  });

  it('the journal names it, so that its undo finds the same server', async () => {
    const plan = await planOf('redis-pause', { ...FOR, service: 'sessions' });
    expect(plan.undo?.data).toMatchObject({ service: 'sessions' });
  });
});

const KAFKA = [
  ['partition-kafka', { broker: 1, ...FOR }],
  ['slow-broker', { broker: 1, latency: '60ms', ...FOR }],
  ['kill-broker', { broker: 1 }],
  ['kafka-max-message', { topic: 'orders.new', ...FOR }],
] as const;

describe('of two services that speak Kafka', () => {
  it.each(KAFKA)('%s needs the name of one', async (kind, raw) => {
    await expect(planOf(kind, raw)).rejects.toThrow(
      `${kind}.service: expected one of kafka, events, got nothing, and 2 services speak Kafka. Name one: service: kafka`,
    );
  });

  it('partition-kafka cuts the brokers of the one that is named', async () => {
    const plan = await planOf('partition-kafka', { service: 'events', broker: 7, from: 'clients', ...FOR });
    expect([plan.victim, plan.touches]).toEqual(['events-7', ['web->events-7']]);
    expect(plan.impact).toMatchObject({ services: ['events-7', 'events'], kafka: 'events' });
  });

  it('the guards of quorum ask the one that loses a broker', async () => {
    const plan = await planOf('slow-broker', { service: 'events', broker: 7, latency: '60ms', ...FOR });
    const problems = await guardProblems(plan, OPEN_POLICY, twoOfEach(), ms(0));
    expect(problems.map((one) => one.expected)).toContain('a quorum of 1 controllers left');
  });
});

describe('of services without an address', () => {
  it('http-fault and grpc-fault take those alone that speak the protocol', async () => {
    await expect(
      planOf('grpc-fault', { service: 'sessions', status: 'UNAVAILABLE', ...FOR }),
    ).rejects.toThrow('grpc-fault.service: expected one of orders, payments, got "sessions".');
    await expect(planOf('http-fault', { service: 'events', status: 503, ...FOR })).rejects.toThrow(
      'http-fault.service: expected one of web, got "events".',
    );
  });
});
