/** What Kafka itself says of its brokers and partitions. */

/**
 * What Kafka itself says now; asked through a small client with deadlines of its own, never through a cached
 * view.
 */
export interface KafkaActs {
  /** The leader of the partition of the topic that has the most records. */
  leaderOf(topic: string): Promise<number>;
  /** The true active controller (DescribeCluster is a random broker under KRaft). */
  controller(): Promise<number>;
  brokers(): readonly number[];
  /** Topics with their partitions' leaders and in-sync replicas. */
  partitions(): Promise<readonly KafkaPartition[]>;
}

export interface KafkaPartition {
  readonly topic: string;
  readonly partition: number;
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
}
