/** A folder that is still there after a loss of power, not only after a crash of this process. */
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { isFolder, makeFolder } from './make-folder.ts';

/** Like `mkdir -p`; each new folder is on the disk in the folder above it. @throws the system's own error. */
export function makeDurableFolder(path: string): void {
  if (isFolder(path)) return;
  const above = dirname(path);
  if (above !== path) makeDurableFolder(above);
  makeFolder(path);
  const fd = openSync(above, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
