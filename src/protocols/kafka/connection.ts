/**
 * One TCP connection to a Kafka listener; the caller sets deadlines. Not kafkajs: it retries a timed-out
 * request on the same socket and keeps its cached view (measured: up to 53 s too long in a black hole), so it
 * cannot be the observer.
 */
import type { Socket } from 'node:net';
import type { Access } from '../../core/access.ts';
import { addressOf } from '../../core/address.ts';
import type { Login } from '../../core/login.ts';
import { dial } from '../../system/dial.ts';
import { notAnAnswer } from '../../system/foreign-bytes.ts';
import { KafkaFrames } from './frames.ts';
import type { Request } from './requests.ts';
import { SaslSession } from './sasl-session.ts';
import { WireReader, WireWriter } from './wire.ts';

export interface ConnectionOptions {
  /** The client id that brokers write into their logs and quotas. */
  readonly clientId: string;
  /** For one answer. */
  readonly mostBytes: number;
  /** Absent: none. */
  readonly login?: Login | undefined;
  /** For one who asks for one thing at a time: an answer is valid until the next request. */
  readonly keepsMemory?: boolean;
}

export class KafkaConnection {
  readonly #socket: Socket;
  readonly #clientId: string;
  readonly #frames: KafkaFrames;
  readonly #waiting = new Map<number, { resolve(answer: WireReader): void; reject(error: Error): void }>();
  readonly #session: SaslSession | undefined;
  #lastId = 0;
  #failure: Error | undefined;

  /** @param socket connected or connecting: requests are sent once it is connected. */
  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#clientId = options.clientId;
    this.#frames = new KafkaFrames(options.mostBytes, options.keepsMemory);
    this.#session = options.login && new SaslSession(options.login, (request) => this.#send(request));
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('connection closed')));
  }

  /**
   * @param address `host:port`.
   * Rejects with `no connection in N ms`, the socket's own error, why TLS failed, or with ServerWord for a login
   * that was refused; then nothing is left open.
   */
  static async open(
    address: string,
    deadlineMs: number,
    { access, ...options }: ConnectionOptions & { readonly access?: Access | undefined },
  ): Promise<KafkaConnection> {
    const { host, port } = addressOf(address);
    const until = performance.now() + deadlineMs;
    // The first answer comes after the first request.
    const read = (bytes: Buffer): void => connection.#read(bytes);
    const onBytes = options.keepsMemory === true ? read : undefined;
    const socket = await dial(host, port, deadlineMs, access?.tls, onBytes);
    const connection = new KafkaConnection(socket, { ...options, login: access?.login });
    const late = (): void => connection.close(new Error(`no answer in ${deadlineMs} ms`));
    const timer = setTimeout(late, Math.max(0, until - performance.now()));
    try {
      await connection.#enter();
    } finally {
      clearTimeout(timer);
    }
    return connection;
  }

  get closed(): boolean {
    return this.#failure !== undefined;
  }

  /**
   * Sends a request and resolves with its answer, without the correlation id. Has no deadline: the connection
   * stays usable after a caller has given up. Rejects with why the connection ended: `connection closed`,
   * `not a Kafka answer`, the socket's error, a login that was refused.
   */
  async request(request: Request): Promise<WireReader> {
    await this.#enter();
    return await this.#send(request);
  }

  /** The login, where there is one: before the first request, and again before its session is over. */
  async #enter(): Promise<void> {
    try {
      await this.#session?.ready();
    } catch (error) {
      this.close(error as Error);
      throw error;
    }
  }

  #send(request: Request): Promise<WireReader> {
    if (this.#failure) return Promise.reject(this.#failure);
    this.#lastId = (this.#lastId + 1) & 0x7fffffff;
    const id = this.#lastId;
    const head = new WireWriter().int16(request.key).int16(request.version).int32(id).string(this.#clientId);
    // A flexible request has tagged fields in its header: none.
    if (request.flexible) head.int8(0);
    const frame = head.raw(request.body).finish();
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#socket.write(new WireWriter().bytes(frame).finish());
    });
  }

  /** Rejects every pending request with `why`. */
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
        waiting.resolve(new WireReader(answer));
      }
    } catch (error) {
      this.close(error as Error);
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const one of waiting) one.reject(this.#failure);
  }
}
