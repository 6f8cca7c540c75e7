/**
 * A line over a socket, plain or TLS: one request of bytes, one answer that a protocol recognises. For Redis and
 * HTTP.
 */
import type { Socket } from 'node:net';
import type { Access } from '../../core/access.ts';
import type { Address } from '../../core/address.ts';
import { dial } from '../../system/dial.ts';
import { ByteQueue, ForeignBytes, PROBE_ANSWER_BYTES } from '../../system/foreign-bytes.ts';
import { type Dialler, type Line, ServerWord } from './line.ts';

export interface SocketProtocol {
  readonly host: string;
  readonly port: number;
  request(): Buffer;
  /** For one answer. */
  reader(): AnswerReader;
  /** A login: sent once on each connection, and answered before the first question. */
  readonly opening?: Pick<SocketProtocol, 'request' | 'reader'>;
}

/**
 * @param bytes of the answer so far, at most 64 KiB. @param isEnd no more can come.
 * @returns how many of them are the answer when it is complete and good; undefined while it is incomplete.
 * @throws ServerWord when it is complete and bad, ForeignBytes when it cannot become an answer.
 */
export type AnswerReader = (bytes: Buffer, isEnd: boolean) => number | undefined;

export const socketDialler = (protocol: SocketProtocol, access?: Access): Dialler => ({
  async dial(deadlineMs) {
    const { host, port } = protocol;
    const until = performance.now() + deadlineMs;
    const line = new SocketLine(await dial(host, port, deadlineMs, access?.tls), protocol);
    if (protocol.opening === undefined) return line;
    const timer = setTimeout(
      () => line.fail(new Error(`no answer in ${deadlineMs} ms`)),
      until - performance.now(),
    );
    try {
      await line.exchange(protocol.opening);
    } catch (error) {
      line.close();
      throw error;
    } finally {
      clearTimeout(timer);
    }
    return line;
  },
});

/** A connection is the answer; a held one is good for as long as it is open. */
export const connectDialler = ({ host, port }: Address, access?: Access): Dialler => ({
  async dial(deadlineMs) {
    const socket = await dial(host, port, deadlineMs, access?.tls);
    socket.on('error', () => undefined).resume();
    const isClosed = (): boolean => socket.destroyed || socket.readableEnded;
    return {
      get closed() {
        return isClosed();
      },
      async ask() {
        if (isClosed()) throw new Error('connection closed');
      },
      close: () => socket.destroy(),
    };
  },
});

interface Waiting {
  readonly read: AnswerReader;
  resolve(): void;
  reject(error: unknown): void;
}

class SocketLine implements Line {
  readonly #socket: Socket;
  readonly #protocol: SocketProtocol;
  readonly #queue = new ByteQueue();
  #waiting: Waiting | undefined;
  #failure: unknown;

  constructor(socket: Socket, protocol: SocketProtocol) {
    this.#socket = socket;
    this.#protocol = protocol;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', (error) => this.fail(error));
    socket.on('end', () => this.#end());
    socket.on('close', () => this.fail(new Error('connection closed')));
  }

  get closed(): boolean {
    return this.#failure !== undefined;
  }

  ask(): Promise<void> {
    return this.exchange(this.#protocol);
  }

  exchange({ request, reader }: Pick<SocketProtocol, 'request' | 'reader'>): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject, read: reader() };
      this.#socket.write(request());
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.#queue.push(chunk);
    this.#look(false);
  }

  /** An answer may end with its connection (HTTP/1.0). */
  #end(): void {
    if (this.#waiting && this.#queue.length > 0) this.#look(true);
    this.fail(new Error('connection closed'));
  }

  #look(isEnd: boolean): void {
    const { bytes } = this.#queue;
    try {
      // Reads unrequested bytes too: a Redis at its client limit sends an error and closes.
      const whole = (this.#waiting?.read ?? this.#protocol.reader())(bytes, isEnd);
      const isTooMuch =
        Math.max(bytes.length, whole ?? 0) > Math.min(whole ?? PROBE_ANSWER_BYTES, PROBE_ANSWER_BYTES);
      if (isTooMuch) throw new ForeignBytes(`an answer above ${PROBE_ANSWER_BYTES / 1024} KiB`);
      if (whole === undefined) return;
      if (!this.#waiting) throw new ForeignBytes('an answer to no question');
      this.#settle((waiting) => waiting.resolve());
    } catch (error) {
      if (error instanceof ServerWord && this.#waiting) this.#settle((waiting) => waiting.reject(error));
      else this.fail(error);
    }
    this.#queue.clear();
  }

  /** Ends it with this reason. */
  fail(error: unknown): void {
    this.#failure ??= error;
    this.#settle((waiting) => waiting.reject(this.#failure));
    this.#socket.destroy();
  }

  #settle(how: (waiting: Waiting) => void): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) how(waiting);
  }
}
