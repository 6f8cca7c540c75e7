import { afterEach, describe, expect, it } from 'vitest';
import type { KafkaActs } from '../../../src/core/acts/kafka-acts.ts';
import { openKafkaActs } from '../../../src/targets/kafka-acts.ts';
import { type ClusterState, type FakePartition, fakeBroker } from '../../fakes/fake-broker.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const partition = (number: number, leader: number, isr: number[] = [1, 2, 3], end = 0n): FakePartition => ({
  partition: number,
  leader,
  isr,
  end,
});

/** Three brokers that say what they are given; null is one that nothing listens for. */
async function cluster(...said: (Partial<ClusterState> | null)[]): Promise<KafkaActs> {
  const endpoints = await Promise.all(
    said.map(async (one, index) => {
      const id = index + 1;
      if (one === null) return { id, client: '127.0.0.1:1', controller: '127.0.0.1:1' };
      const broker = await fakeBroker({ topics: {}, brokers: [1, 2, 3], controller: 1, ...one });
      closers.push(() => broker.close());
      return { id, client: broker.address, controller: broker.address };
    }),
  );
  return openKafkaActs(endpoints);
}

describe('what Kafka says now', () => {
  it('is asked of all brokers, and the view of most is taken: one that is cut off believes the past', async () => {
    const now = { topics: { orders: [partition(0, 2, [2, 3])] } };
    const past = { topics: { orders: [partition(0, 1, [1, 2, 3])] } };
    const acts = await cluster(past, now, now);
    expect(await acts.partitions()).toEqual([
      { topic: 'orders', partition: 0, leader: 2, replicas: [1, 2, 3], isr: [2, 3] },
    ]);
    expect(acts.brokers()).toEqual([1, 2, 3]);
  });

  it('is had from the brokers that are left when others are down', async () => {
    const acts = await cluster(null, null, { topics: { orders: [partition(0, 3)] } });
    expect((await acts.partitions()).map((one) => one.leader)).toEqual([3]);
  });

  it('is not made up without an answer', async () => {
    const acts = await cluster(null, null);
    await expect(acts.partitions()).rejects.toThrow(
      /^kafka-1: expected an answer to Metadata, got .*ECONNREFUSED.*\.\nkafka-2: expected an answer to Metadata, got .*ECONNREFUSED/,
    );
  });
});

describe('the leader of a topic', () => {
  it('is that of the partition with the most records, where the traffic of one key goes', async () => {
    const topics = {
      orders: [partition(0, 1, [1], 3n), partition(1, 2, [2], 900n), partition(2, 3, [3], 5n)],
    };
    const acts = await cluster({ topics }, { topics }, { topics });
    expect(await acts.leaderOf('orders')).toBe(2);
  });

  it('is that of the first partition while all are empty', async () => {
    const topics = { orders: [partition(1, 2), partition(0, 3)] };
    const acts = await cluster({ topics }, { topics }, { topics });
    expect(await acts.leaderOf('orders')).toBe(3);
  });

  it('is refused for a topic that is not there, with those that are', async () => {
    const topics = { 'plans.ready': [partition(0, 1)], orders: [partition(0, 1)], __consumer_offsets: [] };
    const acts = await cluster({ topics });
    await expect(acts.leaderOf('order')).rejects.toThrow(
      'topic: expected one of orders, plans.ready, got "order". Did you mean orders?',
    );
  });

  it('is refused when the partition has none', async () => {
    const topics = { orders: [partition(0, -1, [])] };
    const acts = await cluster({ topics });
    await expect(acts.leaderOf('orders')).rejects.toThrow(
      'partition 0 of orders: expected a leader, got none.',
    );
  });
});

describe('the active controller', () => {
  it('is the one that most controllers name, not the one that an isolated node still believes in', async () => {
    const acts = await cluster({ controller: 1 }, { controller: 3 }, { controller: 3 });
    expect(await acts.controller()).toBe(3);
  });

  it('is found while a listener is gone or silent', async () => {
    const acts = await cluster(null, { controller: 2 }, { controller: undefined });
    expect(await acts.controller()).toBe(2);
  });

  it('is not guessed while as many name one node as another', async () => {
    const acts = await cluster({ controller: 1 }, { controller: 3 });
    await expect(acts.controller()).rejects.toThrow(
      'kafka: expected controllers that agree on the active one, got as many for 1 as for 3. An election takes a second or two: try again.',
    );
  });

  it('is not made up when every controller says that there is none', async () => {
    const acts = await cluster({ controller: -1 }, { controller: -1 });
    await expect(acts.controller()).rejects.toThrow(
      'kafka-1: expected an answer to DescribeCluster, got an answer without a broker.',
    );
  });

  it('needs the addresses of CONTROLLER listeners', async () => {
    const acts = openKafkaActs([{ id: 1, client: '127.0.0.1:1' }]);
    await expect(acts.controller()).rejects.toThrow(
      'kafka: expected the address of at least one CONTROLLER listener, got none.',
    );
  });
});
