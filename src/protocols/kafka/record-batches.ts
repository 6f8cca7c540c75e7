/**
 * Record batches (message format v2, since Kafka 0.11), decoded as far as the ledger of records needs them:
 * committed records with their headers and values. A broker sends aborted transactions too, with a list of
 * them; leaving them out is the client's part (KIP-98).
 */
import { notAnAnswer } from '../../system/foreign-bytes.ts';
import { decompressed } from './compression.ts';
import type { AbortedTransaction } from './fetch.ts';
import { RecordCursor } from './record-cursor.ts';

const HEAD_BYTES = 61;
/** Base offset and length come before what the length counts. */
const BEFORE_LENGTH = 12;
const MAGIC = 2;
const CODEC = 0x07;
const LOG_APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;
const ABORT = 0;

export interface KafkaRecord {
  readonly offset: number;
  /** Epoch ms: by its producer's clock, or of a topic with LogAppendTime by the broker's. */
  readonly at: number;
  readonly headers: readonly (readonly [name: string, value: Buffer | null])[];
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

export interface ReadBatches {
  /** Of the first offset after the last whole batch; null when there is none. */
  readonly next: number | null;
  /** Records of aborted transactions. */
  readonly aborted: number;
}

export interface FetchedBatches {
  readonly batches: Buffer;
  readonly aborted: readonly AbortedTransaction[];
  /** Records below it were read before. */
  readonly from: number;
}

/**
 * Calls `use` with each committed record, in the order of their offsets.
 * @throws ForeignBytes when it is not a batch of this format; UnknownCodec.
 */
export function readBatches(
  { batches, aborted, from }: FetchedBatches,
  use: (record: KafkaRecord) => void,
): ReadBatches {
  const waiting = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset);
  const open = new Set<bigint>();
  let next: number | null = null;
  let left = 0;
  for (let at = 0; batches.length - at >= BEFORE_LENGTH; ) {
    const size = batches.readInt32BE(at + 8) + BEFORE_LENGTH;
    if (size < HEAD_BYTES) throw notAnAnswer('Kafka');
    // A broker fills the answer up with a part of the next batch.
    if (size > batches.length - at) break;
    const batch = headOf(batches.subarray(at, at + size));
    while (waiting[0] !== undefined && waiting[0].firstOffset <= batch.last)
      open.add(waiting.shift()?.producerId ?? -1n);
    if (batch.isControl) {
      if (controlType(batch) === ABORT) open.delete(batch.producerId);
    } else if (batch.isTransactional && open.has(batch.producerId)) left += batch.count;
    else eachRecord(batch, from, use);
    next = batch.last + 1;
    at += size;
  }
  return { next, aborted: left };
}

interface Batch {
  readonly base: number;
  readonly last: number;
  /** Epoch ms of the first record, and of the batch: of each record, where the broker set it. */
  readonly firstAt: number;
  readonly appendedAt: number | null;
  readonly producerId: bigint;
  readonly count: number;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  readonly codec: number;
  readonly records: Buffer;
}

function headOf(bytes: Buffer): Batch {
  if (bytes.readInt8(16) !== MAGIC) throw notAnAnswer('Kafka');
  const base = Number(bytes.readBigInt64BE(0));
  const attributes = bytes.readInt16BE(21);
  const count = bytes.readInt32BE(57);
  if (count < 0) throw notAnAnswer('Kafka');
  return {
    base,
    last: base + bytes.readInt32BE(23),
    firstAt: Number(bytes.readBigInt64BE(27)),
    appendedAt: (attributes & LOG_APPEND_TIME) === 0 ? null : Number(bytes.readBigInt64BE(35)),
    producerId: bytes.readBigInt64BE(43),
    count,
    isTransactional: (attributes & TRANSACTIONAL) !== 0,
    isControl: (attributes & CONTROL) !== 0,
    codec: attributes & CODEC,
    records: bytes.subarray(HEAD_BYTES),
  };
}

/** The marker that ends a transaction has one record, whose key is a version and a type. */
function controlType({ records }: Batch): number | undefined {
  const { key } = new RecordCursor(records).record();
  return key !== null && key.length >= 4 ? key.readInt16BE(2) : undefined;
}

function eachRecord(batch: Batch, from: number, use: (one: KafkaRecord) => void) {
  const { base, count, codec, records, firstAt, appendedAt } = batch;
  const cursor = new RecordCursor(decompressed(codec, records));
  for (let index = 0; index < count; index += 1) {
    const { offset, time, headers, key, value } = cursor.record();
    // A batch is sent whole, also to who asks for its second half.
    if (base + offset >= from)
      use({ offset: base + offset, at: appendedAt ?? firstAt + time, headers, key, value });
  }
}
