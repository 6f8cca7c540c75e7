/** The records inside of a batch: lengths are zig-zag numbers of variable length, -1 is null. */
import { notAnAnswer } from '../../system/foreign-bytes.ts';

export interface ReadRecord {
  /** Relative to the base of its batch. */
  readonly offset: number;
  /** In ms, relative to the base of its batch. */
  readonly time: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly (readonly [name: string, value: Buffer | null])[];
}

export class RecordCursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The next one. @throws ForeignBytes when the bytes are none, or end within it. */
  record(): ReadRecord {
    const length = this.#varint();
    const end = this.#at + length;
    if (length < 0 || end > this.#bytes.length) throw notAnAnswer('Kafka');
    this.#skip(1); // attributes
    const time = this.#varlong();
    const offset = this.#varint();
    const [key, value] = [this.#buffer(), this.#buffer()];
    const count = this.#varint();
    // A header has at least two bytes.
    if (count < 0 || count > this.#bytes.length - this.#at) throw notAnAnswer('Kafka');
    const headers = Array.from({ length: count }, () => {
      const name = this.#buffer()?.toString('utf8') ?? '';
      return [name, this.#buffer()] as const;
    });
    if (this.#at > end) throw notAnAnswer('Kafka');
    // Fields that a later version adds.
    this.#at = end;
    return { offset, time, key, value, headers };
  }

  #buffer(): Buffer | null {
    const length = this.#varint();
    if (length < 0) return null;
    const from = this.#at;
    this.#skip(length);
    return this.#bytes.subarray(from, from + length);
  }

  /** Of 32 bits. */
  #varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#bytes[this.#at] ?? this.#end();
      this.#at += 1;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    throw notAnAnswer('Kafka');
  }

  /** Of 64 bits, exact up to 2^53. */
  #varlong(): number {
    let value = 0;
    for (let factor = 1; factor < 2 ** 70; factor *= 128) {
      const byte = this.#bytes[this.#at] ?? this.#end();
      this.#at += 1;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    throw notAnAnswer('Kafka');
  }

  #skip(by: number): void {
    if (by > this.#bytes.length - this.#at) this.#end();
    this.#at += by;
  }

  #end(): never {
    throw notAnAnswer('Kafka');
  }
}
