/** The few Kafka requests that an observer needs: ApiVersions, Metadata, DescribeCluster. Formats: Kafka protocol guide. */
import type { KafkaPartition } from '../../core/acts/platform.ts';
import { WireReader, WireWriter } from '../../system/kafka-wire.ts';

export const API_VERSIONS = { key: 18, version: 0, flexible: false } as const;
export const METADATA = { key: 3, version: 1, flexible: false } as const;
export const LIST_OFFSETS = { key: 2, version: 1, flexible: false } as const;
/** v1 has the endpoint type (KIP-919): 2 asks a controller for the active one and is answered locally. */
export const DESCRIBE_CLUSTER = { key: 60, version: 1, flexible: true } as const;

const CONTROLLER_ENDPOINTS = 2;

export const apiVersionsBody = Buffer.alloc(0);

/** Null topics in Metadata v1: all of them. */
export const metadataBody: Buffer = new WireWriter().int32(-1).finish();

const END_OFFSET = -1n;

/** End offsets of partitions of one topic, asked as no replica (-1); only their leader answers. */
export function listOffsetsBody(topic: string, partitions: readonly number[]): Buffer {
  const body = new WireWriter().int32(-1).int32(1).string(topic);
  return body.array(partitions, (one) => body.int32(one).int64(END_OFFSET)).finish();
}

/** include_cluster_authorized_operations = false, endpoint_type, no tagged fields. */
export const describeClusterBody: Buffer = Buffer.from([0, CONTROLLER_ENDPOINTS, 0]);

/** The error code, 0 = none. @throws ForeignBytes when it is no list of APIs with their versions. */
export function readApiVersions(answer: Buffer): number {
  const cursor = new WireReader(answer);
  const code = cursor.int16();
  cursor.array(() => [cursor.int16(), cursor.int16(), cursor.int16()]);
  return code;
}

export interface ClusterView {
  readonly brokers: readonly number[];
  readonly partitions: readonly KafkaPartition[];
}

export function readMetadata(answer: Buffer): ClusterView {
  const cursor = new WireReader(answer);
  const brokers = cursor.array(() => {
    const id = cursor.int32();
    cursor.string();
    cursor.int32();
    cursor.string();
    return id;
  });
  cursor.int32();
  const partitions = cursor
    .array(() => {
      cursor.int16();
      const topic = cursor.string() ?? '';
      cursor.int8();
      return cursor.array(() => {
        cursor.int16();
        const partition = cursor.int32();
        const leader = cursor.int32();
        return {
          topic,
          partition,
          leader,
          replicas: cursor.array(() => cursor.int32()),
          isr: cursor.array(() => cursor.int32()),
        };
      });
    })
    .flat();
  return { brokers, partitions };
}

/** End offset by partition; partitions with an error are left out. */
export function readEndOffsets(answer: Buffer): ReadonlyMap<number, bigint> {
  const cursor = new WireReader(answer);
  const found = new Map<number, bigint>();
  cursor.array(() => {
    cursor.string();
    cursor.array(() => {
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
  const cursor = new WireReader(answer);
  cursor.skipTags();
  cursor.int32();
  const error = cursor.int16();
  cursor.skipCompactString();
  cursor.int8();
  cursor.skipCompactString();
  const controller = cursor.int32();
  return error === 0 && controller >= 0 ? controller : null;
}
