/**
 * Topics with their identities, and what a login may do to them. Only flexible versions of Metadata have these
 * (Kafka 3.0 and later).
 */
import type { BrokerAddress, Request } from './requests.ts';
import { type WireReader, WireWriter } from './wire.ts';

/** An id of zeros: by name. */
const BY_NAME = Buffer.alloc(16);

/** The request creates no topic. */
export function topicsRequest(names: readonly string[]): Request {
  const writer = new WireWriter();
  writer.compactArray(names, (name) => writer.raw(BY_NAME).compactString(name).noTags());
  // Creates no topic, and asks which operations are allowed.
  const body = writer.int8(0).int8(1).noTags().finish();
  return { name: 'Metadata', key: 3, version: 12, flexible: true, body };
}

export interface LedPartition {
  readonly partition: number;
  /** Node id; -1: none. */
  readonly leader: number;
}

export interface TopicIdentity {
  readonly name: string;
  /** Another one after the topic was deleted and made again. */
  readonly id: string;
  /** Kafka's own, as `__consumer_offsets`. */
  readonly isInternal: boolean;
  /** In the order of their numbers. */
  readonly partitions: readonly LedPartition[];
  /** Operations by Kafka's number: bit 4 is Write. */
  readonly allowed: number;
}

export interface ClusterTopics {
  readonly cluster: string;
  readonly brokers: readonly BrokerAddress[];
  /** Those that exist and that this login may see. */
  readonly topics: readonly TopicIdentity[];
  /** Asked for, and in error: the code by name. */
  readonly errors: ReadonlyMap<string, number>;
}

export function readTopics(reader: WireReader): ClusterTopics {
  const ids = (): number[] => reader.compactArray(() => reader.int32());
  reader.skipTags(); // of the header
  reader.int32(); // throttle time
  const brokers = reader.compactArray(() => {
    const broker = { nodeId: reader.int32(), host: reader.compactString() ?? '', port: reader.int32() };
    reader.skipCompactString(); // rack
    reader.skipTags();
    return broker;
  });
  const cluster = reader.compactString() ?? '';
  reader.int32(); // controller id
  const topics: TopicIdentity[] = [];
  const errors = new Map<string, number>();
  reader.compactArray(() => {
    const error = reader.int16();
    const name = reader.compactString() ?? '';
    const id = reader.uuid();
    const isInternal = reader.int8() !== 0;
    const partitions = reader.compactArray(() => {
      reader.int16(); // error
      const one = { partition: reader.int32(), leader: reader.int32() };
      reader.int32(); // leader epoch
      for (let list = 0; list < 3; list += 1) ids(); // replicas, in-sync ones, offline ones
      reader.skipTags();
      return one;
    });
    const allowed = reader.int32();
    reader.skipTags();
    if (error === 0) topics.push({ name, id, isInternal, partitions: inOrder(partitions), allowed });
    else errors.set(name, error);
  });
  return { cluster, brokers, topics, errors };
}

const inOrder = <One extends { readonly partition: number }>(all: readonly One[]): readonly One[] =>
  all.toSorted((a, b) => a.partition - b.partition);
