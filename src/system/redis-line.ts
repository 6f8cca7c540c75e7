/**
 * One connection to a Redis server with deadlines of our own, and as much of RESP2 as its commands answer with. Nothing is
 * sent twice and nothing reconnects by itself: whoever holds a line knows that it is the same server and the same client.
 */
import type { Socket } from 'node:net';
import { dial } from './dial.ts';

export type RespValue = string | number | null | readonly RespValue[];

/** The server answered, and the answer was an error such as `ERR max number of clients reached`. */
export class RedisReplyError extends Error {}

interface Waiting {
  resolve(value: RespValue): void;
  reject(error: Error): void;
}

export class RedisLine {
  readonly #socket: Socket;
  /** In the order of sending. A call that missed its deadline stays: its answer still comes first. */
  readonly #waiting: Waiting[] = [];
  #buffer: Buffer = Buffer.alloc(0);
  #failure: Error | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('connection closed')));
  }

  /** Rejects with `no connection in N ms` or the socket's own error; nothing is left open then. */
  static async open(
    { host, port }: { readonly host: string; readonly port: number },
    deadlineMs: number,
  ): Promise<RedisLine> {
    return new RedisLine(await dial(host, port, deadlineMs));
  }

  get closed(): boolean {
    return this.#failure !== undefined;
  }

  /** Rejects with RedisReplyError, `no answer in N ms`, or `connection closed`. */
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
      this.#socket.write(encode(args));
    });
  }

  close(): void {
    this.#fail(new Error('connection closed'));
  }

  #read(chunk: Buffer): void {
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    for (;;) {
      const found = parseReply(this.#buffer, 0);
      if (found === undefined) return;
      this.#buffer = this.#buffer.subarray(found.end);
      const waiting = this.#waiting.shift();
      if (found.value instanceof RedisReplyError) {
        waiting?.reject(found.value);
        // A server at its client limit says so unasked and hangs up: that is why the line is lost.
        if (!waiting) this.#fail(found.value);
      } else waiting?.resolve(found.value);
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const one of this.#waiting.splice(0)) one.reject(this.#failure);
    this.#socket.destroy();
  }
}

function encode(args: readonly string[]): Buffer {
  const parts = args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`);
  return Buffer.from(`*${args.length}\r\n${parts.join('')}`);
}

interface Found<Value> {
  readonly value: Value;
  /** The offset behind it. */
  readonly end: number;
}

/** The reply that begins at an offset; undefined while it is incomplete. */
export function parseReply(bytes: Buffer, from: number): Found<RespValue | RedisReplyError> | undefined {
  const lineEnd = bytes.indexOf('\r\n', from);
  if (lineEnd < 0) return undefined;
  const line = bytes.toString('utf8', from + 1, lineEnd);
  const end = lineEnd + 2;
  switch (String.fromCharCode(bytes[from] ?? 0)) {
    case '+':
      return { value: line, end };
    case '-':
      return { value: new RedisReplyError(line), end };
    case ':':
      return { value: Number(line), end };
    case '$': {
      const length = Number(line);
      if (length < 0) return { value: null, end };
      if (bytes.length < end + length + 2) return undefined;
      return { value: bytes.toString('utf8', end, end + length), end: end + length + 2 };
    }
    case '*':
      return parseList(bytes, Number(line), end);
    default:
      return { value: new RedisReplyError(`not a Redis reply: ${line.slice(0, 40)}`), end };
  }
}

function parseList(
  bytes: Buffer,
  length: number,
  from: number,
): Found<RespValue | RedisReplyError> | undefined {
  if (length < 0) return { value: null, end: from };
  const values: RespValue[] = [];
  let end = from;
  for (let index = 0; index < length; index += 1) {
    const one = parseReply(bytes, end);
    if (one === undefined) return undefined;
    values.push(one.value instanceof RedisReplyError ? one.value.message : one.value);
    end = one.end;
  }
  return { value: values, end };
}
