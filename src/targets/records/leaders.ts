/**
 * The brokers of a cluster and who leads which partition, each asked over a connection that is kept until
 * `close`. A broker is dialled at the target's own address for its id; where the target has none, at the
 * address that the cluster tells.
 */
import { formatAddress } from '../../core/address.ts';
import { messageOf } from '../../core/errors.ts';
import type { KafkaEndpoint } from '../../core/topology.ts';
import { KafkaConnection } from '../../protocols/kafka/connection.ts';
import {
  type BrokerAddress,
  metadataRequest,
  type PartitionView,
  type Request,
  readMetadata,
} from '../../protocols/kafka/requests.ts';
import type { WireReader } from '../../protocols/kafka/wire.ts';

const CLIENT_ID = 'gauntlet-records';
const DIAL_MS = 2000;
/** A batch can be larger than what was asked for: brokers send a first one whole. */
const MOST_BYTES = 128 * 1024 * 1024;

export interface Led {
  readonly topic: string;
  readonly partition: number;
  /** Node id; -1: none. */
  readonly leader: number;
}

export interface LeaderOptions {
  readonly dialMs?: number;
  /** Each broker is asked for one thing at a time: its answer is valid until it is asked again. */
  readonly keepsMemory?: boolean;
}

export class Leaders {
  readonly #known: readonly KafkaEndpoint[];
  readonly #topics: readonly string[];
  readonly #dialMs: number;
  readonly #keepsMemory: boolean;
  readonly #connections = new Map<string, KafkaConnection>();
  #told: readonly BrokerAddress[] = [];

  constructor(known: readonly KafkaEndpoint[], topics: readonly string[], options: LeaderOptions = {}) {
    this.#known = known;
    this.#dialMs = options.dialMs ?? DIAL_MS;
    this.#keepsMemory = options.keepsMemory ?? false;
    this.#topics = topics;
  }

  /**
   * The partitions of the topics that exist; of several views the one with the latest election.
   * @throws Error when no broker answers.
   */
  async view(): Promise<readonly Led[]> {
    const latest = new Map<string, PartitionView & Led>();
    for (const view of await this.views())
      for (const one of view) {
        const key = `${one.topic}/${one.partition}`;
        if (one.leaderEpoch > (latest.get(key)?.leaderEpoch ?? Number.NEGATIVE_INFINITY))
          latest.set(key, one);
      }
    return [...latest.values()].map(({ topic, partition, leader }) => ({ topic, partition, leader }));
  }

  /** What each broker that answers sees. @throws Error when none does. */
  async views(): Promise<readonly (readonly (PartitionView & Led)[])[]> {
    const answers = await Promise.allSettled(
      this.#known.map(async ({ client }) =>
        readMetadata(await this.#askAt(client, metadataRequest(this.#topics), this.#dialMs)),
      ),
    );
    const views = answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    if (views.length === 0)
      throw new Error(
        answers.map((one) => (one.status === 'rejected' ? messageOf(one.reason) : '')).join(', '),
      );
    this.#told = views.flatMap((one) => one.brokers);
    return views.map(({ topics }) =>
      [...topics].flatMap(([topic, partitions]) => partitions.map((one) => ({ ...one, topic }))),
    );
  }

  /** @throws Error when the broker is not known, or does not answer in time. */
  async ask(leader: number, request: Request, timeoutMs: number): Promise<WireReader> {
    const own = this.#known.find((one) => one.id === leader)?.client;
    const told = this.#told.find((one) => one.nodeId === leader);
    const address = own ?? (told && formatAddress(told));
    if (address === undefined) throw new Error(leader < 0 ? 'no leader' : `broker ${leader} is not known`);
    return await this.#askAt(address, request, timeoutMs);
  }

  close(): void {
    for (const one of this.#connections.values()) one.close();
  }

  async #askAt(address: string, request: Request, timeoutMs: number): Promise<WireReader> {
    const connection = await this.#connectionTo(address);
    const late = (): void => connection.close(new Error(`no answer in ${timeoutMs} ms`));
    const timer = setTimeout(late, timeoutMs);
    try {
      return await connection.request(request);
    } catch (error) {
      throw new Error(`${request.name} at ${address}: ${messageOf(error)}`);
    } finally {
      clearTimeout(timer);
    }
  }

  async #connectionTo(address: string): Promise<KafkaConnection> {
    const known = this.#connections.get(address);
    if (known && !known.closed) return known;
    // A broker that only the cluster tells is entered as its siblings.
    const { access } = this.#known.find((one) => one.client === address) ?? this.#known[0] ?? {};
    const options = { clientId: CLIENT_ID, mostBytes: MOST_BYTES, access, keepsMemory: this.#keepsMemory };
    const fresh = await KafkaConnection.open(address, this.#dialMs, options).catch((error: unknown) => {
      throw new Error(`${address}: ${messageOf(error)}`);
    });
    this.#connections.set(address, fresh);
    return fresh;
  }
}
