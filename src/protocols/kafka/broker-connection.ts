/**
 * One connection to one broker, opened on demand, with a deadline on every request. A request without an
 * answer in time closes the connection: a broker behind a black hole keeps its sockets open forever, and
 * waiting on them is why other clients take half a minute to fail over (docs/facts/kafka.md, "kafkajs in a
 * black hole").
 */
import type { Access } from '../../core/access.ts';
import { formatAddress } from '../../core/address.ts';
import { messageOf } from '../../core/errors.ts';
import { opening } from '../../system/dial.ts';
import { KafkaConnection } from './connection.ts';
import { KafkaError } from './kafka-error.ts';
import type { BrokerAddress, Request } from './requests.ts';
import type { WireReader } from './wire.ts';

/** For one answer: the sandbox has a few dozen partitions. */
const MOST_BYTES = 1024 * 1024;
/** A broker answers these from memory within milliseconds: ask another one when it takes longer. */
const FROM_MEMORY_MS = 400;

export const nameOf = (broker: BrokerAddress): string => formatAddress(broker);

export interface TimedRequest extends Request {
  /** The request's own deadline in ms, when it is shorter than the connection's. */
  readonly timeoutMs?: number;
}

export const fromMemory = (request: Request): TimedRequest => ({ ...request, timeoutMs: FROM_MEMORY_MS });

export interface BrokerOptions {
  readonly clientId: string;
  readonly timeoutMs: number;
  readonly access?: Access | undefined;
}

export class BrokerConnection {
  readonly #address: BrokerAddress;
  readonly #clientId: string;
  readonly #timeoutMs: number;
  readonly #access: Access | undefined;
  #connection: KafkaConnection | undefined;

  constructor(address: BrokerAddress, options: BrokerOptions) {
    this.#address = address;
    this.#clientId = options.clientId;
    this.#timeoutMs = options.timeoutMs;
    this.#access = options.access;
  }

  /** @throws KafkaError with remedy `refresh` when there is no answer in time (connecting included). */
  async call(request: TimedRequest): Promise<WireReader> {
    const connection = this.#open();
    const timeoutMs = Math.min(this.#timeoutMs, request.timeoutMs ?? this.#timeoutMs);
    const late = (): void => connection.close(new Error(`no answer in ${timeoutMs} ms`));
    const timer = setTimeout(late, timeoutMs);
    try {
      return await connection.request(request);
    } catch (error) {
      const broker = nameOf(this.#address);
      throw new KafkaError(`${request.name} at ${broker}: ${messageOf(error)}`, 'refresh', broker);
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#connection?.close();
  }

  #open(): KafkaConnection {
    if (this.#connection && !this.#connection.closed) return this.#connection;
    const { host, port } = this.#address;
    const options = { clientId: this.#clientId, mostBytes: MOST_BYTES, login: this.#access?.login };
    this.#connection = new KafkaConnection(opening(host, port, this.#access?.tls), options);
    return this.#connection;
  }
}
