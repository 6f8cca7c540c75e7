/** One answer of HTTP/1.x, parsed as far as a probe needs: its end and its status. */
import { show } from '../../core/errors.ts';
import { isIn, mismatchOf, mismatchText, mismatchWord } from '../../core/good-answer.ts';
import { redact } from '../../core/secrets.ts';
import type { HttpAsk } from '../../core/system.ts';
import { ForeignBytes, notAnAnswer } from '../../system/foreign-bytes.ts';
import { ServerWord } from '../line/line.ts';
import type { AnswerReader } from '../line/socket-line.ts';

const START = Buffer.from('HTTP/1.');
const LONGEST_HEAD = 16 * 1024;
const END_OF_HEAD = '\r\n\r\n';

export type GoodHttp = Pick<HttpAsk, 'method' | 'statuses' | 'fields'>;

/** A status that is not good is a word of its own: `http-503`; so is a field: `degraded`. */
export function httpAnswer(good: GoodHttp): AnswerReader {
  let head: Head | undefined;
  let at = 0;
  return (bytes, isEnd) => {
    const begun = Math.min(START.length, bytes.length);
    if (!bytes.subarray(0, begun).equals(START.subarray(0, begun))) throw notAnAnswer('HTTP', bytes);
    if (!head) {
      const end = bytes.indexOf(END_OF_HEAD, Math.max(0, at - END_OF_HEAD.length));
      at = bytes.length;
      if ((end < 0 ? bytes.length : end) > LONGEST_HEAD) {
        throw new ForeignBytes(`a head above ${LONGEST_HEAD / 1024} KiB`);
      }
      if (end < 0) return undefined;
      head = headOf(bytes.toString('latin1', 0, end), end + END_OF_HEAD.length, good.method === 'head');
      at = head.size;
    }
    if (head.length === 'chunks') {
      for (let next = nextChunk(bytes, at); next !== undefined; next = nextChunk(bytes, at)) {
        at = next.end;
        if (next.isLast) return whole(bytes, head, at, good);
      }
      return undefined;
    }
    if (head.length === 'until the end') return isEnd ? whole(bytes, head, bytes.length, good) : undefined;
    const size = head.size + head.length;
    return bytes.length >= size ? whole(bytes, head, size, good) : undefined;
  };
}

interface Head {
  readonly status: string;
  readonly size: number;
  readonly length: number | 'chunks' | 'until the end';
}

function whole(bytes: Buffer, { status, size: from, length }: Head, size: number, good: GoodHttp): number {
  const body = bytes.subarray(from, size);
  judgeHttp(Number(status), () => (length === 'chunks' ? withoutChunks(body) : body).toString('utf8'), good);
  return size;
}

/** @throws ServerWord when the answer is not good: by its status, else by the first field. */
export function judgeHttp(status: number, body: () => string, { statuses, fields }: GoodHttp): void {
  // An answer may echo a header: redacted before it is shortened.
  const got = (): string => `${status} ${show(redact(body()))}`;
  if (!isIn(status, statuses)) throw new ServerWord(`http-${status}`, got());
  if (Object.keys(fields).length === 0) return;
  let json: unknown;
  try {
    json = JSON.parse(body());
  } catch {
    throw new ServerWord('not JSON', got());
  }
  const wrong = mismatchOf(fields, json);
  if (wrong === null) return;
  throw new ServerWord(mismatchWord(wrong), `${status} with ${redact(mismatchText(wrong))}`);
}

/** The data of a body whose chunks were all checked. */
function withoutChunks(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const line = body.indexOf('\r\n', at);
    const length = Number.parseInt(body.toString('latin1', at, line), 16);
    if (line < 0 || !(length > 0)) return Buffer.concat(parts);
    parts.push(body.subarray(line + 2, line + 2 + length));
    at = line + 2 + length + 2;
  }
}

/** @param isHead the answer to HEAD: its length is that of a body which does not come. */
function headOf(text: string, size: number, isHead: boolean): Head {
  const status = /^HTTP\/1\.\d (\d{3})(?: |\r|$)/.exec(text)?.[1];
  if (status === undefined) throw notAnAnswer('HTTP');
  if (isHead || /^(?:1\d\d|204|304)$/.test(status)) return { status, size, length: 0 };
  if (/\r\ntransfer-encoding:[^\r\n]*\bchunked\b/i.test(text)) return { status, size, length: 'chunks' };
  const written = /\r\ncontent-length:[ \t]*([^\r\n]*)/i.exec(text)?.[1]?.trimEnd();
  if (written === undefined) return { status, size, length: 'until the end' };
  const length = /^\d{1,15}$/.test(written) ? Number(written) : Number.NaN;
  if (Number.isNaN(length)) throw notAnAnswer('HTTP');
  return { status, size, length };
}

/** RFC 9112 §7.1. Does not parse trailers: no server sends them in answer to this question. */
function nextChunk(
  bytes: Buffer,
  from: number,
): { readonly end: number; readonly isLast: boolean } | undefined {
  const line = bytes.indexOf('\r\n', from);
  if (line < 0) {
    if (bytes.length - from > 1024) throw notAnAnswer('HTTP');
    return undefined;
  }
  const written = /^([0-9a-f]{1,8})(?:[ \t]*;.*)?$/i.exec(bytes.toString('latin1', from, line))?.[1];
  if (written === undefined) throw notAnAnswer('HTTP');
  const size = Number.parseInt(written, 16);
  const end = line + 2 + size + 2;
  if (bytes.length < end) return undefined;
  if (bytes[end - 2] !== 13 || bytes[end - 1] !== 10) throw notAnAnswer('HTTP');
  return { end, isLast: size === 0 };
}
