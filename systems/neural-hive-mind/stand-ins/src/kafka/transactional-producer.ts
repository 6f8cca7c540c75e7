/**
 * One transactional.id: publishes one record per transaction, exactly once, through changes of leaders and
 * coordinators.
 *
 * It replaces kafkajs, whose producer can neither repeat an unanswered EndTxn nor learn its outcome: a record
 * would be lost or duplicated, and a black-holed broker blocks it for half a minute (docs/facts/kafka.md,
 * "kafkajs in a black hole"). Here every step is repeated with the same identity and sequence number, and
 * brokers give each repetition the same answer.
 */

import { nameOf } from '../../../../../src/protocols/kafka/broker-connection.ts';
import { KafkaError } from '../../../../../src/protocols/kafka/kafka-error.ts';
import { produceRequest, readProduce } from '../../../../../src/protocols/kafka/produce.ts';
import { encodeBatch, type OutRecord } from '../../../../../src/protocols/kafka/record-batch.ts';
import type { BrokerAddress, Request } from '../../../../../src/protocols/kafka/requests.ts';
import type { WireReader } from '../../../../../src/protocols/kafka/wire.ts';
import type { ClusterView } from './cluster-view.ts';
import {
  addPartitionRequest,
  endTxnRequest,
  initProducerIdRequest,
  type ProducerIdentity,
  readAddPartition,
  readEndTxn,
  readProducerId,
} from './producer-requests.ts';

export interface TransactionOptions {
  readonly transactionalId: string;
  /** transaction.timeout.ms: the coordinator aborts a transaction that is open for longer. */
  readonly transactionTimeoutMs: number;
}

export class TransactionalProducer {
  readonly #cluster: ClusterView;
  readonly #options: TransactionOptions;
  readonly #sequences = new Map<string, number>();
  #identity: ProducerIdentity | undefined;
  #coordinator: BrokerAddress | undefined;

  constructor(cluster: ClusterView, options: TransactionOptions) {
    this.#cluster = cluster;
    this.#options = options;
  }

  /** Gets a producer id and epoch; the broker aborts the open transaction of a predecessor with this id. */
  async init(untilMs: number): Promise<ProducerIdentity> {
    const { transactionalId, transactionTimeoutMs } = this.#options;
    const request = initProducerIdRequest(transactionalId, transactionTimeoutMs);
    const identity = await this.#ask(untilMs, request, readProducerId);
    this.#identity = identity;
    this.#sequences.clear();
    return identity;
  }

  /**
   * Resolves when the transaction with this record is committed.
   * @param untilMs deadline, on the clock of performance.now().
   * @throws KafkaError; the transaction is then aborted, or its outcome is unknown (`in doubt`).
   */
  async publish(record: OutRecord, untilMs: number): Promise<void> {
    await this.#fill(record, untilMs);
    await this.#end('commit', untilMs);
  }

  /**
   * Does everything that `publish` does, then aborts: it opens connections and proves that the topic accepts
   * records.
   */
  async rehearse(record: OutRecord, untilMs: number): Promise<void> {
    await this.#fill(record, untilMs);
    await this.abort(untilMs);
  }

  /** Aborts the open transaction; the next one takes a new epoch. */
  async abort(untilMs: number): Promise<void> {
    if (!this.#identity) return;
    try {
      await this.#end('abort', untilMs);
    } finally {
      // It is uncertain whether the last record reached the log, and so which sequence number is next.
      this.#identity = undefined;
    }
  }

  async #fill(record: OutRecord, untilMs: number): Promise<void> {
    for (;;) {
      try {
        const identity = this.#identity ?? (await this.init(untilMs));
        await this.#send(record, identity, untilMs);
        return;
      } catch (error) {
        // Nothing was committed under the old identity, so a new start duplicates nothing.
        if (!(error instanceof KafkaError) || error.remedy !== 'renew' || performance.now() >= untilMs)
          throw error;
        this.#identity = undefined;
      }
    }
  }

  async #send(record: OutRecord, identity: ProducerIdentity, untilMs: number): Promise<void> {
    const { transactionalId } = this.#options;
    const { topic } = record;
    const partition = await this.#cluster.persist(untilMs, async () =>
      this.#cluster.partitionFor(topic, record.key),
    );
    const place = { topic, partition };
    const adding = addPartitionRequest(transactionalId, identity, place);
    await this.#ask(untilMs, adding, readAddPartition);
    const name = `${topic}-${partition}`;
    const sequence = this.#sequences.get(name) ?? 0;
    const origin = { ...identity, sequence, timestampMs: Date.now(), transactional: true, gzip: false };
    const batch = encodeBatch([record], origin);
    const producing = produceRequest(transactionalId, place, batch, this.#cluster.requestTimeoutMs);
    await this.#cluster.persist(untilMs, async () => {
      const leader = this.#cluster.leaderOf(topic, partition);
      readProduce(await this.#cluster.call(leader, producing), nameOf(leader));
    });
    this.#sequences.set(name, sequence + 1);
  }

  async #end(outcome: 'commit' | 'abort', untilMs: number): Promise<void> {
    if (!this.#identity) throw new KafkaError('no transaction is open', 'fail');
    const request = endTxnRequest(this.#options.transactionalId, this.#identity, outcome);
    await this.#ask(untilMs, request, readEndTxn);
  }

  /** Asks the transaction coordinator, and looks it up again whenever it has moved. */
  async #ask<T>(
    untilMs: number,
    request: Request,
    read: (reader: WireReader, asked: string) => T,
  ): Promise<T> {
    return this.#cluster.persist(untilMs, async (blamed) => {
      const { transactionalId } = this.#options;
      this.#coordinator ??= await this.#cluster.findCoordinator(transactionalId, blamed);
      const asked = this.#coordinator;
      try {
        return read(await this.#cluster.call(asked, request), nameOf(asked));
      } catch (error) {
        if (error instanceof KafkaError && error.remedy === 'refresh') this.#coordinator = undefined;
        throw error;
      }
    });
  }
}
