import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** A file of lines that only grows; each line is whole or absent after a crash of this process. */
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

/** Replaces a file at one instant: readers see the old text or the new one. */
export function writeWhole(path: string, text: string): void {
  const aside = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(aside, text);
    const fd = openSync(aside, 'r');
    fsyncSync(fd);
    closeSync(fd);
    renameSync(aside, path);
  } catch (error) {
    // Half a file of no name would be all that is left on a full disk.
    rmSync(aside, { force: true });
    throw error;
  }
  const folder = openSync(dirname(path), 'r');
  fsyncSync(folder);
  closeSync(folder);
}
