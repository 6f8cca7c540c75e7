/**
 * Writes a tar archive (ustar) directly to a file and computes its digest; it supports only what an image
 * needs. Times are those of the files, truncated to the second, and owners are root: the same files give the
 * same bytes.
 */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, readSync, statSync, writeSync } from 'node:fs';

export interface TarEntry {
  /** Without a leading slash; at most 100 bytes of file name behind at most 155 of folders. */
  readonly path: string;
  /** Bytes themselves, or the absolute path of a file (links are followed). */
  readonly content: Buffer | string;
  readonly isExecutable: boolean;
}

const BLOCK = 512;
const CHUNK = 1 << 20;
/** The end of the archive: two empty blocks. */
const END = Buffer.alloc(2 * BLOCK);

const padded = (size: number): number => Math.ceil(size / BLOCK) * BLOCK;

export const sizeOf = ({ content }: TarEntry): number =>
  typeof content === 'string' ? statSync(content).size : content.length;

/** Size of the whole archive, known before it is written. */
export const tarSize = (entries: readonly TarEntry[]): number =>
  entries.reduce((sum, entry) => sum + BLOCK + padded(sizeOf(entry)), END.length);

/** Appends to an open file and updates every requested digest with each written byte. */
export class TarWriter {
  readonly #file: number;
  #hash: Hash | null = null;

  constructor(file: number) {
    this.#file = file;
  }

  add(entry: TarEntry): void {
    const size = sizeOf(entry);
    this.header(entry, size);
    if (typeof entry.content === 'string') this.#copy(entry.content);
    else this.#write(entry.content);
    this.pad(size);
  }

  /** Writes the header only: the caller then writes `size` bytes, and `pad`. */
  header(entry: Pick<TarEntry, 'path' | 'content' | 'isExecutable'>, size: number): void {
    this.#write(headerOf(entry, size));
  }

  pad(size: number): void {
    this.#write(Buffer.alloc(padded(size) - size));
  }

  end(): void {
    this.#write(END);
  }

  /** The SHA-256 of all that `write` appends, in hexadecimal digits. */
  digested(write: () => void): string {
    const hash = createHash('sha256');
    this.#hash = hash;
    try {
      write();
    } finally {
      this.#hash = null;
    }
    return hash.digest('hex');
  }

  #copy(path: string): void {
    const from = openSync(path, 'r');
    const chunk = Buffer.allocUnsafe(CHUNK);
    try {
      for (let read = readSync(from, chunk); read > 0; read = readSync(from, chunk)) {
        this.#write(chunk.subarray(0, read));
      }
    } finally {
      closeSync(from);
    }
  }

  #write(bytes: Buffer): void {
    this.#hash?.update(bytes);
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#file, bytes, done);
  }
}

function headerOf(
  { path, content, isExecutable }: Pick<TarEntry, 'path' | 'content' | 'isExecutable'>,
  size: number,
): Buffer {
  const header = Buffer.alloc(BLOCK);
  const { name, prefix } = nameFields(path);
  const octal = (value: number, width: number): string => `${value.toString(8).padStart(width - 1, '0')}\0`;
  const seconds = typeof content === 'string' ? Math.floor(statSync(content).mtimeMs / 1000) : 0;
  header.write(name, 0);
  header.write(octal(isExecutable ? 0o755 : 0o644, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(size, 12), 124);
  header.write(octal(seconds, 12), 136);
  // The checksum is computed with blanks in its own field.
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257, 'latin1');
  header.write(prefix, 345);
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

function nameFields(path: string): { readonly name: string; readonly prefix: string } {
  if (Buffer.byteLength(path) <= 100) return { name: path, prefix: '' };
  for (let cut = path.indexOf('/'); cut !== -1; cut = path.indexOf('/', cut + 1)) {
    const [prefix, name] = [path.slice(0, cut), path.slice(cut + 1)];
    if (Buffer.byteLength(prefix) <= 155 && Buffer.byteLength(name) <= 100) return { name, prefix };
  }
  throw new Error(`no room in a tar header for ${path}`);
}
