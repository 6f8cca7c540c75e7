/** What Kafka itself reports about its brokers and partitions, and the acts on its topics. */
import type { KafkaTopicActs } from './kafka-topic-acts.ts';

/** Kafka's current answers, read through a small client with its own deadlines, never from a cached view. */
export interface KafkaActs {
  /** The leader of the partition that has the most records in the topic. */
  leaderOf(topic: string): Promise<number>;
  /** The active controller. Not from DescribeCluster: under KRaft that returns a random broker. */
  controller(): Promise<number>;
  brokers(): readonly number[];
  /** Topics with their partitions' leaders and in-sync replicas. */
  partitions(): Promise<readonly KafkaPartition[]>;
  /** Absent: only names are known. */
  readonly topics?: KafkaTopicActs;
}

export interface KafkaPartition {
  readonly topic: string;
  readonly partition: number;
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
}
