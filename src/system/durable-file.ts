import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** A file of lines that only grows; after a crash of this process each line is complete or absent. */
export interface LineFile {
  append(line: string): void;
  close(): void;
}

/**
 * @param fsync true: a line is on the disk when `append` returns (journal); false: in the kernel (events).
 */
export function openLineFile(path: string, options: { readonly fsync: boolean }): LineFile {
  const fd = openSync(path, 'a');
  return {
    append(line) {
      const bytes = Buffer.from(`${line}\n`);
      let written = 0;
      while (written < bytes.length) written += writeSync(fd, bytes, written);
      if (options.fsync) fsyncSync(fd);
    },
    close: () => closeSync(fd),
  };
}

/** Replaces a file atomically: readers see the old text or the new one. */
export function writeWhole(path: string, text: string): void {
  // A folder can be shared by containers, in which all process ids are alike.
  const aside = `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
  try {
    writeFileSync(aside, text);
    const fd = openSync(aside, 'r');
    fsyncSync(fd);
    closeSync(fd);
    renameSync(aside, path);
  } catch (error) {
    // On a full disk a nameless partial file would otherwise remain.
    rmSync(aside, { force: true });
    throw error;
  }
  const folder = openSync(dirname(path), 'r');
  fsyncSync(folder);
  closeSync(folder);
}
