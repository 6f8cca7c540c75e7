/**
 * One connection to one broker, with a deadline on every request. A request that is not answered in time closes the
 * connection: a broker behind a black hole keeps its sockets open for ever, and waiting on them is what makes other
 * clients take half a minute to fail over (facts/kafka.md §7).
 */
import { connect, type Socket } from 'node:net';
import { formatAddress } from '../../../core/address.ts';
import { WireReader, WireWriter } from '../../../system/kafka-wire.ts';
import { KafkaError } from './kafka-error.ts';

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
  #received: Buffer[] = [];
  #receivedBytes = 0;
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
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', (error) => failed(error.message));
    socket.on('close', () => failed('connection closed by the broker'));
    this.#socket = socket;
    this.#received = [];
    this.#receivedBytes = 0;
    return socket;
  }

  #receive(chunk: Buffer): void {
    this.#received.push(chunk);
    this.#receivedBytes += chunk.length;
    if (this.#receivedBytes < 4) return;
    let buffer = this.#received.length === 1 ? chunk : Buffer.concat(this.#received);
    while (buffer.length >= 4 && buffer.length >= 4 + buffer.readInt32BE(0)) {
      const size = buffer.readInt32BE(0);
      this.#answer(buffer.subarray(4, 4 + size));
      buffer = buffer.subarray(4 + size);
    }
    this.#received = buffer.length > 0 ? [buffer] : [];
    this.#receivedBytes = buffer.length;
  }

  #answer(frame: Buffer): void {
    const reader = new WireReader(frame);
    const id = reader.int32();
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    waiting.resolve(reader);
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
