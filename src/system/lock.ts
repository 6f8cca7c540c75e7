import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isAlive, processStat } from './proc.ts';

export interface LockHolder {
  readonly pid: number;
  readonly startTicks: string;
  /** What the holder is doing, for the message to whoever comes second. */
  readonly purpose: string;
}

export type LockAttempt =
  | { readonly held: true; release(): void }
  | { readonly held: false; readonly holder: LockHolder };

/**
 * Takes a lock file, or tells who has it. A lock of a dead process is taken over: the file names pid and start time.
 * The file appears complete or not at all (written aside, then hard-linked, which fails if the name exists).
 */
export function tryLock(path: string, purpose: string): LockAttempt {
  mkdirSync(dirname(path), { recursive: true });
  const me: LockHolder = {
    pid: process.pid,
    startTicks: processStat(process.pid)?.startTicks ?? '0',
    purpose,
  };
  const aside = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  writeFileSync(aside, JSON.stringify(me));
  try {
    for (let attempt = 0; attempt < 10; attempt += 1) {
      try {
        linkSync(aside, path);
        return { held: true, release: () => releaseLock(path, me) };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = readHolder(path);
      if (holder && isAlive(holder.pid, holder.startTicks)) return { held: false, holder };
      rmSync(path, { force: true });
    }
  } finally {
    rmSync(aside, { force: true });
  }
  throw new Error(`${path}: the lock file keeps coming back; remove it by hand`);
}

/** Who holds the lock now, if a living process does. */
export function lockHolder(path: string): LockHolder | undefined {
  const holder = readHolder(path);
  return holder && isAlive(holder.pid, holder.startTicks) ? holder : undefined;
}

function readHolder(path: string): LockHolder | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as LockHolder;
  } catch {
    return undefined;
  }
}

function releaseLock(path: string, me: LockHolder): void {
  const holder = readHolder(path);
  if (holder?.pid === me.pid && holder.startTicks === me.startTicks) rmSync(path, { force: true });
}
