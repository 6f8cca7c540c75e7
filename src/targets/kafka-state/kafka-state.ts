/**
 * Asks a Kafka for its state, again and again over connections that are kept. Reads only, and writes nothing.
 */
import type { KafkaGroupReading, KafkaPartitions, KafkaReading } from '../../core/kafka-state.ts';
import type { KafkaEndpoint } from '../../core/topology.ts';
import { describeTopicsRequest, readTopicSetting } from '../../protocols/kafka/configs.ts';
import {
  describeGroupsRequest,
  findCoordinatorRequest,
  offsetFetchRequest,
  readCommittedOffsets,
  readCoordinator,
  readGroupStates,
} from '../../protocols/kafka/groups.ts';
import type { PartitionView } from '../../protocols/kafka/requests.ts';
import { knownEnds, type PartitionAt } from '../records/end-offsets.ts';
import { Leaders } from '../records/leaders.ts';

/** A broker answers from memory within milliseconds; one behind a black hole is not waited for. */
const ANSWER_MS = 600;
const IN_SYNC = 'min.insync.replicas';

export interface KafkaStateOptions {
  readonly service: string;
  readonly brokers: readonly KafkaEndpoint[];
  readonly topics: readonly string[];
  /** Consumer groups. */
  readonly groups: readonly string[];
  /** Those of the topics that the load writes to, and is followed in. Absent: none. */
  readonly written?: readonly string[];
}

type View = PartitionView & { readonly topic: string };

export class KafkaState {
  readonly #options: KafkaStateOptions;
  readonly #leaders: Leaders;
  /** By group. */
  readonly #coordinators = new Map<string, number>();
  /** By topic; undefined: not answered yet. */
  #least: ReadonlyMap<string, number> | undefined;

  constructor(options: KafkaStateOptions) {
    this.#options = options;
    this.#leaders = new Leaders(options.brokers, options.topics, { dialMs: ANSWER_MS });
  }

  async read(): Promise<Pick<KafkaReading, 'partitions' | 'ends' | 'groups'>> {
    const views = await this.#leaders.views().catch(() => []);
    if (views.length === 0) return { partitions: null, groups: {} };
    const agreed = agreedView(views);
    this.#least ??= await this.#leastInSync();
    const { groups: asked, written = [] } = this.#options;
    const known = asked.length + written.length === 0 ? [] : await this.#ends();
    // A lag of some partitions alone would be too small.
    const all = new Map(known.map(({ topic, partition, offset }) => [`${topic}/${partition}`, offset]));
    const ends = all.size === agreed.length ? all : null;
    const groups = await Promise.all(
      asked.map(async (group) => [group, await this.#group(group, ends)] as const),
    );
    const own = known.filter(({ topic }) => written.includes(topic));
    return {
      partitions: partitionsOf(agreed, this.#least),
      ...(written.length > 0 && {
        ends: Object.fromEntries(own.map((one) => [`${one.topic}/${one.partition}`, one.offset])),
      }),
      groups: Object.fromEntries(
        groups.flatMap(([name, one]) => (one === null ? [] : [[name, one] as const])),
      ),
    };
  }

  close(): void {
    this.#leaders.close();
  }

  /** Undefined: not allowed, or no answer. */
  async #leastInSync(): Promise<ReadonlyMap<string, number> | undefined> {
    const [broker] = this.#options.brokers;
    const request = describeTopicsRequest(this.#options.topics, IN_SYNC);
    try {
      const values = readTopicSetting(await this.#leaders.ask(broker?.id ?? -1, request, ANSWER_MS));
      return new Map([...values].map(([topic, value]) => [topic, Number(value)]));
    } catch {
      return undefined;
    }
  }

  /** Of the leaders that answer. */
  async #ends(): Promise<readonly PartitionAt[]> {
    try {
      return await knownEnds(this.#leaders);
    } catch {
      return [];
    }
  }

  async #group(group: string, ends: ReadonlyMap<string, number> | null): Promise<KafkaGroupReading | null> {
    try {
      const coordinator = await this.#coordinator(group);
      const states = readGroupStates(
        await this.#leaders.ask(coordinator, describeGroupsRequest([group]), ANSWER_MS),
      );
      const state = states.get(group);
      if (state === undefined) throw new Error('its coordinator does not know it');
      const committed = readCommittedOffsets(
        await this.#leaders.ask(coordinator, offsetFetchRequest(group), ANSWER_MS),
      );
      return { state, lag: committed && ends && lagOf(committed, ends) };
    } catch {
      // Another broker may have it by now.
      this.#coordinators.delete(group);
      return null;
    }
  }

  async #coordinator(group: string): Promise<number> {
    const known = this.#coordinators.get(group);
    if (known !== undefined) return known;
    const asked = this.#options.brokers.map(async ({ id }) =>
      readCoordinator(await this.#leaders.ask(id, findCoordinatorRequest(group), ANSWER_MS)),
    );
    const answers = await Promise.allSettled(asked);
    const found = answers
      .flatMap((one) => (one.status === 'fulfilled' ? one.value : null))
      .filter((one) => one !== null);
    const most = mostFrequent(found, String);
    if (most === undefined) throw new Error('no broker knows its coordinator');
    this.#coordinators.set(group, most);
    return most;
  }
}

/** Null: the group has committed nothing in these topics. */
function lagOf(committed: ReadonlyMap<string, number>, ends: ReadonlyMap<string, number>): number | null {
  const behind = [...committed].flatMap(([place, offset]) => {
    const end = ends.get(place);
    return end === undefined ? [] : [Math.max(0, end - offset)];
  });
  return behind.length === 0 ? null : behind.reduce((sum, one) => sum + one, 0);
}

/** Of each partition what most brokers see: one that is cut off keeps its old view. */
function agreedView(views: readonly (readonly View[])[]): readonly View[] {
  const seen = new Map<string, View[]>();
  for (const one of views.flat()) {
    const key = `${one.topic}/${one.partition}`;
    seen.set(key, [...(seen.get(key) ?? []), one]);
  }
  const keyOf = ({ leader, leaderEpoch, isr }: View): string => `${leaderEpoch} ${leader} ${[...isr].sort()}`;
  // Of views that are as frequent, the one of the latest election.
  return [...seen.values()].flatMap(
    (all) =>
      mostFrequent(
        [...all].sort((a, b) => b.leaderEpoch - a.leaderEpoch),
        keyOf,
      ) ?? [],
  );
}

/** Of several that are as frequent, the first. */
function mostFrequent<T>(all: readonly T[], keyOf: (one: T) => string): T | undefined {
  const count = (key: string): number => all.filter((one) => keyOf(one) === key).length;
  return all.reduce<T | undefined>(
    (best, one) => (best === undefined || count(keyOf(one)) > count(keyOf(best)) ? one : best),
    undefined,
  );
}

export function partitionsOf(
  views: readonly View[],
  least: ReadonlyMap<string, number> | undefined,
): KafkaPartitions {
  const count = (test: (one: View) => boolean): number => views.filter(test).length;
  const isKnown = views.every(({ topic }) => least?.has(topic) === true);
  return {
    all: views.length,
    writable: isKnown
      ? count(({ leader, isr, topic }) => leader >= 0 && isr.length >= (least?.get(topic) ?? 1))
      : null,
    inSync: count(({ isr, replicas }) => isr.length === replicas.length),
    preferred: count(({ leader, replicas }) => leader === replicas[0]),
  };
}
