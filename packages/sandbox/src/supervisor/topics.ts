/** Creates topics on a new cluster, and waits until every broker knows all of them. */
import type { Clock } from '../../../../src/core/clock.ts';
import { GauntletError, messageOf } from '../../../../src/core/errors.ts';
import { ms } from '../../../../src/core/units.ts';
import { BrokerConnection, fromMemory } from '../../../../src/protocols/kafka/broker-connection.ts';
import {
  type BrokerAddress,
  metadataRequest,
  type Request,
  readMetadata,
} from '../../../../src/protocols/kafka/requests.ts';
import { type WireReader, WireWriter } from '../../../../src/protocols/kafka/wire.ts';
import { replicationOf } from './kafka-broker.ts';

const CONNECTION = { clientId: 'gauntlet-supervisor', timeoutMs: 5000 } as const;
const TIMEOUT_MS = 30_000;
const PAUSE_MS = 25;
const TOPIC_ALREADY_EXISTS = 36;

export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
}

/** CreateTopics v4; every broker forwards it to the active controller. */
export const createTopicsRequest = (topics: readonly TopicSpec[], brokers: number): Request => {
  const writer = new WireWriter();
  writer.array(topics, ({ name, partitions }) => {
    writer.string(name).int32(partitions).int16(replicationOf(brokers)['default.replication.factor']);
    writer.int32(0).int32(0); // no assignments, no settings of its own
  });
  writer.int32(CONNECTION.timeoutMs).int8(0); // create them, not only validate
  return { name: 'CreateTopics', key: 19, version: 4, body: writer.finish() };
};

/** The refusals as text; a topic that exists already is not a refusal, because an earlier try has made it. */
export function readCreatedTopics(reader: WireReader): readonly string[] {
  reader.int32(); // throttle time
  const answers = reader.array(() => ({
    name: reader.string(),
    code: reader.int16(),
    text: reader.string(),
  }));
  return answers
    .filter(({ code }) => code !== 0 && code !== TOPIC_ALREADY_EXISTS)
    .map(({ name, code, text }) => `${name}: error ${code}${text === null ? '' : ` (${text})`}`);
}

export interface TopicMaker {
  /** The address of each broker. */
  readonly brokers: readonly BrokerAddress[];
  readonly topics: readonly TopicSpec[];
  readonly clock: Clock;
  readonly stopped: AbortSignal;
}

/**
 * Resolves when every broker names a leader for every partition: whichever broker a client asks first, its
 * answer is complete.
 * @throws unavailable after 30 s with the last answer, or the reason of the stop.
 */
export async function createTopics({ brokers, topics, clock, stopped }: TopicMaker): Promise<void> {
  const connections = brokers.map((broker) => new BrokerConnection(broker, CONNECTION));
  const deadline = clock.now() + TIMEOUT_MS;
  let last = 'no answer';
  try {
    while (clock.now() < deadline) {
      const missing = await stillMissing(connections, topics).catch((error: unknown) => messageOf(error));
      if (missing === null) return;
      last = missing;
      await clock.sleep(ms(PAUSE_MS), stopped);
    }
  } finally {
    for (const connection of connections) connection.close();
  }
  const expected = `${topics.length} topics with a leader for every partition`;
  throw new GauntletError('unavailable', [{ subject: 'Kafka', expected, got: last }]);
}

/** Null when no topic is missing. A request that is lost or refused for now is repeated. */
async function stillMissing(
  connections: readonly BrokerConnection[],
  topics: readonly TopicSpec[],
): Promise<string | null> {
  const views = await Promise.all(connections.map((one) => missingAt(one, topics)));
  const wanted = views.flat();
  if (wanted.length === 0) return null;
  const [first] = connections;
  const nobodyHas = topics.filter((topic) => views.every((view) => view.includes(topic)));
  if (!first || nobodyHas.length === 0)
    return `no leader yet for ${wanted.map((topic) => topic.name).join(', ')}`;
  const refused = readCreatedTopics(await first.call(createTopicsRequest(nobodyHas, connections.length)));
  return refused.length > 0 ? refused.join('; ') : 'topics created just now';
}

async function missingAt(
  connection: BrokerConnection,
  topics: readonly TopicSpec[],
): Promise<readonly TopicSpec[]> {
  const names = topics.map((topic) => topic.name);
  const answer = readMetadata(await connection.call(fromMemory(metadataRequest(names))));
  return topics.filter(({ name, partitions }) => {
    const known = answer.topics.get(name) ?? [];
    return known.filter((one) => one.leader >= 0).length < partitions;
  });
}
