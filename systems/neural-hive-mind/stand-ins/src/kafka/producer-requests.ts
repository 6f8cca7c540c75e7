/**
 * Encodes the requests of a producer and decodes the answers. Versions are the newest without flexible
 * fields.
 */
import { fromMemory, type TimedRequest } from '../../../../../src/protocols/kafka/broker-connection.ts';
import { checkCode } from '../../../../../src/protocols/kafka/kafka-error.ts';
import {
  type BrokerAddress,
  metadataRequest,
  type Request,
} from '../../../../../src/protocols/kafka/requests.ts';
import { type WireReader, WireWriter } from '../../../../../src/protocols/kafka/wire.ts';

export interface ProducerIdentity {
  readonly producerId: bigint;
  readonly epoch: number;
}

const TRANSACTION_COORDINATOR = 1;

export const findCoordinatorRequest = (transactionalId: string): TimedRequest =>
  fromMemory({
    name: 'FindCoordinator',
    key: 10,
    version: 1,
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

/** A liveness check that a broker answers from memory, with the connection's whole deadline. */
export const pingRequest: Request = metadataRequest([]);

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
