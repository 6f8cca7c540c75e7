/** Lines of a stream, without the newline. A line without end is refused before it fills the memory. */
import type { Readable } from 'node:stream';
import { ANSWER_BYTES, ByteQueue, ForeignBytes } from './foreign-bytes.ts';

const NEWLINE = 10;

export class LineReader {
  readonly #longest: number;
  readonly #queue = new ByteQueue();

  /** @param longest bytes of one line. */
  constructor(longest: number = ANSWER_BYTES) {
    this.#longest = longest;
  }

  /** Bytes of an incomplete line. */
  get kept(): number {
    return this.#queue.length;
  }

  /**
   * The lines that this chunk completes.
   * @throws ForeignBytes for a line above the limit; nothing is kept then.
   */
  push(chunk: Buffer): string[] {
    const lines: string[] = [];
    let at = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, at)) {
      this.#keep(chunk.subarray(at, end));
      lines.push(this.#queue.bytes.toString('utf8'));
      this.#queue.clear();
      at = end + 1;
    }
    this.#keep(chunk.subarray(at));
    return lines;
  }

  #keep(bytes: Buffer): void {
    if (this.#queue.length + bytes.length > this.#longest) {
      this.#queue.clear();
      throw new ForeignBytes(`a line above ${this.#longest.toLocaleString('en')} bytes`);
    }
    if (bytes.length > 0) this.#queue.push(bytes);
  }
}

/**
 * Passes on each line of a stream.
 * @param onForeign called once, with what `onLine` threw or with a line above the limit; the rest of the
 * stream is then discarded.
 */
export function readStreamLines(
  stream: Readable,
  onLine: (line: string) => void,
  onForeign: (error: unknown) => void,
): void {
  const reader = new LineReader();
  const onData = (chunk: Buffer): void => {
    try {
      for (const line of reader.push(chunk)) onLine(line);
    } catch (error) {
      stream.off('data', onData);
      stream.resume();
      onForeign(error);
    }
  };
  stream.on('data', onData);
}
