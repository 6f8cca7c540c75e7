/**
 * The gateway's way into Kafka: one transaction per request, strictly one at a time.
 *
 * Deviation from the real gateway, which has one transactional.id: this one takes turns between a few. A coordinator
 * accepts the next transaction of an id only after the markers of the last one are written (CONCURRENT_TRANSACTIONS until
 * then); on a small machine with three brokers that waiting is longer than the transaction itself, and it is an artefact
 * of the machine, not of the system. Taking turns hides it and changes nothing that a client can see.
 */

import { KafkaError } from '../../../../../src/protocols/kafka/kafka-error.ts';
import { Mutex } from '../mutex.ts';
import { reportProblem } from '../program.ts';
import { ClusterView } from './cluster-view.ts';
import type { OutRecord } from './record-batch.ts';
import { TransactionalProducer } from './transactional-producer.ts';

export interface PoolOptions {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly topics: readonly string[];
  /** `<prefix>-0`, `<prefix>-1`, ... */
  readonly transactionalIdPrefix: string;
  /** How many transactional ids take turns. */
  readonly size: number;
  readonly transactionTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** Longest time from the begin of a transaction to its end; after it the producer is spent for good. */
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
   * Gets the producer ids and sends an aborted transaction to every topic, so that the first request does not pay for
   * connections (0.5 to 1 s in the real gateway) and a topic that takes no records is found now.
   * @throws KafkaError when that is not done in time.
   */
  async start(timeoutMs: number): Promise<void> {
    const until = performance.now() + timeoutMs;
    await this.#cluster.persist(until, () => this.#cluster.refresh());
    await Promise.all(this.#producers.map((producer) => producer.init(until)));
    // Side by side: each producer has one topic at a time, and no two the same transaction.
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
   * @throws KafkaError when it is not, or when that could not be learned in `deliveryTimeoutMs`. In the latter case the
   * call first waits, without a bound, until the cluster takes the abort, and the pool is spent for good: this is what the
   * real producer does (INVALID_TXN_STATE on every later request until the process is restarted).
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
      reportProblem('a transaction was not concluded in time; this producer is spent', error);
      this.#fatal = new KafkaError('fatal error: INVALID_TXN_STATE', 'fail');
    }
    // A record that Kafka refuses (too large) costs one transaction; only a lost one costs the producer.
    await producer.abort(Number.POSITIVE_INFINITY).catch((abortError: unknown) => {
      reportProblem('the abort was refused', abortError);
    });
  }
}
