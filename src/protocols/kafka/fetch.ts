/**
 * Reading records as a client that sees committed ones only. Version 4 of Fetch is the first with the
 * isolation level, and the lowest that Kafka 4 still serves: brokers from 0.11 on understand it.
 */
import type { Request } from './requests.ts';
import { type WireReader, WireWriter } from './wire.ts';

const AS_CLIENT = -1;
const READ_COMMITTED = 1;

export interface FetchFrom {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export interface FetchLimits {
  /** How long a broker may wait for a first byte. */
  readonly waitMs: number;
  /** Of one answer. A broker sends a first batch even if it is larger. */
  readonly bytes: number;
}

export function fetchRequest(from: readonly FetchFrom[], { waitMs, bytes }: FetchLimits): Request {
  const body = new WireWriter().int32(AS_CLIENT).int32(waitMs).int32(1).int32(bytes).int8(READ_COMMITTED);
  const topics = [...new Set(from.map((one) => one.topic))];
  // Side by side: else the first partition would fill the answer until it is at its end.
  const each = Math.ceil(bytes / Math.max(1, from.length));
  body.array(topics, (topic) => {
    const own = from.filter((one) => one.topic === topic);
    body.string(topic).array(own, ({ partition, offset }) => {
      body.int32(partition).int64(BigInt(offset)).int32(each);
    });
  });
  return { name: 'Fetch', key: 1, version: 4, body: body.finish() };
}

export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
}

export interface Fetched {
  readonly topic: string;
  readonly partition: number;
  /** The error code, 0 = none. */
  readonly error: number;
  /** Up to here, no transaction is open. */
  readonly lastStable: number;
  readonly aborted: readonly AbortedTransaction[];
  /** Record batches; the last one may be incomplete. */
  readonly batches: Buffer;
}

export function readFetched(reader: WireReader): readonly Fetched[] {
  reader.int32(); // throttle time
  return reader
    .array(() => {
      const topic = reader.string() ?? '';
      return reader.array((): Fetched => {
        const [partition, error] = [reader.int32(), reader.int16()];
        reader.int64(); // high watermark
        const lastStable = Number(reader.int64());
        const aborted = reader.array(() => ({
          producerId: reader.int64(),
          firstOffset: Number(reader.int64()),
        }));
        return { topic, partition, error, lastStable, aborted, batches: reader.bytes() };
      });
    })
    .flat();
}
