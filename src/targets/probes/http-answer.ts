/** One answer of HTTP/1.x, parsed as far as a probe needs: its end and its status. */
import { ForeignBytes, notAnAnswer } from '../../system/foreign-bytes.ts';
import { ServerWord } from './line.ts';
import type { AnswerReader } from './socket-line.ts';

const START = Buffer.from('HTTP/1.');
const LONGEST_HEAD = 16 * 1024;
const END_OF_HEAD = '\r\n\r\n';

/** 200 is good, every other status is a word of its own: `http-503`. */
export function httpAnswer(): AnswerReader {
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
      head = headOf(bytes.toString('latin1', 0, end), end + END_OF_HEAD.length);
      at = head.size;
    }
    if (head.length === 'chunks') {
      for (let next = nextChunk(bytes, at); next !== undefined; next = nextChunk(bytes, at)) {
        at = next.end;
        if (next.isLast) return whole(head, at);
      }
      return undefined;
    }
    if (head.length === 'until the end') return isEnd ? whole(head, bytes.length) : undefined;
    return bytes.length >= head.size + head.length ? whole(head, head.size + head.length) : undefined;
  };
}

interface Head {
  readonly status: string;
  readonly size: number;
  readonly length: number | 'chunks' | 'until the end';
}

function whole({ status }: Head, size: number): number {
  if (status !== '200') throw new ServerWord(`http-${status}`);
  return size;
}

function headOf(text: string, size: number): Head {
  const status = /^HTTP\/1\.\d (\d{3})(?: |\r|$)/.exec(text)?.[1];
  if (status === undefined) throw notAnAnswer('HTTP');
  if (/^(?:1\d\d|204|304)$/.test(status)) return { status, size, length: 0 };
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
