/**
 * A record as places in the bytes of its batch: nothing is copied or decoded before somebody asks for it. A
 * Buffer for each key, value and header costs more than all that is read of most records.
 */

/** A part of some bytes. */
export interface Piece {
  readonly bytes: Buffer;
  readonly from: number;
  /** Behind its last byte. */
  readonly to: number;
}

export const pieceOf = (bytes: Buffer): Piece => ({ bytes, from: 0, to: bytes.length });

export const textOf = ({ bytes, from, to }: Piece): string => bytes.toString('utf8', from, to);

/** Where a header's name is, and its value; -1: it has none. */
const NUMBERS = 4;

export class KafkaRecord {
  readonly offset: number;
  /** Epoch ms: by its producer's clock, or of a topic with LogAppendTime by the broker's. */
  readonly at: number;
  readonly key: Piece | null;
  readonly value: Piece | null;
  readonly #bytes: Buffer;
  readonly #headers: readonly number[];

  /** @param headers four numbers each: from and to of the name, from and to of the value. */
  constructor(
    offset: number,
    at: number,
    key: Piece | null,
    value: Piece | null,
    bytes: Buffer,
    headers: readonly number[],
  ) {
    this.offset = offset;
    this.at = at;
    this.key = key;
    this.value = value;
    this.#bytes = bytes;
    this.#headers = headers;
  }

  /** The first one of that name as text. Undefined: there is none, or it has no value. */
  header(name: string): string | undefined {
    const headers = this.#headers;
    for (let at = 0; at < headers.length; at += NUMBERS) {
      if (this.#text(headers[at], headers[at + 1]) !== name) continue;
      return headers[at + 2] === -1 ? undefined : this.#text(headers[at + 2], headers[at + 3]);
    }
    return undefined;
  }

  #text(from: number | undefined, to: number | undefined): string {
    return this.#bytes.toString('utf8', from, to);
  }
}
