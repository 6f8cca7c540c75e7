/**
 * One connection to one broker, with a deadline on every request. A request that is not answered in time closes the
 * connection: a broker behind a black hole keeps its sockets open for ever, and waiting on them is what makes other
 * clients take half a minute to fail over (facts/kafka.md §7).
 */
import { connect, type Socket } from 'node:net';
import { formatAddress } from '../../../../../src/core/address.ts';
import { messageOf } from '../../../../../src/core/errors.ts';
import { notAnAnswer } from '../../../../../src/system/foreign-bytes.ts';
import { type KafkaFrame, KafkaFrames } from '../../../../../src/system/kafka-frames.ts';
import { WireReader, WireWriter } from '../../../../../src/system/kafka-wire.ts';
import { KafkaError } from './kafka-error.ts';

/** Of one answer: the sandbox has a few dozen partitions. */
const MOST_BYTES = 1024 * 1024;

export interface BrokerAddress {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
}

export const nameOf = (broker: BrokerAddress): string => formatAddress(broker);

export interface Request {
  readonly name: string;
  readonly key: number;
  readonly version: number;
  readonly body: Buffer;
  /** A deadline of its own, when it is shorter than the connection's. */
  readonly timeoutMs?: number;
}

interface Waiting {
  readonly name: string;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (answer: WireReader) => void;
  readonly reject: (error: KafkaError) => void;
}

export class BrokerConnection {
  readonly #address: BrokerAddress;
  readonly #clientId: string;
  readonly #timeoutMs: number;
  readonly #waiting = new Map<number, Waiting>();
  #socket: Socket | undefined;
  #lastId = 0;

  constructor(address: BrokerAddress, options: { readonly clientId: string; readonly timeoutMs: number }) {
    this.#address = address;
    this.#clientId = options.clientId;
    this.#timeoutMs = options.timeoutMs;
  }

  /** @throws KafkaError with remedy `refresh` when there is no answer in time (connecting included). */
  call(request: Request): Promise<WireReader> {
    const socket = this.#open();
    this.#lastId = (this.#lastId + 1) & 0x7fffffff;
    const id = this.#lastId;
    const head = new WireWriter().int16(request.key).int16(request.version).int32(id).string(this.#clientId);
    const frame = head.raw(request.body).finish();
    const timeoutMs = Math.min(this.#timeoutMs, request.timeoutMs ?? this.#timeoutMs);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#fail(`no answer in ${timeoutMs} ms`), timeoutMs);
      this.#waiting.set(id, { name: request.name, timer, resolve, reject });
      socket.write(new WireWriter().int32(frame.length).raw(frame).finish());
    });
  }

  close(): void {
    this.#fail('connection closed');
  }

  #open(): Socket {
    if (this.#socket && !this.#socket.destroyed) return this.#socket;
    const { host, port } = this.#address;
    const socket = connect({ host, port, noDelay: true });
    const failed = (why: string): void => {
      // A successor may have been opened meanwhile; its requests are none of this socket's business.
      if (this.#socket === socket) this.#fail(why);
    };
    const frames = new KafkaFrames(MOST_BYTES);
    socket.on('data', (chunk) => {
      if (this.#socket !== socket) return;
      try {
        for (const frame of frames.push(chunk)) this.#answer(frame);
      } catch (error) {
        failed(messageOf(error));
      }
    });
    socket.on('error', (error) => failed(error.message));
    socket.on('close', () => failed('connection closed by the broker'));
    this.#socket = socket;
    return socket;
  }

  #answer({ correlation, answer }: KafkaFrame): void {
    const waiting = this.#waiting.get(correlation);
    if (!waiting) throw notAnAnswer('Kafka');
    this.#waiting.delete(correlation);
    clearTimeout(waiting.timer);
    waiting.resolve(new WireReader(answer));
  }

  #fail(why: string): void {
    const broker = nameOf(this.#address);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
    const failed = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { name, timer, reject } of failed) {
      clearTimeout(timer);
      reject(new KafkaError(`${name} at ${broker}: ${why}`, 'refresh', broker));
    }
  }
}
