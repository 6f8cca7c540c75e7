import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { type Fate, fateOf, type Holder, sayHolder, shortText, thisHolder } from './holder.ts';
import { makeFolder } from './make-folder.ts';

export interface LockHolder extends Holder {
  /** What the holder is doing, for the message to the next process. */
  readonly purpose: string;
  /** Unique per lock: two locks of one process differ. */
  readonly nonce: string;
}

/** The holder of a lock that could not be taken. */
export interface Taken {
  /** Undefined: the file is not one of ours, or is from an earlier version. */
  readonly holder: LockHolder | undefined;
  /** `unseen`: in another pid namespace, boot or machine, so that its life cannot be checked from here. */
  readonly fate: Exclude<Fate, 'dead'>;
  /** The holder, its place and its start: `pid 12 on host box, since …: run demo`. */
  readonly words: string;
  /** The file to remove when the holder no longer exists. */
  readonly path: string;
}

export type LockAttempt = { readonly held: true; release(): void } | ({ readonly held: false } & Taken);

/**
 * When two processes find the same dead holder, one is faster; more rounds than this mean that something else
 * is wrong.
 */
const ROUNDS = 100;

/**
 * Takes a lock file, or returns its holder. A lock is taken over only from a holder that is proven dead
 * (holder.ts). The file appears complete or not at all: written under another name, then hard-linked, which
 * fails if the name exists. No kernel lock: Node has no flock, and on the network file systems that
 * containers and machines share, flock is not one lock for all of them.
 */
export function tryLock(path: string, purpose: string): LockAttempt {
  makeFolder(dirname(path));
  const me: LockHolder = { ...thisHolder(), purpose, nonce: randomBytes(8).toString('hex') };
  const aside = `${path}.${me.nonce}`;
  writeNew(aside, JSON.stringify(me));
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      if (linked(aside, path)) return held(path, me);
      const text = read(path);
      if (text === undefined) continue;
      const found = parse(text);
      const fate = fateOf(found, path);
      if (fate !== 'dead') return { held: false, fate, holder: found, words: wordsOf(found), path };
      if (takeOver(path, text, aside, purpose)) return held(path, me);
    }
  } finally {
    rmSync(aside, { force: true });
  }
  throw new Error(`${path}: the lock file keeps coming back; remove it by hand`);
}

/**
 * Removing a dead holder's file could also remove a lock that another process took a moment earlier. Only the
 * process that has locked the succession may replace the file; the succession lock is named by the dead
 * holder's exact text.
 */
function takeOver(path: string, dead: string, aside: string, purpose: string): boolean {
  const heir = `${path}.heir-${createHash('sha256').update(dead).digest('hex').slice(0, 16)}`;
  const succession = tryLock(heir, purpose);
  if (!succession.held) return false;
  try {
    if (read(path) !== dead) return false;
    renameSync(aside, path);
    return true;
  } finally {
    succession.release();
  }
}

/** The current holder of the lock, proven or possible; undefined when there is none. */
export function lockHolder(path: string): Taken | undefined {
  const text = read(path);
  if (text === undefined) return undefined;
  const holder = parse(text);
  const fate = fateOf(holder, path);
  return fate === 'dead' ? undefined : { fate, holder, words: wordsOf(holder), path };
}

const held = (path: string, me: LockHolder): LockAttempt => ({
  held: true,
  release: () => {
    const text = read(path);
    if (text !== undefined && parse(text)?.nonce === me.nonce) rmSync(path, { force: true });
  },
});

const wordsOf = (holder: LockHolder | undefined): string =>
  holder?.purpose === undefined
    ? sayHolder(holder)
    : `${sayHolder(holder)}: ${shortText(String(holder.purpose))}`;

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Flushed to disk before it gets its name: after a machine crash, an empty lock would have no known owner.
 */
function writeNew(path: string, text: string): void {
  const fd = openSync(path, 'wx', 0o644);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Undefined unless it is a JSON object. */
function parse(text: string): LockHolder | undefined {
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === 'object' && found !== null ? (found as LockHolder) : undefined;
  } catch {
    return undefined;
  }
}
