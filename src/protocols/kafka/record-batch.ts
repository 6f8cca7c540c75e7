/** Encodes records as one record batch (message format v2), transactional or not, plain or gzip. */
import { gzipSync } from 'node:zlib';
import { crc32c } from './crc32c.ts';
import { WireWriter } from './wire.ts';

export interface OutRecord {
  readonly topic: string;
  readonly key: string;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

export interface BatchOrigin {
  readonly producerId: bigint;
  readonly epoch: number;
  /** Of the first record. */
  readonly sequence: number;
  readonly timestampMs: number;
  readonly transactional: boolean;
  readonly gzip: boolean;
}

const MAGIC = 2;
const GZIP = 0x01;
const TRANSACTIONAL = 0x10;

/** The same records with the same origin give the same bytes, which makes a retry idempotent. */
export function encodeBatch(records: readonly OutRecord[], origin: BatchOrigin): Buffer {
  const timestamp = BigInt(Math.trunc(origin.timestampMs));
  const plain = Buffer.concat(records.map(encodeRecord));
  const covered = new WireWriter()
    .int16((origin.transactional ? TRANSACTIONAL : 0) | (origin.gzip ? GZIP : 0))
    .int32(records.length - 1)
    .int64(timestamp)
    .int64(timestamp)
    .int64(origin.producerId)
    .int16(origin.epoch)
    .int32(origin.sequence)
    .int32(records.length)
    .raw(origin.gzip ? gzipSync(plain) : plain)
    .finish();
  const afterLength = new WireWriter().int32(-1).int8(MAGIC).uint32(crc32c(covered)).raw(covered).finish();
  return new WireWriter().int64(0n).int32(afterLength.length).raw(afterLength).finish();
}

function encodeRecord(record: OutRecord, offset: number): Buffer {
  const body = new WireWriter().int8(0).varint(0).varint(offset);
  put(body, Buffer.from(record.key));
  put(body, record.value);
  const headers = Object.entries(record.headers);
  body.varint(headers.length);
  for (const [name, value] of headers) {
    put(body, Buffer.from(name));
    put(body, Buffer.from(value));
  }
  const bytes = body.finish();
  return new WireWriter().varint(bytes.length).raw(bytes).finish();
}

const put = (writer: WireWriter, bytes: Buffer): WireWriter => writer.varint(bytes.length).raw(bytes);
