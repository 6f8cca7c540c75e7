import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decompressed, UnknownCodec } from '../../../../src/protocols/kafka/compression.ts';
import { type KafkaRecord, type Piece, textOf } from '../../../../src/protocols/kafka/kafka-record.ts';
import { readBatches } from '../../../../src/protocols/kafka/record-batches.ts';
import { WireWriter } from '../../../../src/protocols/kafka/wire.ts';
import { ForeignBytes } from '../../../../src/system/foreign-bytes.ts';

interface Batch {
  readonly base: number;
  readonly values: readonly string[];
  readonly producer?: bigint;
  readonly kind?: 'plain' | 'transactional' | 'commit' | 'abort';
  readonly gzip?: boolean;
}

const put = (writer: WireWriter, bytes: Buffer | null): WireWriter =>
  bytes === null ? writer.varint(-1) : writer.varint(bytes.length).raw(bytes);

function record(
  offset: number,
  key: Buffer | null,
  value: Buffer | null,
  headers: readonly (readonly [name: string, value: string | Buffer | null])[],
): Buffer {
  const body = put(put(new WireWriter().int8(0).varint(5).varint(offset), key), value).varint(headers.length);
  for (const [name, one] of headers)
    put(put(body, Buffer.from(name)), one === null ? null : Buffer.from(one));
  const bytes = body.finish();
  return new WireWriter().varint(bytes.length).raw(bytes).finish();
}

/** Written down from the protocol guide, not from the reader. */
function batch({ base, values, producer = -1n, kind = 'plain', gzip = false }: Batch): Buffer {
  const isControl = kind === 'commit' || kind === 'abort';
  const marker = Buffer.from([0, 0, 0, kind === 'commit' ? 1 : 0]);
  const records = isControl
    ? record(0, marker, Buffer.alloc(6), [])
    : Buffer.concat(
        values.map((one, at) => record(at, null, Buffer.from(one), [['correlation-id', `id-${one}`]])),
      );
  const count = isControl ? 1 : values.length;
  return batchOf({ base, count, records: [records], producer, kind, gzip });
}

interface BatchParts extends Omit<Batch, 'values'> {
  readonly count: number;
  readonly records: readonly Buffer[];
}

function batchOf({ base, count, records, producer = -1n, kind = 'plain', gzip = false }: BatchParts): Buffer {
  const isControl = kind === 'commit' || kind === 'abort';
  const bytes = Buffer.concat(records);
  const attributes = (kind === 'plain' ? 0 : 0x10) | (isControl ? 0x20 : 0) | (gzip ? 1 : 0);
  const after = new WireWriter()
    .int32(0)
    .int8(2)
    .int32(0)
    .int16(attributes)
    .int32(count - 1)
    .int64(0n)
    .int64(0n)
    .int64(producer)
    .int16(0)
    .int32(0)
    .int32(count)
    .raw(gzip ? gzipSync(bytes) : bytes)
    .finish();
  return new WireWriter().int64(BigInt(base)).int32(after.length).raw(after).finish();
}

const bytesIn = (piece: Piece | null): Buffer | null =>
  piece === null ? null : piece.bytes.subarray(piece.from, piece.to);

function valuesOf(batches: Buffer, from = 0, aborted: { producerId: bigint; firstOffset: number }[] = []) {
  const records: KafkaRecord[] = [];
  const end = readBatches({ batches, aborted, from }, (one) => void records.push(one));
  return { ...end, values: records.map(({ value }) => value && textOf(value)), records };
}

describe('record batches', () => {
  it('are read with their headers, also compressed, from the offset that was asked for', () => {
    const bytes = Buffer.concat([
      batch({ base: 10, values: ['a', 'b', 'c'] }),
      batch({ base: 13, values: ['d'], gzip: true }),
    ]);
    expect(valuesOf(bytes, 11)).toMatchObject({ values: ['b', 'c', 'd'], next: 14, aborted: 0 });
    const [first] = valuesOf(bytes).records;
    expect([first?.header('correlation-id'), first?.header('other'), first?.key]).toEqual([
      'id-a',
      undefined,
      null,
    ]);
  });

  it('leave out aborted transactions only, until the marker that ends each', () => {
    const bytes = Buffer.concat([
      batch({ base: 0, values: ['kept-1'], producer: 1n, kind: 'transactional' }),
      batch({ base: 1, values: ['gone-1', 'gone-2'], producer: 2n, kind: 'transactional' }),
      batch({ base: 3, values: ['plain'] }),
      batch({ base: 4, values: [], producer: 1n, kind: 'commit' }),
      batch({ base: 5, values: ['gone-3'], producer: 2n, kind: 'transactional' }),
      batch({ base: 6, values: [], producer: 2n, kind: 'abort' }),
      // The same producer, in its next transaction.
      batch({ base: 7, values: ['kept-2'], producer: 2n, kind: 'transactional' }),
      batch({ base: 8, values: [], producer: 2n, kind: 'commit' }),
    ]);
    const aborted = [{ producerId: 2n, firstOffset: 1 }];
    expect(valuesOf(bytes, 0, aborted)).toMatchObject({
      ...{ values: ['kept-1', 'plain', 'kept-2'], next: 9, aborted: 3 },
    });
  });

  it('end before a batch that is not there whole, wherever it is cut', () => {
    const whole = Buffer.concat([batch({ base: 0, values: ['a', 'b'] }), batch({ base: 2, values: ['c'] })]);
    const first = batch({ base: 0, values: ['a', 'b'] }).length;
    for (let length = 0; length < whole.length; length += 1) {
      const { values, next } = valuesOf(whole.subarray(0, length));
      expect({ length, values, next }).toEqual({
        length,
        ...(length < first ? { values: [], next: null } : { values: ['a', 'b'], next: 2 }),
      });
    }
  });

  it('never throw anything but a refusal for bytes that are altered', () => {
    const good = Buffer.concat([
      batch({ base: 0, values: ['a', 'bb'], gzip: true }),
      batch({ base: 2, values: ['c'] }),
    ]);
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, byte) => {
        const bytes = Buffer.from(good);
        bytes[at] = byte;
        try {
          valuesOf(bytes);
        } catch (error) {
          // Of Node's gzip, or of a codec.
          expect(error).toBeInstanceOf(Error);
          expect(error instanceof RangeError || error instanceof TypeError).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('have the key, the value and each header of a record, whatever bytes they are', () => {
    const part = fc.option(
      fc.uint8Array({ maxLength: 200 }).map((one) => Buffer.from(one)),
      { nil: null },
    );
    const name = fc.oneof(fc.constantFrom('id', 'trace', ''), fc.string({ unit: 'grapheme' }));
    const headers = fc.array(fc.tuple(name, part), { maxLength: 5 });
    fc.assert(
      fc.property(fc.array(fc.tuple(part, part, headers), { maxLength: 4 }), fc.nat(40), (all, lead) => {
        const records = all.map(([key, value, own], at) => record(at, key, value, own));
        // Another batch is before it, so that no place is counted from the start of the answer.
        const before = batch({ base: 0, values: ['x'.repeat(lead)] });
        const bytes = Buffer.concat([before, batchOf({ base: 1, count: all.length, records })]);
        const found = valuesOf(bytes).records.slice(1);
        expect(found.map(({ offset, at }) => [offset, at])).toEqual(all.map((_, at) => [1 + at, 5]));
        for (const [at, [key, value, own]] of all.entries()) {
          const { key: readKey, value: readValue } = found[at] as KafkaRecord;
          expect([bytesIn(readKey), bytesIn(readValue)]).toEqual([key, value]);
          for (const [asked] of [...own, ['none', null] as const])
            expect(found[at]?.header(asked)).toBe(own.find(([one]) => one === asked)?.[1]?.toString('utf8'));
        }
      }),
    );
  });

  it('of the older formats are refused', () => {
    const old = batch({ base: 0, values: ['a'] });
    old[16] = 1;
    expect(() => valuesOf(old)).toThrow(ForeignBytes);
  });
});

describe('the codecs of batches', () => {
  const text = Buffer.from('abcabcabcabcabcabcabcabcabcabc-and-a-tail');

  it('unpack Snappy, raw and in the blocks of Java clients', () => {
    // 41 bytes; literal "abc"; copies of 27 bytes from 3 back; literal "-and-a-tail".
    const raw = Buffer.concat([
      Buffer.from([text.length, 2 << 2]),
      Buffer.from('abc'),
      Buffer.from([((27 - 1) << 2) | 2, 3, 0, 10 << 2]),
      Buffer.from('-and-a-tail'),
    ]);
    expect(decompressed(2, raw)).toEqual(text);
    const head = Buffer.from('82534e415050590000000001000000010000', 'hex').subarray(0, 16);
    const size = Buffer.alloc(4);
    size.writeInt32BE(raw.length);
    expect(decompressed(2, Buffer.concat([head, size, raw, size, raw]))).toEqual(Buffer.concat([text, text]));
  });

  it('unpack LZ4', () => {
    const block = Buffer.concat([
      // Three literals, then a match of 27 = 15 + 8 + 4 from 3 back; the last sequence has literals only.
      Buffer.from([0x3f]),
      Buffer.from('abc'),
      Buffer.from([3, 0, 8, 11 << 4]),
      Buffer.from('-and-a-tail'),
    ]);
    const size = Buffer.alloc(4);
    size.writeUInt32LE(block.length);
    const head = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82]);
    expect(decompressed(3, Buffer.concat([head, size, block, Buffer.alloc(4)]))).toEqual(text);
  });

  it('name what they cannot read', () => {
    expect(() => decompressed(5, text)).toThrow(
      new UnknownCodec('records are compressed by codec 5, which is not known'),
    );
    expect(() => decompressed(2, Buffer.from([200, 1, 0xff]))).toThrow('not Snappy');
    expect(() => decompressed(3, text)).toThrow('not LZ4');
  });

  it('never read or write past an end, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.constantFrom(2, 3), fc.uint8Array({ maxLength: 60 }), (codec, bytes) => {
        const head = codec === 3 ? [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82] : [];
        try {
          expect(decompressed(codec, Buffer.from([...head, ...bytes])).length).toBeLessThan(2 ** 23);
        } catch (error) {
          expect(String(error)).toMatch(/^Error: not (Snappy|LZ4)/);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
