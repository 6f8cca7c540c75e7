/** The state of a Kafka during a run, as its brokers tell it: the layers in which it recovers. */

/** One line of `kafka.ndjson`. */
export interface KafkaReading {
  readonly service: string;
  /** Epoch ms at which it was asked. */
  readonly at: number;
  readonly tookMs: number;
  /** Of the declared topics, as most brokers see them. Null: no broker answered. */
  readonly partitions: KafkaPartitions | null;
  /**
   * By `topic/partition`, where the topics end that the load writes to: what moved was committed. A partition
   * whose leader did not answer is not there. Absent: the load writes to none that is followed.
   */
  readonly ends?: Readonly<Record<string, number>>;
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

/**
 * The layers of a recovery in their usual order. What is in sync can be written to: the third one is never
 * back before the first.
 */
export const KAFKA_LAYERS = [
  'writable',
  'written',
  'in sync',
  'groups stable',
  'lag back',
  'preferred leaders',
] as const;
export type KafkaLayer = (typeof KAFKA_LAYERS)[number];

/** One layer's part in the recovery as a whole: from the layer that was back before it to its own return. */
export interface LayerPart {
  readonly layer: KafkaLayer;
  /** Null: from the injection. */
  readonly after: KafkaLayer | null;
  readonly ms: number;
  /** It was not back when it was watched last. */
  readonly isOpen: boolean;
}

/** The parts sum to the whole. */
export interface KafkaRecovery {
  /** From the injection until the last layer was back; with an open part at least this. */
  readonly ms: number;
  /** In the order in which they were back; those that were never away are not there. */
  readonly parts: readonly LayerPart[];
  /** The last ones to be back: one, or all that were not back in the end. */
  readonly heldBy: readonly KafkaLayer[];
}
