/**
 * Bytes of a peer, kept until they form a whole frame. All readers of a protocol use this code, so that no
 * peer can end this process or fill its memory: each reader has a cap, and bytes that cannot be an answer
 * fail the connection with a message.
 */

/**
 * A peer sent what its protocol does not define, or more than our cap; the message is the outcome: `not a
 * Kafka answer`.
 */
export class ForeignBytes extends Error {}

/** For one answer to a probe. */
export const PROBE_ANSWER_BYTES = 64 * 1024;
/** For one answer, line or body to any other caller. */
export const ANSWER_BYTES = 1024 * 1024;

/**
 * @param protocol such as `Kafka`. @param bytes as received: HTTP and TLS are named, because a wrong port is
 * the usual cause.
 * @returns `not a Kafka answer`, or `not a Kafka answer (it speaks HTTP)`.
 */
export function notAnAnswer(protocol: string, bytes?: Uint8Array): ForeignBytes {
  const article = protocol.startsWith('H') ? 'an' : 'a';
  const spoken = bytes && languageOf(bytes);
  const hint = spoken === undefined || spoken === protocol ? '' : ` (it speaks ${spoken})`;
  return new ForeignBytes(`not ${article} ${protocol} answer${hint}`);
}

function languageOf(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, 5)).toString('latin1');
  if (head === 'HTTP/') return 'HTTP';
  // A TLS record (RFC 8446 §5.1): alert or handshake, version 3.x.
  if ((bytes[0] === 0x15 || bytes[0] === 0x16) && bytes[1] === 3 && (bytes[2] ?? 9) <= 4) return 'TLS';
  if (/^SSH-/.test(head)) return 'SSH';
  return undefined;
}

/**
 * A queue of bytes that grows by doubling: a peer that sends one byte at a time costs no more than one that
 * sends all at once. Bytes that were returned are never overwritten, unless it keeps its memory.
 */
export class ByteQueue {
  readonly #keepsMemory: boolean;
  #store: Buffer = Buffer.alloc(0);
  #from = 0;
  #to = 0;

  /**
   * @param keepsMemory one memory for all: bytes that were returned, and those that were pushed, are valid
   * until the next push. Fresh memory for each megabyte costs more than what is done with it.
   */
  constructor(keepsMemory = false) {
    this.#keepsMemory = keepsMemory;
  }

  get length(): number {
    return this.#to - this.#from;
  }

  /** What is there now. */
  get bytes(): Buffer {
    return this.#store.subarray(this.#from, this.#to);
  }

  push(chunk: Buffer): void {
    if (this.length === 0 && !this.#keepsMemory) {
      [this.#store, this.#from, this.#to] = [chunk, 0, chunk.length];
      return;
    }
    const needed = this.length + chunk.length;
    // The first chunk is the socket's own memory: do not write after it.
    const room = this.#store.length - this.#from;
    if (room < needed || this.#to === this.#store.length) {
      const grown = Buffer.allocUnsafe(Math.max(1024, 2 * needed));
      this.#store.copy(grown, 0, this.#from, this.#to);
      [this.#to, this.#from, this.#store] = [this.length, 0, grown];
    }
    chunk.copy(this.#store, this.#to);
    this.#to += chunk.length;
  }

  /** Takes the memory for a frame once, and not by doubling. @param total bytes of it. */
  reserve(total: number): void {
    if (total <= this.length || this.#store.length - this.#from >= total) return;
    const grown = Buffer.allocUnsafe(total);
    this.#store.copy(grown, 0, this.#from, this.#to);
    [this.#to, this.#from, this.#store] = [this.length, 0, grown];
  }

  /** Removes and returns the first bytes. */
  take(length: number): Buffer {
    const taken = this.#store.subarray(this.#from, this.#from + length);
    this.#from += length;
    if (this.#from >= this.#to) this.clear();
    return taken;
  }

  clear(): void {
    if (!this.#keepsMemory) this.#store = Buffer.alloc(0);
    [this.#from, this.#to] = [0, 0];
  }
}
