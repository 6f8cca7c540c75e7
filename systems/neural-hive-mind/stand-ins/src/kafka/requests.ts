/** The six requests of a transactional producer: what is sent, and what the answer means. Versions are the newest plain ones. */

import { type WireReader, WireWriter } from '../../../../../src/system/kafka-wire.ts';
import type { BrokerAddress, Request } from './broker-connection.ts';
import { checkCode } from './kafka-error.ts';

export interface ProducerIdentity {
  readonly producerId: bigint;
  readonly epoch: number;
}

export interface PartitionLeader {
  readonly partition: number;
  readonly leader: number;
  readonly leaderEpoch: number;
}

export interface MetadataAnswer {
  readonly brokers: readonly BrokerAddress[];
  readonly topics: ReadonlyMap<string, readonly PartitionLeader[]>;
}

const TRANSACTION_COORDINATOR = 1;
/** What a broker answers from memory takes milliseconds: one that needs longer is not the one to ask. */
const FROM_MEMORY_MS = 400;

export const metadataRequest = (topics: readonly string[]): Request => ({
  name: 'Metadata',
  key: 3,
  version: 7,
  timeoutMs: FROM_MEMORY_MS,
  // The last byte: topics are not created by asking for them.
  body: (() => {
    const writer = new WireWriter();
    return writer
      .array(topics, (topic) => writer.string(topic))
      .int8(0)
      .finish();
  })(),
});

export function readMetadata(reader: WireReader): MetadataAnswer {
  reader.int32(); // throttle time
  const brokers = reader.array(() => {
    const broker = { nodeId: reader.int32(), host: reader.string() ?? '', port: reader.int32() };
    reader.string(); // rack
    return broker;
  });
  reader.string(); // cluster id
  reader.int32(); // controller id: a random broker under KRaft
  const topics = new Map<string, readonly PartitionLeader[]>();
  reader.array(() => {
    reader.int16(); // a topic in error has no partitions here
    const name = reader.string() ?? '';
    reader.int8(); // internal
    const partitions = reader.array(() => readPartition(reader));
    topics.set(
      name,
      partitions.toSorted((a, b) => a.partition - b.partition),
    );
  });
  return { brokers, topics };
}

function readPartition(reader: WireReader): PartitionLeader {
  reader.int16(); // an error here means: no leader, which is also leader -1
  const partition = reader.int32();
  const leader = reader.int32();
  const leaderEpoch = reader.int32();
  const ids = (): number => reader.int32();
  reader.array(ids); // replicas
  reader.array(ids); // in-sync replicas
  reader.array(ids); // offline replicas
  return { partition, leader, leaderEpoch };
}

export const findCoordinatorRequest = (transactionalId: string): Request => ({
  name: 'FindCoordinator',
  key: 10,
  version: 1,
  timeoutMs: FROM_MEMORY_MS,
  body: new WireWriter().string(transactionalId).int8(TRANSACTION_COORDINATOR).finish(),
});

export function readCoordinator(reader: WireReader, asked: string): BrokerAddress {
  reader.int32(); // throttle time
  checkCode(reader.int16(), 'FindCoordinator', asked);
  reader.string(); // error message
  return { nodeId: reader.int32(), host: reader.string() ?? '', port: reader.int32() };
}

/** @param transactionalId null for a producer without transactions, which any broker may answer. */
export const initProducerIdRequest = (transactionalId: string | null, timeoutMs: number): Request => ({
  name: 'InitProducerId',
  key: 22,
  version: 1,
  body: new WireWriter().string(transactionalId).int32(timeoutMs).finish(),
});

export function readProducerId(reader: WireReader, asked: string): ProducerIdentity {
  reader.int32(); // throttle time
  checkCode(reader.int16(), 'InitProducerId', asked);
  return { producerId: reader.int64(), epoch: reader.int16() };
}

export function addPartitionRequest(
  transactionalId: string,
  identity: ProducerIdentity,
  place: { readonly topic: string; readonly partition: number },
): Request {
  const writer = new WireWriter()
    .string(transactionalId)
    .int64(identity.producerId)
    .int16(identity.epoch)
    .int32(1)
    .string(place.topic)
    .int32(1)
    .int32(place.partition);
  return { name: 'AddPartitionsToTxn', key: 24, version: 1, body: writer.finish() };
}

export function readAddPartition(reader: WireReader, asked: string): void {
  reader.int32(); // throttle time
  reader.array(() => {
    reader.string();
    reader.array(() => {
      reader.int32();
      checkCode(reader.int16(), 'AddPartitionsToTxn', asked);
    });
  });
}

/** @param timeoutMs how long the leader may wait for its followers before it answers REQUEST_TIMED_OUT. */
export function produceRequest(
  transactionalId: string | null,
  place: { readonly topic: string; readonly partition: number },
  batch: Buffer,
  timeoutMs: number,
): Request {
  const acksAll = -1;
  const writer = new WireWriter()
    .string(transactionalId)
    .int16(acksAll)
    .int32(timeoutMs)
    .int32(1)
    .string(place.topic)
    .int32(1)
    .int32(place.partition)
    .bytes(batch);
  return { name: 'Produce', key: 0, version: 3, body: writer.finish() };
}

/** Answered from memory, with the connection's whole deadline: is this broker there at all? */
export const pingRequest: Request = {
  name: 'Metadata',
  key: 3,
  version: 7,
  body: new WireWriter().int32(0).int8(0).finish(),
};

/** The leader has this very batch already: an earlier try of ours arrived, its answer did not. */
const DUPLICATE_SEQUENCE_NUMBER = 46;

export function readProduce(reader: WireReader, asked: string): void {
  reader.array(() => {
    reader.string();
    reader.array(() => {
      reader.int32(); // partition
      const code = reader.int16();
      reader.int64(); // base offset
      reader.int64(); // append time
      if (code !== DUPLICATE_SEQUENCE_NUMBER) checkCode(code, 'Produce', asked);
    });
  });
}

export const endTxnRequest = (
  transactionalId: string,
  identity: ProducerIdentity,
  outcome: 'commit' | 'abort',
): Request => ({
  name: 'EndTxn',
  key: 26,
  version: 1,
  body: new WireWriter()
    .string(transactionalId)
    .int64(identity.producerId)
    .int16(identity.epoch)
    .int8(outcome === 'commit' ? 1 : 0)
    .finish(),
});

export function readEndTxn(reader: WireReader, asked: string): void {
  reader.int32(); // throttle time
  checkCode(reader.int16(), 'EndTxn', asked);
}
