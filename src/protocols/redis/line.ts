/**
 * One connection to a Redis server with deadlines of our own, and the part of RESP2 that its commands need.
 * Nothing is sent twice and nothing reconnects by itself: the owner of a line knows that server and client
 * stay the same.
 */
import type { Socket } from 'node:net';
import { messageOf } from '../../core/errors.ts';
import type { RedisEndpoint } from '../../core/topology.ts';
import { dial } from '../../system/dial.ts';
import { notAnAnswer } from '../../system/foreign-bytes.ts';
import { encodeCommand } from './command.ts';
import { authCommand, refusedLogin } from './log-in.ts';
import { RedisReplyError, RespReader, type RespValue } from './resp-reader.ts';

interface Waiting {
  resolve(value: RespValue): void;
  reject(error: Error): void;
}

export class RedisLine {
  readonly #socket: Socket;
  /** In the order of sending. A call that missed its deadline stays: its answer still comes first. */
  readonly #waiting: Waiting[] = [];
  readonly #reader = new RespReader();
  #failure: Error | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('connection closed')));
  }

  /**
   * Rejects with `no connection in N ms`, the socket's own error, why TLS failed, or with ServerWord for a login
   * that was refused, and then leaves nothing open.
   */
  static async open({ host, port, access }: RedisEndpoint, deadlineMs: number): Promise<RedisLine> {
    const until = performance.now() + deadlineMs;
    const line = new RedisLine(await dial(host, port, deadlineMs, access?.tls));
    if (access?.login === undefined) return line;
    try {
      await line.call(authCommand(access.login), Math.max(1, Math.ceil(until - performance.now())));
    } catch (error) {
      line.close();
      throw refusedLogin(access.login, messageOf(error)) ?? error;
    }
    return line;
  }

  get closed(): boolean {
    return this.#failure !== undefined;
  }

  /** Rejects with RedisReplyError, `no answer in N ms`, `connection closed`, or `not a Redis answer`. */
  call(args: readonly string[], deadlineMs: number): Promise<RespValue> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer in ${deadlineMs} ms`)), deadlineMs);
    });
    return Promise.race([this.send(args), late]).finally(() => clearTimeout(timer));
  }

  /** Like `call`, but waits for as long as the connection lives. */
  send(args: readonly string[]): Promise<RespValue> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#socket.write(encodeCommand(args));
    });
  }

  close(): void {
    this.#fail(new Error('connection closed'));
  }

  #read(chunk: Buffer): void {
    try {
      for (const reply of this.#reader.push(chunk)) this.#answer(reply);
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #answer(reply: RespValue | RedisReplyError): void {
    const waiting = this.#waiting.shift();
    // A server at its client limit reports that without a request and closes: use it as the reason for the
    // loss.
    if (!waiting) this.#fail(reply instanceof RedisReplyError ? reply : notAnAnswer('Redis'));
    else if (reply instanceof RedisReplyError) waiting.reject(reply);
    else waiting.resolve(reply);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const one of this.#waiting.splice(0)) one.reject(this.#failure);
    this.#socket.destroy();
  }
}
