/**
 * Whether partitions would take a record, found without writing one: a batch whose checksum is wrong. A leader
 * checks the size of a batch before its checksum, and the checksum before it appends (docs/facts/kafka.md).
 */
import { encodeBatch } from './record-batch.ts';
import type { Request } from './requests.ts';
import { type WireReader, WireWriter } from './wire.ts';

const ACKS_ALL = -1;
/** No broker waits for a follower before it has looked at the batch. */
const TIMEOUT_MS = 1000;
/** Base offset, length, leader epoch, magic. */
const CHECKSUM_AT = 8 + 4 + 4 + 1;

/** Larger than the smallest limit that a fault sets. Says what it is, should anybody ever see it. */
const VALUE = Buffer.alloc(200, 'asks whether a record would be refused; ');
const BATCH = wrongly(
  encodeBatch([{ topic: '', key: 'gauntlet', value: VALUE, headers: {} }], {
    producerId: -1n,
    epoch: -1,
    sequence: -1,
    timestampMs: 0,
    transactional: false,
    gzip: false,
  }),
);

function wrongly(batch: Buffer): Buffer {
  const bytes = Buffer.from(batch);
  bytes.writeUInt32BE(~bytes.readUInt32BE(CHECKSUM_AT) >>> 0, CHECKSUM_AT);
  return bytes;
}

export function refusedWriteRequest(topic: string, partitions: readonly number[]): Request {
  const writer = new WireWriter().string(null).int16(ACKS_ALL).int32(TIMEOUT_MS).int32(1).string(topic);
  writer.array(partitions, (one) => writer.int32(one).bytes(BATCH));
  return { name: 'Produce', key: 0, version: 3, body: writer.finish() };
}

/** The error code by partition: 2, the checksum, where nothing else is wrong. */
export function readRefusals(reader: WireReader): ReadonlyMap<number, number> {
  const codes = new Map<number, number>();
  reader.array(() => {
    reader.string(); // topic
    reader.array(() => {
      codes.set(reader.int32(), reader.int16());
      reader.int64(); // base offset
      reader.int64(); // append time
    });
  });
  return codes;
}
