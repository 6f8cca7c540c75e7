/**
 * A text for one program that we start, at a descriptor and under no path: keys are on no disk that outlives
 * this process, in no argument and in no environment. A pipe would not do: k6 opens what it reads by a path.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, openSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** In memory, where there is such a folder. */
const MEMORY = '/dev/shm';

/** An open descriptor; the caller closes it. Its program reads it at `/dev/fd/N`. */
export function privateText(text: string): number {
  const folder = existsSync(MEMORY) ? MEMORY : tmpdir();
  const path = join(folder, `gauntlet-${randomBytes(12).toString('hex')}`);
  writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
  try {
    return openSync(path, 'r');
  } finally {
    unlinkSync(path);
  }
}
