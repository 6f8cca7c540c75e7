/** The few Kafka requests that an observer needs: ApiVersions, Metadata, DescribeCluster. Formats: Kafka protocol guide. */
import type { KafkaPartition } from '../../core/platform.ts';

export const API_VERSIONS = { key: 18, version: 0, flexible: false } as const;
export const METADATA = { key: 3, version: 1, flexible: false } as const;
export const LIST_OFFSETS = { key: 2, version: 1, flexible: false } as const;
/** v1 has the endpoint type (KIP-919): 2 asks a controller for the active one and is answered locally. */
export const DESCRIBE_CLUSTER = { key: 60, version: 1, flexible: true } as const;

const CONTROLLER_ENDPOINTS = 2;

export const apiVersionsBody = Buffer.alloc(0);

/** Null topics in Metadata v1: all of them. */
export function metadataBody(): Buffer {
  const body = Buffer.alloc(4);
  body.writeInt32BE(-1, 0);
  return body;
}

const END_OFFSET = -1n;

/** End offsets of partitions of one topic; only their leader answers. */
export function listOffsetsBody(topic: string, partitions: readonly number[]): Buffer {
  const name = Buffer.from(topic);
  const body = Buffer.alloc(4 + 4 + 2 + name.length + 4 + partitions.length * 12);
  let at = body.writeInt32BE(-1, 0);
  at = body.writeInt32BE(1, at);
  at = body.writeInt16BE(name.length, at);
  at += name.copy(body, at);
  at = body.writeInt32BE(partitions.length, at);
  for (const partition of partitions) {
    at = body.writeInt32BE(partition, at);
    at = body.writeBigInt64BE(END_OFFSET, at);
  }
  return body;
}

/** include_cluster_authorized_operations = false, endpoint_type, no tagged fields. */
export const describeClusterBody: Buffer = Buffer.from([0, CONTROLLER_ENDPOINTS, 0]);

/** A cursor over an answer; reading past its end throws RangeError. */
class Cursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int8(): number {
    return this.#bytes.readInt8(this.#step(1));
  }
  int16(): number {
    return this.#bytes.readInt16BE(this.#step(2));
  }
  int32(): number {
    return this.#bytes.readInt32BE(this.#step(4));
  }
  int64(): bigint {
    return this.#bytes.readBigInt64BE(this.#step(8));
  }
  text(): string {
    const length = Math.max(0, this.int16());
    const from = this.#step(length);
    return this.#bytes.toString('utf8', from, from + length);
  }
  compactText(): void {
    const length = this.#varint();
    this.#step(Math.max(0, length - 1));
  }
  list<T>(read: () => T): T[] {
    return Array.from({ length: Math.max(0, this.int32()) }, read);
  }
  tags(): void {
    for (let left = this.#varint(); left > 0; left -= 1) {
      this.#varint();
      this.#step(this.#varint());
    }
  }

  #varint(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes.readUInt8(this.#step(1));
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }

  #step(by: number): number {
    const from = this.#at;
    this.#at += by;
    return from;
  }
}

export interface ClusterView {
  readonly brokers: readonly number[];
  readonly partitions: readonly KafkaPartition[];
}

export function readMetadata(answer: Buffer): ClusterView {
  const cursor = new Cursor(answer);
  const brokers = cursor.list(() => {
    const id = cursor.int32();
    cursor.text();
    cursor.int32();
    cursor.text();
    return id;
  });
  cursor.int32();
  const partitions = cursor
    .list(() => {
      cursor.int16();
      const topic = cursor.text();
      const internal = cursor.int8() === 1;
      const read = cursor.list(() => {
        cursor.int16();
        const partition = cursor.int32();
        const leader = cursor.int32();
        return {
          topic,
          partition,
          leader,
          replicas: cursor.list(() => cursor.int32()),
          isr: cursor.list(() => cursor.int32()),
        };
      });
      return { internal, read };
    })
    .flatMap((topic) => topic.read);
  return { brokers, partitions };
}

/** End offset by partition; partitions with an error are left out. */
export function readEndOffsets(answer: Buffer): ReadonlyMap<number, bigint> {
  const cursor = new Cursor(answer);
  const found = new Map<number, bigint>();
  cursor.list(() => {
    cursor.text();
    cursor.list(() => {
      const [partition, error] = [cursor.int32(), cursor.int16()];
      cursor.int64();
      const offset = cursor.int64();
      if (error === 0) found.set(partition, offset);
    });
  });
  return found;
}

/** The controller that this node believes in, or null when it has none or did not understand. */
export function readController(answer: Buffer): number | null {
  const cursor = new Cursor(answer);
  cursor.tags();
  cursor.int32();
  const error = cursor.int16();
  cursor.compactText();
  cursor.int8();
  cursor.compactText();
  const controller = cursor.int32();
  return error === 0 && controller >= 0 ? controller : null;
}
