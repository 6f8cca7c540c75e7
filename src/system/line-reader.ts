/**
 * Reads a file of lines in pieces of 1 MiB: the log of a night does not fit into one string. Distinguishes a
 * missing file from an unreadable one, and a truncated last line from a complete one. Never throws because of
 * the file's content.
 */
import { isUtf8 } from 'node:buffer';
import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { messageOf } from '../core/errors.ts';

const PIECE = 1024 * 1024;
/**
 * No line of ours is nearly as long; without a limit a file without newlines would be read into memory as a
 * whole.
 */
const LONGEST_LINE = 16 * PIECE;
const NEWLINE = 10;

type Unread = { readonly kind: 'missing' } | { readonly kind: 'unreadable'; readonly why: string };

/** How reading ended. `cut`: the text after the last newline was left out; it would be line `lines + 1`. */
export type LinesEnd =
  | { readonly kind: 'whole' | 'cut'; readonly lines: number }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreadable'; readonly why: string };

export type WholeText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unreadable'; readonly why: string };

/**
 * @param use is called for each line that ends in a newline, from 1 on.
 * @param damaged is called instead for a line that is not UTF-8.
 */
export function readLines(
  path: string,
  use: (line: string, number: number) => void,
  damaged: (number: number) => void,
): LinesEnd {
  let number = 0;
  const lines = (bytes: Buffer): void => {
    // A piece is decoded as a whole; only one with a damaged line is decoded line by line.
    if (isUtf8(bytes)) {
      for (const line of bytes.toString('utf8').split('\n')) use(line, ++number);
      return;
    }
    for (let from = 0; from <= bytes.length; ) {
      const found = bytes.indexOf(NEWLINE, from);
      const line = bytes.subarray(from, found < 0 ? bytes.length : found);
      number += 1;
      if (isUtf8(line)) use(line.toString('utf8'), number);
      else damaged(number);
      from = found < 0 ? bytes.length + 1 : found + 1;
    }
  };
  let rest: Buffer = Buffer.alloc(0);
  const end = readPieces(path, (piece) => {
    const bytes = Buffer.concat([rest, piece]);
    const last = bytes.lastIndexOf(NEWLINE);
    if (last >= 0) lines(bytes.subarray(0, last));
    rest = bytes.subarray(last + 1);
    return rest.length <= LONGEST_LINE ? null : `line ${number + 1} is longer than ${LONGEST_LINE} bytes`;
  });
  if (end !== null) return end;
  return { kind: rest.length === 0 ? 'whole' : 'cut', lines: number };
}

/**
 * Every byte of a file in order.
 * @param use returns why it stops early, or null.
 * @returns null, or why not all was read.
 */
export function readPieces(path: string, use: (piece: Buffer) => string | null): Unread | null {
  return opened(path, (fd): Unread | null => {
    const piece = Buffer.alloc(PIECE);
    for (let size = readSync(fd, piece); size > 0; size = readSync(fd, piece)) {
      const why = use(piece.subarray(0, size));
      if (why !== null) return { kind: 'unreadable', why };
    }
    return null;
  });
}

/** Reads a small file as a whole. */
export function readWholeText(path: string): WholeText {
  return opened(path, (fd): WholeText => {
    if (fstatSync(fd).size > LONGEST_LINE) {
      return { kind: 'unreadable', why: `it is longer than ${LONGEST_LINE} bytes` };
    }
    const bytes = readFileSync(fd);
    return isUtf8(bytes)
      ? { kind: 'text', text: bytes.toString('utf8') }
      : { kind: 'unreadable', why: 'it is not UTF-8 text' };
  });
}

function opened<T>(path: string, read: (fd: number) => T): T | Unread {
  let fd: number;
  try {
    // Without O_NONBLOCK, opening a named pipe in place of a file would block forever.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? { kind: 'missing' } : { kind: 'unreadable', why: messageOf(error) };
  }
  try {
    const stat = fstatSync(fd);
    if (stat.isFile()) return read(fd);
    return { kind: 'unreadable', why: stat.isDirectory() ? 'it is a folder' : 'it is not a file' };
  } catch (error) {
    // A disk error; an exception of the caller's own code is a defect and stays one.
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return { kind: 'unreadable', why: messageOf(error) };
  } finally {
    closeSync(fd);
  }
}
