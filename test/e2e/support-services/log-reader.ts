/** The content of the topics, as a read_committed consumer reads it. */
import type kafkajs from 'kafkajs';
import { until } from './spawned.ts';

export interface LogRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Readonly<Record<string, unknown>>;
}

export interface LogReader {
  /** Waits until there is one, then a little longer for a second that must not be. */
  recordsOf(intentId: string): Promise<readonly LogRecord[]>;
  matching(test: (record: LogRecord) => boolean): readonly LogRecord[];
  /** After everything that is committed has been read. */
  count(test: (record: LogRecord) => boolean): Promise<number>;
  leaderOf(topic: string, partition: number): Promise<number>;
  /** Waits until all replicas are in sync again. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export async function readLog(kafka: kafkajs.Kafka, topics: string[]): Promise<LogReader> {
  // By place: a consumer that lost its session reads some records again, and that is not a second record in the log.
  const records = new Map<string, LogRecord>();
  const admin = kafka.admin();
  const consumer = kafka.consumer({ groupId: 'log-reader', maxWaitTimeInMs: 100, retry: { retries: 100 } });
  await Promise.all([admin.connect(), consumer.connect()]);
  await consumer.subscribe({ topics, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ topic, partition, message }) => {
      const headers = Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]);
      const value = JSON.parse(message.value?.toString() ?? 'null') as Record<string, unknown>;
      const { offset } = message;
      records.set(`${topic}-${partition}@${offset}`, {
        topic,
        partition,
        offset,
        key: String(message.key),
        headers: Object.fromEntries(headers),
        value,
      });
    },
  });
  const matching = (test: (record: LogRecord) => boolean) => [...records.values()].filter(test);
  const ofIntent = (intentId: string) =>
    matching((one) => one.topic.startsWith('intentions.') && one.headers['intent-id'] === intentId);
  const pause = () => new Promise((resolve) => setTimeout(resolve, 500));
  return {
    matching,
    recordsOf: async (intentId) => {
      await until(() => ofIntent(intentId).length > 0, {
        timeoutMs: 30_000,
        explain: () => `no record of intent ${intentId} among ${records.size}`,
      });
      await pause();
      return ofIntent(intentId);
    },
    count: async (test) => {
      await pause();
      return matching(test).length;
    },
    leaderOf: async (topic, partition) => {
      const metadata = await admin.fetchTopicMetadata({ topics: [topic] });
      return metadata.topics[0]?.partitions.find((one) => one.partitionId === partition)?.leader ?? -1;
    },
    settled: () =>
      until(
        async () => {
          const metadata = await admin.fetchTopicMetadata();
          return metadata.topics.every(({ partitions }) =>
            partitions.every((one) => one.isr.length === one.replicas.length),
          );
        },
        { timeoutMs: 30_000, everyMs: 200 },
      ),
    close: async () => {
      await Promise.all([consumer.disconnect(), admin.disconnect()]);
    },
  };
}
