/**
 * One TCP connection to a Kafka listener, with deadlines of our own. kafkajs retries a timed-out request on the same
 * socket and keeps its cached view (measured: up to 53 s too long in a black hole), so it cannot be the observer.
 */
import type { Socket } from 'node:net';
import { addressOf } from '../../core/address.ts';
import { dial } from '../../system/dial.ts';
import { notAnAnswer } from '../../system/foreign-bytes.ts';
import { KafkaFrames } from '../../system/kafka-frames.ts';
import { WireWriter } from '../../system/kafka-wire.ts';

export class KafkaConnection {
  readonly #socket: Socket;
  readonly #frames: KafkaFrames;
  readonly #waiting = new Map<number, { resolve(frame: Buffer): void; reject(error: Error): void }>();
  #correlation = 0;
  #failure: Error | undefined;

  private constructor(socket: Socket, mostBytes: number) {
    this.#socket = socket;
    this.#frames = new KafkaFrames(mostBytes);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('connection closed')));
  }

  /**
   * @param address `host:port`. @param mostBytes of one answer.
   * Rejects with `no connection in N ms` or the socket's own error.
   */
  static async open(address: string, deadlineMs: number, mostBytes: number): Promise<KafkaConnection> {
    const { host, port } = addressOf(address);
    return new KafkaConnection(await dial(host, port, deadlineMs), mostBytes);
  }

  get closed(): boolean {
    return this.#failure !== undefined;
  }

  /** Sends a request and resolves with the answer after its correlation id. The connection survives a missed deadline. */
  request(
    api: { readonly key: number; readonly version: number; readonly flexible: boolean },
    body: Buffer,
  ): Promise<Buffer> {
    if (this.#failure) return Promise.reject(this.#failure);
    this.#correlation += 1;
    const id = this.#correlation;
    const head = new WireWriter().int16(api.key).int16(api.version).int32(id).string('gauntlet');
    // A flexible request has tagged fields in its header: none.
    if (api.flexible) head.int8(0);
    const frame = head.raw(body).finish();
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#socket.write(new WireWriter().bytes(frame).finish());
    });
  }

  close(why = new Error('connection closed')): void {
    this.#socket.destroy();
    this.#fail(why);
  }

  #read(chunk: Buffer): void {
    try {
      for (const { correlation, answer } of this.#frames.push(chunk)) {
        const waiting = this.#waiting.get(correlation);
        if (!waiting) throw notAnAnswer('Kafka');
        this.#waiting.delete(correlation);
        waiting.resolve(answer);
      }
    } catch (error) {
      this.close(error as Error);
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const one of this.#waiting.values()) one.reject(this.#failure);
    this.#waiting.clear();
  }
}

/** Rejects with `no answer in N ms` when the work takes longer; the work itself is not cancelled. */
export async function within<T>(deadlineMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${deadlineMs} ms`)), deadlineMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
