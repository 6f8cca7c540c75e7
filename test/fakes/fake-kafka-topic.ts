/** The topic of the fake Kafka: one setting, as every broker says it, and what leaders say to a batch. */
import type {
  KafkaTopicActs,
  TopicChange,
  TopicRight,
  WriteAnswer,
} from '../../src/core/acts/kafka-topic-acts.ts';
import { GauntletError } from '../../src/core/errors.ts';

export interface FakeTopicOptions {
  /** Settings are accepted without an effect. */
  readonly topicUnchanged?: boolean;
  /** Rights that the login lacks. */
  readonly topicLacks?: readonly TopicRight[];
}

interface FakeHost {
  readonly options: FakeTopicOptions;
  /** Every act that changed something. */
  readonly acts: string[];
  readonly partitions: readonly { readonly partition: number; readonly leader: number }[];
  catchUp(): void;
}

const INHERITED = '1048588';
/** Of the batch that is never written. */
const BATCH_BYTES = 280;

export class FakeKafkaTopic {
  cluster = 'c1';
  /** Undefined: it was deleted. */
  id: string | undefined = 't1';
  /** Null: inherited. */
  own: string | null = null;
  /** A broker that is cut off, and says an old value. */
  stale: string | null | undefined = undefined;
  /** Refused by a policy of the brokers, in these words. */
  policy: string | undefined = undefined;
  readonly acts: KafkaTopicActs;
  readonly #host: FakeHost;

  constructor(host: FakeHost) {
    this.#host = host;
    const now = <T>(act: () => T): T => {
      host.catchUp();
      return act();
    };
    this.acts = {
      topic: async (name) =>
        now(() => {
          const { cluster, id } = this;
          if (id === undefined) return { cluster, topic: null };
          const lacks = host.options.topicLacks ?? [];
          const partitions = host.partitions.length;
          return { cluster, topic: { cluster, topic: name, id, isInternal: false, partitions, lacks } };
        }),
      config: async () => now(() => this.#said().map(asSetting)),
      tryConfig: async () => now(() => this.#check()),
      setConfig: async (change) => now(() => this.#set(change)),
      writes: async () => now(() => this.#writes()),
    };
  }

  /** Everything that a fault could have left. */
  traces(): unknown {
    return { id: this.id, own: this.own };
  }

  #said(): readonly (string | null)[] {
    return this.stale === undefined || this.stale === this.own ? [this.own] : [this.own, this.stale];
  }

  #check(): void {
    if (this.policy === undefined) return;
    const problem = { subject: 'max.message.bytes of topic orders.new', expected: 'a Kafka that takes 100' };
    throw new GauntletError('refused', [{ ...problem, got: this.policy }]);
  }

  #set({ cluster, id, from, to }: TopicChange): 'set' | 'replaced' | 'changed' {
    if (id !== this.id || cluster !== this.cluster) return 'replaced';
    const said = this.#said();
    if (!said.includes(from) || said.some((one) => one !== from && one !== to)) return 'changed';
    this.#check();
    this.#host.acts.push(`set max.message.bytes ${to ?? 'back to inherited'}`);
    this.own = to;
    return 'set';
  }

  #writes(): readonly WriteAnswer[] {
    const limit = this.#host.options.topicUnchanged === true ? INHERITED : (this.own ?? INHERITED);
    const answer = BATCH_BYTES > Number(limit) ? 'MESSAGE_TOO_LARGE' : 'CORRUPT_MESSAGE';
    if (this.id === undefined) return [];
    return this.#host.partitions.map(({ partition, leader }) => ({ partition, leader, answer }));
  }
}

const asSetting = (value: string | null) => ({ value: value ?? INHERITED, isOwn: value !== null });
