/**
 * Publishes batches with acks=all and without transactions, each exactly once during the life of its producer
 * id, as `enable.idempotence` guarantees. Calls are processed one after another.
 */

import { nameOf } from '../../../../../src/protocols/kafka/broker-connection.ts';
import { KafkaError } from '../../../../../src/protocols/kafka/kafka-error.ts';
import { produceRequest, readProduce } from '../../../../../src/protocols/kafka/produce.ts';
import { encodeBatch, type OutRecord } from '../../../../../src/protocols/kafka/record-batch.ts';
import { Mutex } from '../../../../../src/system/mutex.ts';
import type { ClusterView } from './cluster-view.ts';
import { initProducerIdRequest, type ProducerIdentity, readProducerId } from './producer-requests.ts';

/** Unused without a transactional id, but the request has the field. */
const NO_TRANSACTIONS_MS = 60_000;

export class IdempotentProducer {
  readonly #cluster: ClusterView;
  readonly #sequences = new Map<string, number>();
  readonly #inOrder = new Mutex();
  #identity: ProducerIdentity | undefined;

  constructor(cluster: ClusterView) {
    this.#cluster = cluster;
  }

  async init(untilMs: number): Promise<ProducerIdentity> {
    const request = initProducerIdRequest(null, NO_TRANSACTIONS_MS);
    const identity = await this.#cluster.persist(untilMs, async (blamed) => {
      const asked = this.#cluster.anyBroker(blamed);
      return readProducerId(await this.#cluster.call(asked, request), nameOf(asked));
    });
    this.#identity = identity;
    this.#sequences.clear();
    return identity;
  }

  /**
   * Resolves when all in-sync replicas have the batch.
   * @param records of one topic and one key, so that they share a partition.
   * @param options.untilMs deadline, on the clock of performance.now().
   * @throws KafkaError; then it is unknown whether the batch is in the log.
   */
  publish(
    records: readonly OutRecord[],
    options: { readonly gzip: boolean; readonly untilMs: number },
  ): Promise<void> {
    return this.#inOrder.run(async () => {
      try {
        await this.#send(records, options);
      } catch (error) {
        // The next sequence number is uncertain now, and an unknown producer id stays unknown.
        this.#identity = undefined;
        if (!(error instanceof KafkaError) || error.remedy !== 'renew') throw error;
        await this.#send(records, options);
      }
    });
  }

  async #send(
    records: readonly OutRecord[],
    { gzip, untilMs }: { readonly gzip: boolean; readonly untilMs: number },
  ): Promise<void> {
    const [first] = records;
    if (!first) return;
    const identity = this.#identity ?? (await this.init(untilMs));
    const { topic, key } = first;
    const partition = await this.#cluster.persist(untilMs, async () =>
      this.#cluster.partitionFor(topic, key),
    );
    const name = `${topic}-${partition}`;
    const sequence = this.#sequences.get(name) ?? 0;
    const origin = { ...identity, sequence, timestampMs: Date.now(), transactional: false, gzip };
    const batch = encodeBatch(records, origin);
    const request = produceRequest(null, { topic, partition }, batch, this.#cluster.requestTimeoutMs);
    await this.#cluster.persist(untilMs, async () => {
      const leader = this.#cluster.leaderOf(topic, partition);
      readProduce(await this.#cluster.call(leader, request), nameOf(leader));
    });
    this.#sequences.set(name, sequence + records.length);
  }
}
