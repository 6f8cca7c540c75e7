/**
 * A client's view of the cluster: addresses, leaders, coordinators, and one connection per broker. It asks
 * one broker after another for metadata, and ignores a leader of an older epoch than the known one, because
 * an isolated broker still claims its old partitions. After a broker once failed to answer, requests to it
 * fail immediately until it has answered a separate check. So an outage costs one deadline, and then the time
 * that the cluster needs to elect new leaders.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { addressOf } from '../../../../../src/core/address.ts';
import {
  BrokerConnection,
  fromMemory,
  nameOf,
  type TimedRequest,
} from '../../../../../src/protocols/kafka/broker-connection.ts';
import { KafkaError } from '../../../../../src/protocols/kafka/kafka-error.ts';
import {
  type BrokerAddress,
  metadataRequest,
  type PartitionView,
  readMetadata,
} from '../../../../../src/protocols/kafka/requests.ts';
import type { WireReader } from '../../../../../src/protocols/kafka/wire.ts';
import { findCoordinatorRequest, pingRequest, readCoordinator } from './producer-requests.ts';

export interface ClusterOptions {
  /** `host:port` of the bootstrap brokers. */
  readonly bootstrap: readonly string[];
  readonly clientId: string;
  /** Deadline of one request in ms, connecting included. */
  readonly requestTimeoutMs: number;
  readonly topics: readonly string[];
}

const RETRY_PAUSE_MS = 50;
const WAIT_PAUSE_MS = 3;
/** Pause between two checks of a silent broker (each has its own deadline). */
const RECHECK_PAUSE_MS = 100;

export class ClusterView {
  readonly #options: ClusterOptions;
  readonly #connections = new Map<string, BrokerConnection>();
  readonly #leaders = new Map<string, Map<number, PartitionView>>();
  /** Names of brokers that failed to answer and have not answered since. */
  readonly #silent = new Set<string>();
  #closed = false;
  #brokers: readonly BrokerAddress[];
  #next = 0;

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.#brokers = options.bootstrap.map((address, index) => ({
      nodeId: -1 - index,
      ...addressOf(address),
    }));
  }

  get brokers(): readonly BrokerAddress[] {
    return this.#brokers;
  }

  get requestTimeoutMs(): number {
    return this.#options.requestTimeoutMs;
  }

  /**
   * @throws KafkaError with remedy `refresh`: after the deadline, or immediately while the broker is known to
   * be silent.
   */
  async call(broker: BrokerAddress, request: TimedRequest): Promise<WireReader> {
    const name = nameOf(broker);
    if (this.#silent.has(name)) {
      throw new KafkaError(`${request.name} at ${name}: it does not answer`, 'refresh', name);
    }
    try {
      return await this.#connectionTo(broker).call(request);
    } catch (error) {
      if (!this.#silent.has(name)) void this.#watch(broker);
      throw error;
    }
  }

  isSilent(broker: BrokerAddress): boolean {
    return this.#silent.has(nameOf(broker));
  }

  /**
   * The partition for a key by librdkafka's `consistent` partitioner, which the real producers use: CRC-32 of
   * the key.
   * @throws KafkaError when the topic is not known.
   */
  partitionFor(topic: string, key: string): number {
    const known = [...(this.#leaders.get(topic)?.keys() ?? [])];
    const partition = known[crc32(key) % known.length];
    if (partition === undefined)
      throw new KafkaError(`topic ${topic} is not known to the cluster`, 'refresh');
    return partition;
  }

  /** Any broker that answers, a different one each time; not the blamed one if there are others. */
  anyBroker(blamed: string | null): BrokerAddress {
    return this.#another(blamed);
  }

  leaderOf(topic: string, partition: number): BrokerAddress {
    const leader = this.#leaders.get(topic)?.get(partition)?.leader ?? -1;
    const broker = this.#brokers.find((one) => one.nodeId === leader);
    if (!broker) throw new KafkaError(`${topic}-${partition} has no leader`, 'refresh');
    return broker;
  }

  /** @param blamed the broker to skip, because it has just failed. */
  async refresh(blamed: string | null = null): Promise<void> {
    const broker = this.#another(blamed);
    const answer = readMetadata(await this.call(broker, fromMemory(metadataRequest(this.#options.topics))));
    if (answer.brokers.length > 0) this.#brokers = this.#merged(answer.brokers);
    for (const [topic, partitions] of answer.topics) {
      const known = this.#leaders.get(topic) ?? new Map<number, PartitionView>();
      for (const one of partitions) {
        const before = known.get(one.partition);
        if (!before || one.leaderEpoch >= before.leaderEpoch) known.set(one.partition, one);
      }
      this.#leaders.set(topic, known);
    }
  }

  async findCoordinator(transactionalId: string, blamed: string | null = null): Promise<BrokerAddress> {
    const asked = this.#another(blamed);
    const answer = await this.call(asked, findCoordinatorRequest(transactionalId));
    return readCoordinator(answer, nameOf(asked));
  }

  /**
   * Repeats a step while Kafka says that a repetition can help, until the instant `untilMs`
   * (performance.now()).
   * @throws the KafkaError of the last try: remedy `renew` and `fail` immediately, others after `untilMs`.
   */
  async persist<T>(untilMs: number, step: (blamed: string | null) => Promise<T>): Promise<T> {
    let blamed: string | null = null;
    for (;;) {
      try {
        return await step(blamed);
      } catch (error) {
        if (!(error instanceof KafkaError) || error.remedy === 'renew' || error.remedy === 'fail')
          throw error;
        if (performance.now() >= untilMs) throw error;
        await sleep(error.remedy === 'wait' ? WAIT_PAUSE_MS : RETRY_PAUSE_MS);
        if (error.remedy === 'refresh') {
          blamed = error.broker;
          // The next try skips a broker that does not answer now; the step itself reports the error.
          await this.refresh(blamed).catch(() => undefined);
        }
      }
    }
  }

  close(): void {
    this.#closed = true;
    for (const connection of this.#connections.values()) connection.close();
  }

  /** A broker that no list contains at this moment (fenced) may still return. */
  #merged(fresh: readonly BrokerAddress[]): readonly BrokerAddress[] {
    const absent = this.#brokers.filter(
      (old) => old.nodeId >= 0 && !fresh.some((one) => one.nodeId === old.nodeId),
    );
    return [...fresh, ...absent];
  }

  #another(blamed: string | null): BrokerAddress {
    const answering = this.#brokers.filter((one) => !this.isSilent(one));
    const others = answering.filter((one) => nameOf(one) !== blamed);
    const choice = [others, answering, this.#brokers].find((list) => list.length > 0) ?? [];
    this.#next += 1;
    const broker = choice[this.#next % choice.length];
    if (!broker) throw new KafkaError('no broker address is known', 'fail');
    return broker;
  }

  #connectionTo(broker: BrokerAddress): BrokerConnection {
    const name = nameOf(broker);
    const known = this.#connections.get(name);
    if (known) return known;
    const { clientId, requestTimeoutMs } = this.#options;
    const connection = new BrokerConnection(broker, { clientId, timeoutMs: requestTimeoutMs });
    this.#connections.set(name, connection);
    return connection;
  }

  /** Checks a silent broker repeatedly until it answers. */
  async #watch(broker: BrokerAddress): Promise<void> {
    const name = nameOf(broker);
    this.#silent.add(name);
    while (!this.#closed) {
      try {
        await this.#connectionTo(broker).call(pingRequest);
        this.#silent.delete(name);
        return;
      } catch {
        await sleep(RECHECK_PAUSE_MS, undefined, { ref: false });
      }
    }
  }
}
