/** Creates the topics of the system under test on the new cluster: replication 3, as the KafkaTopic resources say. */
import type { ITopicConfig } from 'kafkajs';
import { REPLICATION } from './kafka-broker.ts';

export interface TopicPlan {
  readonly name: string;
  readonly partitions: number;
}

/** Resolves when every partition has a leader. @param brokers host:port. @throws what Kafka says. */
export async function createTopics(brokers: readonly string[], topics: readonly TopicPlan[]): Promise<void> {
  // Loaded here, not at the top: 100 ms of CPU that the brokers can use while they boot.
  const { Kafka, logLevel } = await import('kafkajs');
  const kafka = new Kafka({
    clientId: 'gauntlet-supervisor',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    requestTimeout: 5000,
    retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 10 },
  });
  const admin = kafka.admin();
  await admin.connect();
  try {
    const configs: ITopicConfig[] = topics.map(({ name, partitions }) => ({
      topic: name,
      numPartitions: partitions,
      replicationFactor: REPLICATION['default.replication.factor'],
    }));
    await admin.createTopics({ topics: configs, waitForLeaders: true, timeout: 10_000 });
  } finally {
    await admin.disconnect();
  }
}
