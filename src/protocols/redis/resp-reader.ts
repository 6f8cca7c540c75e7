/**
 * Parses replies of RESP2 once, from left to right: a list that arrives in a thousand pieces is not parsed
 * again with each. Lengths, depth and the size of one reply are bounded.
 */
import { ANSWER_BYTES, ByteQueue, notAnAnswer } from '../../system/foreign-bytes.ts';

export type RespValue = string | number | null | readonly RespValue[];

/** The server answered, and the answer was an error such as `ERR max number of clients reached`. */
export class RedisReplyError extends Error {}

/** No command of ours gets an answer with lists nested deeper. */
const DEEPEST = 4;
/** For a line; bulk strings may fill the whole reply. */
const LONGEST_LINE = 64 * 1024;

interface OpenList {
  readonly values: RespValue[];
  left: number;
}

export class RespReader {
  readonly #most: number;
  readonly #longestLine: number;
  readonly #queue = new ByteQueue();
  readonly #lists: OpenList[] = [];
  /** Bytes of the current reply. */
  #size = 0;
  /** No end of line was found before this position. */
  #searched = 0;

  /** @param most bytes of one reply. */
  constructor(most: number = ANSWER_BYTES) {
    this.#most = most;
    this.#longestLine = Math.min(LONGEST_LINE, most);
  }

  /** Bytes of an incomplete value. */
  get kept(): number {
    return this.#queue.length;
  }

  /**
   * The replies that this chunk completes; errors are values.
   * @throws ForeignBytes for what is not RESP2 or above a bound.
   */
  push(chunk: Buffer): (RespValue | RedisReplyError)[] {
    this.#queue.push(chunk);
    const replies: (RespValue | RedisReplyError)[] = [];
    for (let one = this.#next(); one !== undefined; one = this.#next()) {
      const reply = this.#place(one.value);
      if (reply !== undefined) replies.push(reply.value);
    }
    return replies;
  }

  /** The next value or head of a list; undefined when more bytes are needed. */
  #next(): { readonly value: RespValue | RedisReplyError | OpenList } | undefined {
    const { bytes } = this.#queue;
    if (bytes.length === 0) return undefined;
    const type = String.fromCharCode(bytes[0] ?? 0);
    if (!'+-:$*'.includes(type)) throw this.#foreign();
    const end = bytes.indexOf('\r\n', this.#searched);
    if (end < 0) {
      if (bytes.length > this.#longestLine) throw this.#foreign();
      this.#searched = Math.max(0, bytes.length - 1);
      return undefined;
    }
    if (end > this.#longestLine) throw this.#foreign();
    const line = bytes.toString('utf8', 1, end);
    if (type === '$') return this.#bulk(line, end + 2);
    this.#take(end + 2);
    if (type === '+') return { value: line };
    if (type === '-') return { value: new RedisReplyError(line) };
    const number = this.#whole(line);
    if (type === ':') return { value: number };
    if (number === -1) return { value: null };
    // Each value has at least three bytes: a longer list could never be complete below the cap.
    if (number < 0 || number * 3 > this.#most || this.#lists.length >= DEEPEST) throw this.#foreign();
    return { value: { values: [], left: number } };
  }

  #bulk(line: string, from: number): { readonly value: string | null } | undefined {
    const length = this.#whole(line);
    if (length < -1 || length > this.#most) throw this.#foreign();
    if (length === -1) {
      this.#take(from);
      return { value: null };
    }
    const { bytes } = this.#queue;
    if (bytes.length < from + length + 2) return undefined;
    if (bytes[from + length] !== 13 || bytes[from + length + 1] !== 10) throw this.#foreign();
    this.#take(from + length + 2);
    return { value: bytes.toString('utf8', from, from + length) };
  }

  /** Adds a value to its list; the outermost list that this completes is the reply. */
  #place(
    value: RespValue | RedisReplyError | OpenList,
  ): { readonly value: RespValue | RedisReplyError } | undefined {
    let done: RespValue | RedisReplyError;
    if (isOpenList(value)) {
      if (value.left > 0) {
        this.#lists.push(value);
        return undefined;
      }
      done = value.values;
    } else done = value;
    for (let list = this.#lists.at(-1); list !== undefined; list = this.#lists.at(-1)) {
      list.values.push(done instanceof RedisReplyError ? done.message : done);
      list.left -= 1;
      if (list.left > 0) return undefined;
      this.#lists.pop();
      done = list.values;
    }
    this.#size = 0;
    return { value: done };
  }

  #take(length: number): void {
    this.#size += length;
    if (this.#size > this.#most + this.#longestLine) throw this.#foreign();
    this.#queue.take(length);
    this.#searched = 0;
  }

  #whole(line: string): number {
    const value = /^[+-]?\d{1,16}$/.test(line) ? Number(line) : Number.NaN;
    if (!Number.isSafeInteger(value)) throw this.#foreign();
    return value;
  }

  #foreign(): Error {
    const foreign = notAnAnswer('Redis', this.#queue.bytes);
    this.#queue.clear();
    this.#lists.length = 0;
    return foreign;
  }
}

const isOpenList = (value: RespValue | RedisReplyError | OpenList): value is OpenList =>
  typeof value === 'object' && value !== null && 'left' in value;
