/**
 * The requests that several of our programs send, and the parsing of their answers (Kafka protocol guide).
 */
import { type WireReader, WireWriter } from './wire.ts';

export interface Request {
  /** Its name in the protocol guide; for messages. */
  readonly name: string;
  readonly key: number;
  readonly version: number;
  /** A flexible version has tagged fields in the header of its request. */
  readonly flexible?: boolean;
  readonly body: Buffer;
}

export interface BrokerAddress {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
}

export const apiVersionsRequest: Request = {
  name: 'ApiVersions',
  key: 18,
  version: 0,
  body: Buffer.alloc(0),
};

/**
 * The error code, 0 = none. @throws ForeignBytes when the answer is not a list of APIs with their versions.
 */
export function readApiVersions(reader: WireReader): number {
  const code = reader.int16();
  reader.array(() => [reader.int16(), reader.int16(), reader.int16()]);
  return code;
}

/** @param topics those to query, null for all. The request creates no topic. */
export const metadataRequest = (topics: readonly string[] | null): Request => {
  const writer = new WireWriter();
  if (topics === null) writer.int32(-1);
  else writer.array(topics, (topic) => writer.string(topic));
  return { name: 'Metadata', key: 3, version: 7, body: writer.int8(0).finish() };
};

export interface PartitionView {
  readonly partition: number;
  /** Node id; -1: none. */
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly replicas: readonly number[];
  /** In-sync replicas. */
  readonly isr: readonly number[];
}

export interface ClusterMetadata {
  readonly brokers: readonly BrokerAddress[];
  /** Partitions in the order of their numbers; a topic in error has none. */
  readonly topics: ReadonlyMap<string, readonly PartitionView[]>;
}

export function readMetadata(reader: WireReader): ClusterMetadata {
  reader.int32(); // throttle time
  const brokers = reader.array(() => {
    const broker = { nodeId: reader.int32(), host: reader.string() ?? '', port: reader.int32() };
    reader.string(); // rack
    return broker;
  });
  reader.string(); // cluster id
  reader.int32(); // controller id: a random broker under KRaft
  const topics = new Map<string, readonly PartitionView[]>();
  reader.array(() => {
    reader.int16(); // the topic's error
    const name = reader.string() ?? '';
    reader.int8(); // internal
    const partitions = reader.array(() => readPartition(reader));
    topics.set(
      name,
      partitions.toSorted((a, b) => a.partition - b.partition),
    );
  });
  return { brokers, topics };
}

function readPartition(reader: WireReader): PartitionView {
  reader.int16(); // An error here means: no leader, which is also reported as leader -1.
  const ids = (): number[] => reader.array(() => reader.int32());
  const partition = reader.int32();
  const leader = reader.int32();
  const leaderEpoch = reader.int32();
  const [replicas, isr] = [ids(), ids()];
  ids(); // offline replicas
  return { partition, leader, leaderEpoch, replicas, isr };
}

const END_OFFSET = -1n;
const START_OFFSET = -2n;

/**
 * End offsets of partitions of one topic, requested as a client (replica -1); only the leader answers.
 * @param which `start`: of the first record that is still kept.
 */
export function listOffsetsRequest(
  topic: string,
  partitions: readonly number[],
  which: 'start' | 'end' = 'end',
): Request {
  const body = new WireWriter().int32(-1).int32(1).string(topic);
  body.array(partitions, (one) => body.int32(one).int64(which === 'end' ? END_OFFSET : START_OFFSET));
  return { name: 'ListOffsets', key: 2, version: 1, body: body.finish() };
}

/** End offset by partition; omits partitions with an error. */
export function readEndOffsets(reader: WireReader): ReadonlyMap<number, bigint> {
  const found = new Map<number, bigint>();
  reader.array(() => {
    reader.string(); // topic
    reader.array(() => {
      const [partition, error] = [reader.int32(), reader.int16()];
      reader.int64(); // timestamp
      const offset = reader.int64();
      if (error === 0) found.set(partition, offset);
    });
  });
  return found;
}

const CONTROLLER_ENDPOINTS = 2;

/**
 * v1 has the endpoint type (KIP-919): 2 asks a controller for the active one; the controller answers from its
 * own state. The body: include_cluster_authorized_operations = false, endpoint_type, no tagged fields.
 */
export const describeClusterRequest: Request = {
  name: 'DescribeCluster',
  key: 60,
  version: 1,
  flexible: true,
  body: Buffer.from([0, CONTROLLER_ENDPOINTS, 0]),
};

/**
 * The active controller in this node's view, or null when it knows none or did not understand the request.
 */
export function readController(reader: WireReader): number | null {
  reader.skipTags();
  reader.int32(); // throttle time
  const error = reader.int16();
  reader.skipCompactString(); // error message
  reader.int8(); // endpoint type
  reader.skipCompactString(); // cluster id
  const controller = reader.int32();
  return error === 0 && controller >= 0 ? controller : null;
}
