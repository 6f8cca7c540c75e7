/**
 * A file's content at the end of its run: its SHA-256 (as `sha256sum` prints it), its size, and intermediate
 * marks, so that the first changed line of an altered file can be located. Files are read in pieces; a digest
 * has at most 256 marks.
 */
import { createHash, type Hash } from 'node:crypto';
import { readPieces } from '../../system/line-reader.ts';

export interface FileDigest {
  readonly bytes: number;
  /** Newlines. */
  readonly lines: number;
  readonly sha256: string;
  /** Lines between two marks. */
  readonly every: number;
  /** After each `every` lines the first 8 hex digits of the SHA-256 of all bytes up to there. */
  readonly marks: string;
}

const MOST_MARKS = 256;
const MARK_DIGITS = 8;
const NEWLINE = 10;

export type Digested =
  | { readonly kind: 'digest'; readonly digest: FileDigest }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreadable'; readonly why: string };

/** @param every keeps the marks at this distance; default: as dense as their maximum number allows. */
export function digestOf(path: string, every?: number): Digested {
  const reader = new DigestReader(every);
  const end = readPieces(path, (piece) => {
    reader.push(piece);
    return null;
  });
  return end ?? { kind: 'digest', digest: reader.digest() };
}

/** The digest of the first bytes of a file to which lines may be appended later. */
export function digestOfPrefix(path: string, bytes: number, every: number): Digested {
  const reader = new DigestReader(every);
  let left = bytes;
  const end = readPieces(path, (piece) => {
    reader.push(piece.subarray(0, left));
    left -= Math.min(left, piece.length);
    return null;
  });
  return end ?? { kind: 'digest', digest: reader.digest() };
}

class DigestReader {
  readonly #hash: Hash = createHash('sha256');
  readonly #fixed: boolean;
  #every: number;
  #marks: string[] = [];
  #bytes = 0;
  #lines = 0;

  constructor(every: number | undefined) {
    this.#fixed = every !== undefined;
    this.#every = every ?? 1;
  }

  push(piece: Buffer): void {
    this.#bytes += piece.length;
    let hashed = 0;
    for (let at = piece.indexOf(NEWLINE); at >= 0; at = piece.indexOf(NEWLINE, at + 1)) {
      this.#lines += 1;
      if (this.#lines % this.#every !== 0) continue;
      this.#hash.update(piece.subarray(hashed, at + 1));
      hashed = at + 1;
      this.#marks.push(this.#hash.copy().digest('hex').slice(0, MARK_DIGITS));
      if (!this.#fixed && this.#marks.length > MOST_MARKS) this.#thin();
    }
    this.#hash.update(piece.subarray(hashed));
  }

  digest(): FileDigest {
    return {
      bytes: this.#bytes,
      lines: this.#lines,
      sha256: this.#hash.copy().digest('hex'),
      every: this.#every,
      marks: this.#marks.join(' '),
    };
  }

  /** Drops every second mark. */
  #thin(): void {
    this.#every *= 2;
    this.#marks = this.#marks.filter((_, index) => index % 2 === 1);
  }
}

/** The lines (from 1) between which a file first differs; both digests have marks at the same distance. */
export function firstDifference(
  was: FileDigest,
  is: FileDigest,
): { readonly line: number; readonly toLine: number } {
  const marks = was.marks === '' ? [] : was.marks.split(' ');
  const now = is.marks.split(' ');
  const index = marks.findIndex((mark, at) => mark !== now[at]);
  const same = index < 0 ? marks.length : index;
  const line = same * was.every + 1;
  // More text may follow the last line, or a part of a line.
  const most = Math.max(was.lines, is.lines, line);
  return { line, toLine: Math.min(line + was.every - 1, most) };
}
