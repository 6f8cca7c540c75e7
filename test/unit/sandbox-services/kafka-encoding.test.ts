import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32c } from '../../../src/protocols/kafka/crc32c.ts';
import { encodeBatch } from '../../../src/protocols/kafka/record-batch.ts';
import { WireReader, WireWriter } from '../../../src/protocols/kafka/wire.ts';

// kafkajs's own decoder is the independent reference for our encoder.
const require = createRequire(import.meta.url);
const Decoder = require('kafkajs/src/protocol/decoder') as new (buffer: Buffer) => unknown;
const decodeBatch = require('kafkajs/src/protocol/recordBatch/v0/decoder') as (
  decoder: unknown,
) => Promise<Record<string, unknown> & { records: Record<string, unknown>[] }>;

describe('the Kafka encoding', () => {
  it('reads back every integer and string that it writes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        fc.string({ unit: 'grapheme', maxLength: 200 }),
        fc.array(fc.integer({ min: -0x8000, max: 0x7fff })),
        (int, long, text, list) => {
          const writer = new WireWriter();
          writer.int32(int).int64(long).string(text).string(null);
          writer.array(list, (one) => writer.int16(one));
          const reader = new WireReader(writer.finish());
          expect(reader.int32()).toBe(int);
          expect(reader.int64()).toBe(long);
          expect(reader.string()).toBe(text);
          expect(reader.string()).toBeNull();
          expect(reader.array(() => reader.int16())).toEqual(list);
        },
      ),
    );
  });

  it('computes CRC-32C, not CRC-32', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(crc32c(Buffer.alloc(32))).toBe(0x8a9136aa);
  });

  it('writes batches that another client reads back whole', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 50 }),
        fc.uint8Array({ maxLength: 2000 }),
        // The prefix keeps names such as `constructor` away, which kafkajs's reader trips over.
        fc.dictionary(fc.stringMatching(/^h-[a-z-]{1,20}$/), fc.string({ maxLength: 40 }), {
          noNullPrototype: true,
        }),
        fc.integer({ min: 0, max: 0x7fff_ffff }),
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 1, max: 4 }),
        async (key, value, headers, sequence, transactional, gzip, count) => {
          const record = { topic: 't', key, value: Buffer.from(value), headers };
          const origin = {
            producerId: 4711n,
            epoch: 3,
            sequence,
            timestampMs: 1_800_000_000_000,
            transactional,
            gzip,
          };
          const batch = await decodeBatch(
            new Decoder(encodeBatch(Array<typeof record>(count).fill(record), origin)),
          );
          expect(batch).toMatchObject({
            producerId: '4711',
            producerEpoch: 3,
            firstSequence: sequence,
            firstTimestamp: '1800000000000',
            inTransaction: transactional,
            isControlBatch: false,
          });
          expect(batch.records.map((one) => one['offset'])).toEqual(
            Array.from({ length: count }, (_, index) => String(index)),
          );
          const first = batch.records.at(-1);
          expect(String(first?.['key'])).toBe(key);
          expect(Buffer.compare(first?.['value'] as Buffer, record.value)).toBe(0);
          const read = Object.entries(first?.['headers'] as Record<string, Buffer>);
          expect(Object.fromEntries(read.map(([name, bytes]) => [name, bytes.toString()]))).toEqual(headers);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('writes the same bytes for the same origin, so that a retry is recognised', () => {
    const record = { topic: 't', key: 'BUSINESS', value: Buffer.from('x'), headers: { a: 'b' } };
    const how = { transactional: true, gzip: false };
    const origin = { producerId: 1n, epoch: 0, sequence: 7, timestampMs: 1000, ...how };
    expect(encodeBatch([record], origin)).toEqual(encodeBatch([record], origin));
    expect(encodeBatch([record], { ...origin, sequence: 8 })).not.toEqual(encodeBatch([record], origin));
  });
});
