/** The acts on a topic of Kafka: its identity, one of its settings, and what its leaders say to a record. */

/** The settings of a topic that a fault may change. */
export const TOPIC_SETTINGS = ['max.message.bytes'] as const;
export type TopicKey = (typeof TOPIC_SETTINGS)[number];

/** What the login needs, as Kafka calls it. */
export const TOPIC_RIGHTS = ['Write', 'DescribeConfigs', 'AlterConfigs'] as const;
export type TopicRight = (typeof TOPIC_RIGHTS)[number];

export interface TopicIdentity {
  readonly cluster: string;
  readonly topic: string;
  /** Another one after the topic was deleted and made again. */
  readonly id: string;
}

export interface TopicView {
  readonly cluster: string;
  /** Null: there is no such topic. */
  readonly topic: KafkaTopic | null;
}

export interface KafkaTopic extends TopicIdentity {
  /** Kafka keeps its own state there. */
  readonly isInternal: boolean;
  readonly partitions: number;
  /** The rights among the above that the login lacks. */
  readonly lacks: readonly TopicRight[];
}

export interface TopicSetting {
  readonly value: string;
  /** Set on the topic itself; otherwise inherited. */
  readonly isOwn: boolean;
}

/** Compare and set; null: the topic has no value of its own, and inherits one. */
export interface TopicChange extends TopicIdentity {
  readonly key: TopicKey;
  readonly from: string | null;
  readonly to: string | null;
}

/** What the leader of a partition says to a batch that it never writes. */
export interface WriteAnswer {
  readonly partition: number;
  readonly leader: number;
  /** Kafka's error by name, or why there is no answer. */
  readonly answer: string;
}

/** What a leader says where only that batch is wrong: a record would be taken. */
export const WOULD_BE_TAKEN = 'CORRUPT_MESSAGE';
export const TOO_LARGE = 'MESSAGE_TOO_LARGE';

export interface KafkaTopicActs {
  /** As most brokers say. */
  topic(name: string): Promise<TopicView>;
  /** Each value that a broker says, the most frequent first: one that is cut off says an old one. */
  config(topic: string, key: TopicKey): Promise<readonly TopicSetting[]>;
  /** @throws refused, in Kafka's own words, where the change would be refused. Changes nothing. */
  tryConfig(change: TopicChange): Promise<void>;
  /**
   * Changes this one setting. `replaced`: the topic or the cluster is another; `changed`: a broker says a
   * value that is neither. Nothing is written then.
   */
  setConfig(change: TopicChange): Promise<'set' | 'replaced' | 'changed'>;
  /** Leaves no record in the topic. */
  writes(topic: string): Promise<readonly WriteAnswer[]>;
}
