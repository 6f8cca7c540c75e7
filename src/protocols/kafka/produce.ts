/** The request that writes a batch into one partition, and its answer. */
import { checkCode } from './kafka-error.ts';
import type { Request } from './requests.ts';
import { type WireReader, WireWriter } from './wire.ts';

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

/** The leader already has this batch: an earlier try arrived, but its answer did not. */
const DUPLICATE_SEQUENCE_NUMBER = 46;

/** @throws KafkaError of the first partition that was not written. */
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
