/** The records inside of a batch: lengths are zig-zag numbers of variable length, -1 is null. */
import { notAnAnswer } from '../../system/foreign-bytes.ts';
import { KafkaRecord, type Piece } from './kafka-record.ts';

/** What the records of a batch are counted from. */
export interface BatchBase {
  readonly offset: number;
  /** Epoch ms. */
  readonly firstAt: number;
  /** Epoch ms of each record, where the broker set it. */
  readonly appendedAt: number | null;
}

const NO_HEADERS: readonly number[] = [];

export class RecordCursor {
  readonly #bytes: Buffer;
  readonly #to: number;
  readonly #base: BatchBase;
  #at: number;

  constructor({ bytes, from, to }: Piece, base: BatchBase) {
    this.#bytes = bytes;
    this.#at = from;
    this.#to = to;
    this.#base = base;
  }

  /** The next one. @throws ForeignBytes when the bytes are none, or end within it. */
  record(): KafkaRecord {
    const length = this.#varint();
    const end = this.#at + length;
    if (length < 0 || end > this.#to) throw notAnAnswer('Kafka');
    this.#skip(1); // attributes
    const time = this.#varlong();
    const offset = this.#varint();
    const key = this.#piece();
    const value = this.#piece();
    const headers = this.#headers();
    if (this.#at > end) throw notAnAnswer('Kafka');
    // Fields that a later version adds.
    this.#at = end;
    const { offset: first, firstAt, appendedAt } = this.#base;
    return new KafkaRecord(first + offset, appendedAt ?? firstAt + time, key, value, this.#bytes, headers);
  }

  #piece(): Piece | null {
    const length = this.#varint();
    if (length < 0) return null;
    const from = this.#at;
    this.#skip(length);
    return { bytes: this.#bytes, from, to: this.#at };
  }

  /** See KafkaRecord. */
  #headers(): readonly number[] {
    const count = this.#varint();
    if (count === 0) return NO_HEADERS;
    // A header has at least two bytes.
    if (count < 0 || count > this.#to - this.#at) throw notAnAnswer('Kafka');
    const headers: number[] = [];
    for (let left = count; left > 0; left -= 1) {
      const nameLength = Math.max(0, this.#varint());
      const name = this.#at;
      this.#skip(nameLength);
      const valueLength = this.#varint();
      const value = this.#at;
      this.#skip(Math.max(0, valueLength));
      headers.push(name, name + nameLength, valueLength < 0 ? -1 : value, this.#at);
    }
    return headers;
  }

  /** Of 32 bits. */
  #varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    throw notAnAnswer('Kafka');
  }

  /** Of 64 bits, exact up to 2^53. */
  #varlong(): number {
    let value = 0;
    for (let factor = 1; factor < 2 ** 70; factor *= 128) {
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    throw notAnAnswer('Kafka');
  }

  #byte(): number {
    if (this.#at >= this.#to) throw notAnAnswer('Kafka');
    const byte = this.#bytes[this.#at] ?? 0;
    this.#at += 1;
    return byte;
  }

  #skip(by: number): void {
    if (by > this.#to - this.#at) throw notAnAnswer('Kafka');
    this.#at += by;
  }
}
