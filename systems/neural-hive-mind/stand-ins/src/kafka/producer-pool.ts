/**
 * The gateway's access to Kafka: one transaction per request, strictly one at a time.
 *
 * Deviation from the real gateway, which has one transactional.id: this pool rotates between a few. A
 * coordinator accepts the next transaction of an id only after the markers of the last one are written
 * (CONCURRENT_TRANSACTIONS until then). On a small machine with three brokers that wait is longer than the
 * transaction itself; it is an artefact of the machine, not of the system. Rotation hides it and changes
 * nothing that a client can see.
 */

import { KafkaError } from '../../../../../src/protocols/kafka/kafka-error.ts';
import type { OutRecord } from '../../../../../src/protocols/kafka/record-batch.ts';
import { Mutex } from '../../../../../src/system/mutex.ts';
import { reportProblem } from '../program.ts';
import { ClusterView } from './cluster-view.ts';
import { TransactionalProducer } from './transactional-producer.ts';

export interface PoolOptions {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly topics: readonly string[];
  /** `<prefix>-0`, `<prefix>-1`, ... */
  readonly transactionalIdPrefix: string;
  /** Number of transactional ids used in rotation. */
  readonly size: number;
  readonly transactionTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** Longest duration of a transaction; after it the producer is unusable for good. */
  readonly deliveryTimeoutMs: number;
}

export class ProducerPool {
  readonly #cluster: ClusterView;
  readonly #producers: readonly TransactionalProducer[];
  readonly #options: PoolOptions;
  readonly #oneAtATime = new Mutex();
  #turn = 0;
  #fatal: KafkaError | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#cluster = new ClusterView({
      bootstrap: options.brokers,
      clientId: options.clientId,
      requestTimeoutMs: options.requestTimeoutMs,
      topics: options.topics,
    });
    this.#producers = Array.from(
      { length: options.size },
      (_, index) =>
        new TransactionalProducer(this.#cluster, {
          transactionalId: `${options.transactionalIdPrefix}-${index}`,
          transactionTimeoutMs: options.transactionTimeoutMs,
        }),
    );
  }

  /**
   * Gets the producer ids and sends an aborted transaction to every topic, so that the first request does not
   * pay for connections (0.5 to 1 s in the real gateway) and a topic that refuses records is detected now.
   * @throws KafkaError after the deadline.
   */
  async start(timeoutMs: number): Promise<void> {
    const until = performance.now() + timeoutMs;
    await this.#cluster.persist(until, () => this.#cluster.refresh());
    await Promise.all(this.#producers.map((producer) => producer.init(until)));
    // In parallel: each producer handles one topic at a time, and no two share a transaction.
    await Promise.all(
      this.#producers.map(async (producer, index) => {
        const mine = this.#options.topics.filter((_, at) => at % this.#producers.length === index);
        for (const topic of mine) {
          await producer.rehearse({ topic, key: '', value: Buffer.alloc(0), headers: {} }, until);
          await producer.init(until);
        }
      }),
    );
  }

  /**
   * Resolves when the record is committed.
   * @throws KafkaError when it is not committed, or when its outcome is unknown after `deliveryTimeoutMs`. In
   * the latter case the call first waits, without a bound, until the cluster accepts the abort, and the pool
   * is unusable for good, as the real producer is (INVALID_TXN_STATE on every later request until the process
   * restarts).
   */
  publish(record: OutRecord): Promise<void> {
    return this.#oneAtATime.run(async () => {
      if (this.#fatal) throw this.#fatal;
      const producer = this.#producers[this.#turn % this.#producers.length];
      this.#turn += 1;
      if (!producer) throw new KafkaError('the pool has no producers', 'fail');
      try {
        await producer.publish(record, performance.now() + this.#options.deliveryTimeoutMs);
      } catch (error) {
        await this.#giveUp(producer, error);
        throw error;
      }
    });
  }

  close(): void {
    this.#cluster.close();
  }

  async #giveUp(producer: TransactionalProducer, error: unknown): Promise<void> {
    const spoilt = !(error instanceof KafkaError) || error.remedy === 'fail';
    if (!spoilt) {
      reportProblem('a transaction did not end in time; this producer is unusable', error);
      this.#fatal = new KafkaError('fatal error: INVALID_TXN_STATE', 'fail');
    }
    // A refused record (too large) costs one transaction; only an unknown outcome costs the producer.
    await producer.abort(Number.POSITIVE_INFINITY).catch((abortError: unknown) => {
      reportProblem('the abort was refused', abortError);
    });
  }
}
