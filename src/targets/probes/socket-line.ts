/** A line over a plain TCP socket: one request of bytes, one answer that a protocol recognises. For Redis and HTTP. */
import type { Socket } from 'node:net';
import { dial } from '../../system/dial.ts';
import type { Dialler, Line } from './line.ts';

export interface SocketProtocol {
  readonly host: string;
  readonly port: number;
  request(): Buffer;
  /** Undefined while the answer is incomplete; true when it is whole and good; throws ServerWord when it is whole and bad. */
  answered(bytes: Buffer): true | undefined;
}

export const socketDialler = (protocol: SocketProtocol): Dialler => ({
  async dial(deadlineMs) {
    return new SocketLine(await dial(protocol.host, protocol.port, deadlineMs), protocol);
  },
});

class SocketLine implements Line {
  readonly #socket: Socket;
  readonly #protocol: SocketProtocol;
  #waiting: { resolve(): void; reject(error: unknown): void } | undefined;
  #failure: Error | undefined;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(socket: Socket, protocol: SocketProtocol) {
    this.#socket = socket;
    this.#protocol = protocol;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('end', () => this.#fail(new Error('connection closed')));
    socket.on('close', () => this.#fail(new Error('connection closed')));
  }

  get closed(): boolean {
    return this.#failure !== undefined;
  }

  ask(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(this.#protocol.request());
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    try {
      if (this.#protocol.answered(this.#bytes) === undefined) return;
      this.#settle((waiting) => waiting.resolve());
    } catch (error) {
      this.#settle((waiting) => waiting.reject(error));
    }
    this.#bytes = Buffer.alloc(0);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#settle((waiting) => waiting.reject(this.#failure));
    this.#socket.destroy();
  }

  #settle(how: (waiting: { resolve(): void; reject(error: unknown): void }) => void): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) how(waiting);
  }
}
