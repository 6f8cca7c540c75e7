/** The state of a Kafka during a run, as its brokers tell it: the layers in which it recovers. */

/** One line of `kafka.ndjson`. */
export interface KafkaReading {
  readonly service: string;
  /** Epoch ms at which it was asked. */
  readonly at: number;
  readonly tookMs: number;
  /** Of the declared topics, as most brokers see them. Null: no broker answered. */
  readonly partitions: KafkaPartitions | null;
  /** By declared group. A group that does not exist, or whose coordinator did not answer, is not there. */
  readonly groups: Readonly<Record<string, KafkaGroupReading>>;
}

export interface KafkaPartitions {
  readonly all: number;
  /**
   * With a leader and enough in-sync replicas for a write to all of them. Null: how many that is is not
   * known.
   */
  readonly writable: number | null;
  /** With every replica in sync. */
  readonly inSync: number;
  /** Led by their first replica. */
  readonly preferred: number;
}

export interface KafkaGroupReading {
  /** `Stable`, `PreparingRebalance`, `CompletingRebalance`, `Empty`. */
  readonly state: string;
  /** Records behind the ends of the declared topics. Null: it is not known. */
  readonly lag: number | null;
}

export const KAFKA_READING_MS = 500;
