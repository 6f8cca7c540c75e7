import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brokerIds, metadataRequest, readFrame } from '../../../src/sandbox/supervisor/kafka-metadata.ts';

const text = (value: string | null): Buffer => {
  const bytes = Buffer.from(value ?? '');
  const length = Buffer.alloc(2);
  length.writeInt16BE(value === null ? -1 : bytes.length);
  return Buffer.concat([length, bytes]);
};
const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

interface Broker {
  readonly id: number;
  readonly host: string;
  readonly rack: string | null;
}

/** A Metadata v1 answer as the protocol guide has it, its size in front. */
function answer(brokers: readonly Broker[]): Buffer {
  const body = Buffer.concat([
    int32(1),
    int32(brokers.length),
    ...brokers.flatMap(({ id, host, rack }) => [int32(id), text(host), int32(9092), text(rack)]),
    int32(1),
    int32(0),
  ]);
  return Buffer.concat([int32(body.length), body]);
}

const anyBroker = fc.record({
  id: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  host: fc.string({ maxLength: 60 }),
  rack: fc.option(fc.string({ maxLength: 20 })),
});

describe('the Metadata request of the readiness probe', () => {
  it('is a Metadata v1 request without topics', () => {
    const bytes = metadataRequest();
    expect(bytes.readInt32BE(0)).toBe(bytes.length - 4);
    expect([bytes.readInt16BE(4), bytes.readInt16BE(6), bytes.readInt32BE(8)]).toEqual([3, 1, 1]);
    expect(bytes.toString('utf8', 14, 14 + bytes.readInt16BE(12))).toBe('gauntlet-kubelet');
    expect(bytes.readInt32BE(bytes.length - 4)).toBe(0);
  });

  it('reads the living brokers, with and without racks', () => {
    fc.assert(
      fc.property(fc.array(anyBroker, { maxLength: 8 }), (brokers) => {
        const frame = readFrame(answer(brokers));
        expect(frame && brokerIds(frame)).toEqual(brokers.map((broker) => broker.id));
      }),
    );
  });

  it('waits until the answer is whole', () => {
    const whole = answer([{ id: 7, host: 'kafka-1', rack: null }]);
    for (let length = 0; length < whole.length; length += 1) {
      expect(readFrame(whole.subarray(0, length))).toBeUndefined();
    }
    expect(readFrame(whole)).toEqual(whole.subarray(4));
  });

  it('takes an answer that is none for no broker at all, whatever its bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(() => brokerIds(Buffer.from(bytes))).not.toThrow();
      }),
    );
    expect(brokerIds(answer([{ id: 7, host: 'kafka-1', rack: null }]).subarray(4, 14))).toEqual([]);
  });
});
