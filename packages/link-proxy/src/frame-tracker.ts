/**
 * Follows the frames of one direction of an HTTP/2 connection from its first byte (RFC 9113 §4.1: nine bytes
 * of head, of which the first three are the length), so that a frame of ours goes between two frames and
 * never into one.
 */
const HEAD_BYTES = 9;

/**
 * GOAWAY of stream 0, NO_ERROR, with the highest stream id: calls in progress finish, new calls need another
 * connection.
 */
export const GOAWAY = Buffer.from([0, 0, 8, 7, 0, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0]);

/** What an HTTP/2 client sends first (RFC 9113 §3.4). */
export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

export class FrameTracker {
  #head: number[] = [];
  #payloadLeft = 0;
  #hasBegun = false;

  /** The bytes so far are whole frames, at least one: the first frame of a server must be its SETTINGS. */
  get atBoundary(): boolean {
    return this.#hasBegun && this.#head.length === 0 && this.#payloadLeft === 0;
  }

  see(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#payloadLeft > 0) {
        const bytes = Math.min(this.#payloadLeft, chunk.length - at);
        this.#payloadLeft -= bytes;
        at += bytes;
        continue;
      }
      this.#head.push(chunk[at] ?? 0);
      at += 1;
      if (this.#head.length < HEAD_BYTES) continue;
      const [high = 0, middle = 0, low = 0] = this.#head;
      this.#payloadLeft = high * 65_536 + middle * 256 + low;
      this.#head = [];
      this.#hasBegun = true;
    }
  }
}
