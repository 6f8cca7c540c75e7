/** Kafka's current state, requested from every broker at once on new connections, with short deadlines. */

import type { KafkaActs, KafkaPartition } from '../core/acts/kafka-acts.ts';
import type { Platform } from '../core/acts/platform.ts';
import { didYouMean } from '../core/did-you-mean.ts';
import { GauntletError } from '../core/errors.ts';
import { type KafkaEndpoint, onlyOf } from '../core/topology.ts';
import {
  describeClusterRequest,
  listOffsetsRequest,
  metadataRequest,
  readController,
  readEndOffsets,
  readMetadata,
} from '../protocols/kafka/requests.ts';
import type { WireReader } from '../protocols/kafka/wire.ts';
import { ask, unavailable } from './kafka/ask-broker.ts';
import { topicActs } from './kafka/topic-acts.ts';

const ALL_TOPICS = metadataRequest(null);

/** Of each Kafka of a target. Nothing where there is none. */
export function kafkaActsOf(
  byService: Readonly<Record<string, readonly KafkaEndpoint[]>>,
): Pick<Platform, 'kafka' | 'kafkaByService'> {
  const kafkas = Object.entries(byService).map(
    ([service, brokers]) => [service, openKafkaActs(brokers)] as const,
  );
  if (kafkas.length === 0) return {};
  const kafkaByService = Object.fromEntries(kafkas);
  const kafka = onlyOf(kafkaByService);
  return { kafkaByService, ...(kafka && { kafka }) };
}

export function openKafkaActs(brokers: readonly KafkaEndpoint[]): KafkaActs {
  return {
    brokers: () => brokers.map((broker) => broker.id),
    partitions: async () => (await view(brokers)).partitions,
    async leaderOf(topic) {
      return await leaderIn(topic, brokers, (await view(brokers)).partitions);
    },
    async controller() {
      return await activeController(brokers);
    },
    topics: topicActs(brokers),
  };
}

interface BrokerView {
  readonly brokers: readonly number[];
  readonly partitions: readonly KafkaPartition[];
}

function readView(answer: WireReader): BrokerView {
  const { brokers, topics } = readMetadata(answer);
  return {
    brokers: brokers.map((one) => one.nodeId),
    partitions: [...topics].flatMap(([topic, partitions]) =>
      partitions.map(({ partition, leader, replicas, isr }) => ({ topic, partition, leader, replicas, isr })),
    ),
  };
}

/**
 * The view that most brokers share decides: one that is cut off still answers with its old view. Among
 * equally frequent views the one with more live brokers decides.
 */
async function view(brokers: readonly KafkaEndpoint[]): Promise<BrokerView> {
  const answers = await Promise.allSettled(brokers.map((broker) => ask(broker, ALL_TOPICS, readView)));
  const views = answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const votes = new Map<string, { readonly view: BrokerView; count: number }>();
  for (const one of views) {
    const key = JSON.stringify(
      [...one.partitions].sort(byName).map((each) => [each.topic, each.partition, each.leader]),
    );
    const seen = votes.get(key);
    if (seen) seen.count += 1;
    else votes.set(key, { view: one, count: 1 });
  }
  const best = [...votes.values()].sort(
    (a, b) => b.count - a.count || b.view.brokers.length - a.view.brokers.length,
  )[0];
  if (best) return best.view;
  throw unavailable('Metadata', brokers, answers);
}

const byName = (a: KafkaPartition, b: KafkaPartition): number =>
  a.topic.localeCompare(b.topic) || a.partition - b.partition;

/**
 * The leader of the partition that has the most records: with the platform's keys (one per domain) a topic's
 * traffic goes to one partition, and a fault on the leader of another would have no effect. Partition 0 when
 * all are empty.
 */
async function leaderIn(
  topic: string,
  brokers: readonly KafkaEndpoint[],
  partitions: readonly KafkaPartition[],
): Promise<number> {
  const own = partitions.filter((one) => one.topic === topic).sort(byName);
  if (own.length === 0) throw unknownTopic(topic, partitions);
  const records = await endOffsets(topic, brokers, own);
  const size = (one: KafkaPartition): bigint => records.get(one.partition) ?? 0n;
  const busiest = own.reduce((best, one) => (size(one) > size(best) ? one : best));
  if (busiest.leader >= 0) return busiest.leader;
  throw new GauntletError('unavailable', [
    { subject: `partition ${busiest.partition} of ${topic}`, expected: 'a leader', got: 'none' },
  ]);
}

async function endOffsets(
  topic: string,
  brokers: readonly KafkaEndpoint[],
  own: readonly KafkaPartition[],
): Promise<ReadonlyMap<number, bigint>> {
  const perLeader = brokers.map(async (broker) => {
    const led = own.filter((one) => one.leader === broker.id).map((one) => one.partition);
    if (led.length === 0) return new Map<number, bigint>();
    return await ask(broker, listOffsetsRequest(topic, led), readEndOffsets);
  });
  const answers = await Promise.allSettled(perLeader);
  return new Map(answers.flatMap((one) => (one.status === 'fulfilled' ? [...one.value] : [])));
}

function unknownTopic(topic: string, partitions: readonly KafkaPartition[]): GauntletError {
  const names = [...new Set(partitions.map((one) => one.topic))]
    .filter((name) => !name.startsWith('__'))
    .sort();
  const problem = { subject: 'topic', expected: `one of ${names.join(', ')}`, got: JSON.stringify(topic) };
  return new GauntletError('usage', [{ ...problem, ...didYouMean(topic, names) }]);
}

/**
 * Asks every CONTROLLER listener. During an isolation two may claim to be active for up to a second: the
 * majority decides. Without a majority there is no answer, because a guess would break the wrong node.
 */
async function activeController(brokers: readonly KafkaEndpoint[]): Promise<number> {
  const listening = brokers.filter((broker) => broker.controller !== undefined);
  if (listening.length === 0) {
    const expected = 'the address of at least one CONTROLLER listener';
    throw new GauntletError('unavailable', [{ subject: 'kafka', expected, got: 'none' }]);
  }
  const answers = await Promise.allSettled(
    listening.map((broker) =>
      ask({ ...broker, client: broker.controller ?? '' }, describeClusterRequest, readController),
    ),
  );
  const votes = new Map<number, number>();
  for (const one of answers) {
    const said = one.status === 'fulfilled' ? one.value : null;
    if (said !== null) votes.set(said, (votes.get(said) ?? 0) + 1);
  }
  const [best, second] = [...votes].sort((a, b) => b[1] - a[1]);
  if (!best) throw unavailable('DescribeCluster', listening, answers);
  if (best[1] !== second?.[1]) return best[0];
  throw new GauntletError('unavailable', [
    {
      subject: 'kafka',
      expected: 'controllers that agree on the active one',
      got: `as many for ${best[0]} as for ${second[0]}`,
      next: 'An election takes a second or two: try again.',
    },
  ]);
}
