/**
 * Record batches (message format v2, since Kafka 0.11), decoded as far as the ledger of records needs them:
 * committed records with their headers and values. A broker sends aborted transactions too, with a list of
 * them; leaving them out is the client's part (KIP-98).
 */
import { notAnAnswer } from '../../system/foreign-bytes.ts';
import { decompressed } from './compression.ts';
import type { AbortedTransaction } from './fetch.ts';
import { type KafkaRecord, type Piece, pieceOf } from './kafka-record.ts';
import { type BatchBase, RecordCursor } from './record-cursor.ts';

const HEAD_BYTES = 61;
/** Base offset and length come before what the length counts. */
const BEFORE_LENGTH = 12;
const MAGIC = 2;
const CODEC = 0x07;
const PLAIN = 0;
const LOG_APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;
const ABORT = 0;

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
  const view = new DataView(batches.buffer, batches.byteOffset, batches.length);
  let next: number | null = null;
  let left = 0;
  for (let at = 0; batches.length - at >= BEFORE_LENGTH; ) {
    const size = view.getInt32(at + 8) + BEFORE_LENGTH;
    if (size < HEAD_BYTES) throw notAnAnswer('Kafka');
    // A broker fills the answer up with a part of the next batch.
    if (size > batches.length - at) break;
    const batch = batchAt(batches, view, at, size);
    while (waiting[0] !== undefined && waiting[0].firstOffset <= batch.last)
      open.add(waiting.shift()?.producerId ?? -1n);
    if (batch.isControl) {
      if (controlType(batch) === ABORT) open.delete(batch.producerId());
    } else if (batch.isTransactional && open.has(batch.producerId())) left += batch.count;
    else eachRecord(batch, from, use);
    next = batch.last + 1;
    at += size;
  }
  return { next, aborted: left };
}

interface Batch extends BatchBase {
  readonly last: number;
  readonly count: number;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
  readonly codec: number;
  readonly records: Piece;
  producerId(): bigint;
}

function batchAt(bytes: Buffer, view: DataView, at: number, size: number): Batch {
  if (view.getInt8(at + 16) !== MAGIC) throw notAnAnswer('Kafka');
  const offset = int64(view, at);
  const attributes = view.getInt16(at + 21);
  const count = view.getInt32(at + 57);
  if (count < 0) throw notAnAnswer('Kafka');
  return {
    offset,
    last: offset + view.getInt32(at + 23),
    firstAt: int64(view, at + 27),
    appendedAt: (attributes & LOG_APPEND_TIME) === 0 ? null : int64(view, at + 35),
    count,
    isTransactional: (attributes & TRANSACTIONAL) !== 0,
    isControl: (attributes & CONTROL) !== 0,
    codec: attributes & CODEC,
    records: { bytes, from: at + HEAD_BYTES, to: at + size },
    producerId: () => view.getBigInt64(at + 43),
  };
}

/** Exact up to 2^53; a bigint for each would be garbage. */
const int64 = (view: DataView, at: number): number => view.getInt32(at) * 2 ** 32 + view.getUint32(at + 4);

/** The marker that ends a transaction has one record, whose key is a version and a type. */
function controlType(batch: Batch): number | undefined {
  const { key } = new RecordCursor(batch.records, batch).record();
  return key !== null && key.to - key.from >= 4 ? key.bytes.readInt16BE(key.from + 2) : undefined;
}

function eachRecord(batch: Batch, from: number, use: (one: KafkaRecord) => void) {
  const cursor = new RecordCursor(unpacked(batch), batch);
  for (let left = batch.count; left > 0; left -= 1) {
    const record = cursor.record();
    // A batch is sent whole, also to who asks for its second half.
    if (record.offset >= from) use(record);
  }
}

const unpacked = ({ codec, records }: Batch): Piece =>
  codec === PLAIN ? records : pieceOf(decompressed(codec, records.bytes.subarray(records.from, records.to)));
