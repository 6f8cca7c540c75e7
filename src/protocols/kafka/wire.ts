/**
 * The primitive types of the Kafka protocol, big-endian: the non-flexible encodings, which Kafka 4 still
 * serves, and those flexible ones without which an answer that has no other form cannot be read.
 */
import { notAnAnswer } from '../../system/foreign-bytes.ts';

export class WireWriter {
  readonly #parts: Buffer[] = [];

  int8(value: number): this {
    return this.#put(1, (buffer) => buffer.writeInt8(value));
  }
  int16(value: number): this {
    return this.#put(2, (buffer) => buffer.writeInt16BE(value));
  }
  int32(value: number): this {
    return this.#put(4, (buffer) => buffer.writeInt32BE(value));
  }
  uint32(value: number): this {
    return this.#put(4, (buffer) => buffer.writeUInt32BE(value));
  }
  int64(value: bigint): this {
    return this.#put(8, (buffer) => buffer.writeBigInt64BE(value));
  }
  /** Zig-zag variable length, as in record batches; for values of 32 bits. */
  varint(value: number): this {
    return this.#unsignedVarint(((value << 1) ^ (value >> 31)) >>> 0);
  }
  compactString(value: string): this {
    const bytes = Buffer.from(value);
    return this.#unsignedVarint(bytes.length + 1).raw(bytes);
  }
  compactArray<T>(items: readonly T[], write: (item: T) => void): this {
    this.#unsignedVarint(items.length + 1);
    for (const item of items) write(item);
    return this;
  }
  /** Tagged fields: none. */
  noTags(): this {
    return this.int8(0);
  }
  string(value: string | null): this {
    if (value === null) return this.int16(-1);
    const bytes = Buffer.from(value);
    return this.int16(bytes.length).raw(bytes);
  }
  bytes(value: Buffer): this {
    return this.int32(value.length).raw(value);
  }
  array<T>(items: readonly T[], write: (item: T) => void): this {
    this.int32(items.length);
    for (const item of items) write(item);
    return this;
  }
  raw(value: Buffer): this {
    this.#parts.push(value);
    return this;
  }
  finish(): Buffer {
    return Buffer.concat(this.#parts);
  }

  #unsignedVarint(value: number): this {
    let rest = value;
    const bytes: number[] = [];
    while (rest > 0x7f) {
      bytes.push((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    bytes.push(rest);
    return this.raw(Buffer.from(bytes));
  }
  #put(size: number, write: (buffer: Buffer) => void): this {
    const buffer = Buffer.allocUnsafe(size);
    write(buffer);
    return this.raw(buffer);
  }
}

/** A cursor over an answer. Reading past its end, or a length beyond it, throws ForeignBytes. */
export class WireReader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  int8(): number {
    return this.#buffer.readInt8(this.#move(1));
  }
  int16(): number {
    return this.#buffer.readInt16BE(this.#move(2));
  }
  int32(): number {
    return this.#buffer.readInt32BE(this.#move(4));
  }
  int64(): bigint {
    return this.#buffer.readBigInt64BE(this.#move(8));
  }
  string(): string | null {
    const length = this.int16();
    if (length < 0) return null;
    const from = this.#move(length);
    return this.#buffer.toString('utf8', from, from + length);
  }
  /** A view of the answer; empty for null. */
  bytes(): Buffer {
    const length = Math.max(0, this.int32());
    const from = this.#move(length);
    return this.#buffer.subarray(from, from + length);
  }
  array<T>(read: () => T): T[] {
    const length = Math.max(0, this.int32());
    // An array element has at least one byte.
    if (length > this.#buffer.length - this.#at) throw notAnAnswer('Kafka');
    return Array.from({ length }, read);
  }
  compactString(): string | null {
    const length = this.#unsignedVarint() - 1;
    if (length < 0) return null;
    const from = this.#move(length);
    return this.#buffer.toString('utf8', from, from + length);
  }
  skipCompactString(): void {
    this.#move(Math.max(0, this.#unsignedVarint() - 1));
  }
  compactArray<T>(read: () => T): T[] {
    const length = Math.max(0, this.#unsignedVarint() - 1);
    // An array element has at least one byte.
    if (length > this.#buffer.length - this.#at) throw notAnAnswer('Kafka');
    return Array.from({ length }, read);
  }
  /** As Kafka's own tools write it: 22 characters. */
  uuid(): string {
    const from = this.#move(16);
    return this.#buffer.subarray(from, from + 16).toString('base64url');
  }
  skipTags(): void {
    for (let left = this.#unsignedVarint(); left > 0; left -= 1) {
      this.#unsignedVarint();
      this.#move(this.#unsignedVarint());
    }
  }

  #unsignedVarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#buffer.readUInt8(this.#move(1));
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw notAnAnswer('Kafka');
  }

  #move(by: number): number {
    const from = this.#at;
    if (by > this.#buffer.length - from) throw notAnAnswer('Kafka');
    this.#at += by;
    return from;
  }
}
