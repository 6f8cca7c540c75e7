import { afterEach, describe, expect, it } from 'vitest';
import {
  createTopics,
  createTopicsRequest,
  readCreatedTopics,
} from '../../../packages/sandbox/src/supervisor/topics.ts';
import { WireReader, WireWriter } from '../../../src/protocols/kafka/wire.ts';
import { monotonicClock } from '../../../src/system/monotonic-clock.ts';
import {
  API,
  type FakeBroker,
  type FakePartition,
  fakeBroker,
  metadataAnswer,
} from '../../fakes/fake-broker.ts';
import { VirtualClock } from '../../fakes/virtual-clock.ts';

const TOPICS = [
  { name: 'plans.ready', partitions: 2 },
  { name: 'execution.tickets', partitions: 1 },
];

const opened: FakeBroker[] = [];
afterEach(async () => {
  for (const broker of opened.splice(0)) await broker.close();
});

/** One cluster behind several brokers: what it has, what it was asked, and how often it refuses before it obeys. */
class FakeCluster {
  readonly topics = new Map<string, number>();
  readonly calls: string[] = [];
  refusals = 0;
  /** Answers of Metadata in which this many brokers do not know the topics yet. */
  lag = 0;

  async broker(nodeId: number): Promise<{ nodeId: number; host: string; port: number }> {
    const broker = await fakeBroker();
    broker.answer(API.createTopics, (request) => this.#create(request));
    broker.answer(API.metadata, (request) => this.#metadata(request, nodeId));
    opened.push(broker);
    return { nodeId, host: broker.host, port: broker.port };
  }

  #create(reader: WireReader): Buffer {
    const asked = reader.array(() => {
      const topic = { name: reader.string() ?? '', partitions: reader.int32(), replication: reader.int16() };
      reader.int32();
      reader.int32();
      return topic;
    });
    this.calls.push(
      `create ${asked.map((one) => `${one.name}/${one.partitions}x${one.replication}`).join(' ')}`,
    );
    const refused = this.refusals > 0;
    this.refusals -= 1;
    if (!refused) for (const { name, partitions } of asked) this.topics.set(name, partitions);
    const writer = new WireWriter().int32(0);
    return writer
      .array(asked, ({ name }) =>
        refused
          ? writer.string(name).int16(38).string('not enough brokers')
          : writer.string(name).int16(0).string(null),
      )
      .finish();
  }

  #metadata(reader: WireReader, nodeId: number): Buffer {
    const names = reader.array(() => reader.string() ?? '');
    const behind = nodeId > 1 && this.topics.size > 0 && this.lag > 0;
    if (behind) this.lag -= 1;
    const known = (name: string): FakePartition[] =>
      [...Array(behind ? 0 : (this.topics.get(name) ?? 0)).keys()].map((partition) => ({
        partition,
        leader: 1,
      }));
    const topics = Object.fromEntries(names.map((name) => [name, known(name)]));
    return metadataAnswer({ brokers: [], topics }, 9092);
  }
}

async function make(cluster: FakeCluster): Promise<void> {
  const brokers = [await cluster.broker(1), await cluster.broker(2), await cluster.broker(3)];
  const stopped = new AbortController().signal;
  await createTopics({ brokers, topics: TOPICS, clock: monotonicClock, stopped });
}

describe('the topics of a new cluster', () => {
  it('are made with three replicas, in one request', async () => {
    const cluster = new FakeCluster();
    await make(cluster);
    expect(cluster.calls).toEqual(['create plans.ready/2x3 execution.tickets/1x3']);
  });

  it('are asked for again when the cluster is not ready for them', async () => {
    const cluster = new FakeCluster();
    cluster.refusals = 2;
    await make(cluster);
    expect(cluster.calls.length).toBe(3);
  });

  it('are awaited at every broker, and not made twice for the one that is behind', async () => {
    const cluster = new FakeCluster();
    cluster.lag = 5;
    await make(cluster);
    expect(cluster.lag).toBe(0);
    expect(cluster.calls.length).toBe(1);
  });

  it('are given up after half a minute, with what Kafka said last', async () => {
    const cluster = new FakeCluster();
    cluster.refusals = Number.POSITIVE_INFINITY;
    const clock = new VirtualClock(0);
    const making = createTopics({
      brokers: [await cluster.broker(1)],
      topics: TOPICS,
      clock,
      stopped: new AbortController().signal,
    });
    const refused = expect(making).rejects.toThrow(
      'Kafka: expected 2 topics with a leader for every partition, got ' +
        'plans.ready: error 38 (not enough brokers); execution.tickets: error 38 (not enough brokers).',
    );
    const over = making.then(
      () => true,
      () => true,
    );
    while (!(await Promise.race([over, clock.advance(1000).then(() => false)])));
    await refused;
  });

  it('count as made when an earlier try has made them', () => {
    const answer = new WireWriter().int32(0);
    answer.array([0, 36], (code) => answer.string('plans.ready').int16(code).string(null));
    expect(readCreatedTopics(new WireReader(answer.finish()))).toEqual([]);
  });

  it('are asked for by CreateTopics v4', () => {
    const { key, version } = createTopicsRequest(TOPICS, 3);
    expect([key, version]).toEqual([19, 4]);
  });
});
