/**
 * The only writer of the cache: one builder at a time per part, whole folders or none, and one clear error
 * when the cache cannot be written. A name in the cache is complete: it is built under another name and
 * renamed.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GauntletError } from '../../core/errors.ts';
import { type LockAttempt, tryLock } from '../lock.ts';
import { makeFolder } from '../make-folder.ts';
import type { ToolContext } from './part.ts';

const LOCK_POLL_MS = 200;
/** The longest build takes 7 minutes on two cores; the wait for an unobservable holder is limited. */
const UNSEEN_TIMEOUT_MS = 15 * 60_000;
const CANNOT_WRITE = ['ENOSPC', 'EDQUOT', 'EROFS', 'EACCES', 'EPERM', 'ENOTDIR', 'EEXIST', 'EIO'];

/**
 * The cache cannot be written: the whole toolchain stops with this error, once, for whichever part met it
 * first.
 */
export class CacheError extends GauntletError {
  constructor(cache: string, got: string, cause?: unknown) {
    const problem = {
      subject: `cache folder ${cache}`,
      expected: 'a writable folder with 1 GB free',
      got,
      next: 'Free space or give access there, or set GAUNTLET_CACHE_DIR to another folder.',
    };
    super('unavailable', [problem], { cause });
  }
}

/** Turns the errors of a full or read-only disk into a CacheError and rethrows all others. */
export function cacheFault(cache: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  const ours = code !== undefined && CANNOT_WRITE.includes(code);
  return ours ? new CacheError(cache, (error as Error).message, error) : error;
}

/** An external program met the full disk: its message, our error. */
export function throwIfDiskFull(cache: string, output: string): void {
  const line = output.split('\n').find((one) => /no space left on device|disk quota exceeded/i.test(one));
  if (line !== undefined) throw new CacheError(cache, line.trim().slice(0, 200));
}

/**
 * Proves that the cache is writable, before minutes are spent on a build that could not be stored.
 * @throws CacheError
 */
export function assertWritable(cache: string): void {
  const trial = join(cache, `.writable.${process.pid}.${Math.random().toString(36).slice(2)}`);
  try {
    makeFolder(cache);
    writeFileSync(trial, 'x');
    rmSync(trial);
  } catch (error) {
    throw cacheFault(cache, error);
  }
}

/**
 * Runs `work` while no other process runs anything under the same name. A second process waits, and reports
 * for which process.
 * @param purpose completes "another gauntlet (pid N) that is ...", such as `building k6`.
 */
export async function alone<T>(
  ctx: ToolContext,
  name: string,
  purpose: string,
  work: () => Promise<T>,
): Promise<T> {
  const path = join(ctx.places.cache, 'locks', `${name}.lock`);
  const from = performance.now();
  let told: string | undefined;
  for (;;) {
    const attempt = lockOrFault(ctx.places.cache, path, purpose);
    if (attempt.held) {
      try {
        return await work();
      } finally {
        attempt.release();
      }
    }
    const { holder, words, fate } = attempt;
    if (words !== told) {
      if (fate === 'unseen') ctx.progress(`waiting for ${words}. ${freeUnseen(path)}`);
      else if (holder && holder.pid !== process.pid)
        ctx.progress(`waiting for another gauntlet (pid ${holder.pid}) that is ${holder.purpose}`);
    }
    told = words;
    if (fate === 'unseen' && performance.now() - from > UNSEEN_TIMEOUT_MS) throw unseen(path, words);
    await sleep(LOCK_POLL_MS);
  }
}

/** It may run in another container or on another machine that shares the cache: only its user knows. */
const freeUnseen = (path: string): string => `If it no longer exists: rm ${path}`;

const unseen = (path: string, got: string): GauntletError =>
  new GauntletError('unavailable', [
    {
      subject: path,
      expected: `to be released within ${UNSEEN_TIMEOUT_MS / 60_000} min`,
      got,
      next: freeUnseen(path),
    },
  ]);

function lockOrFault(cache: string, path: string, purpose: string): LockAttempt {
  try {
    return tryLock(path, purpose);
  } catch (error) {
    throw cacheFault(cache, error);
  }
}

/**
 * Builds `folder` under another name and renames it when `build` returned 'ok'; otherwise returns its reason
 * and leaves nothing. The caller holds the part's lock, so other builds of the same name are left-overs of
 * dead processes.
 */
export async function buildFolder(
  cache: string,
  folder: string,
  build: (draft: string) => Promise<{ readonly ok: true } | { readonly ok: false; readonly why: string }>,
): Promise<{ readonly ok: true } | { readonly ok: false; readonly why: string }> {
  const prefix = `.${basename(folder)}.draft-`;
  const draft = join(dirname(folder), `${prefix}${process.pid}`);
  try {
    makeFolder(dirname(folder));
    for (const name of readdirSync(dirname(folder))) {
      if (name.startsWith(prefix)) rmSync(join(dirname(folder), name), { recursive: true, force: true });
    }
    mkdirSync(draft);
    const result = await build(draft);
    if (result.ok) swapIn(draft, folder);
    return result;
  } catch (error) {
    throw cacheFault(cache, error);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** The previous content was found invalid; otherwise it would not have been built again. */
function swapIn(draft: string, folder: string): void {
  const old = `${draft}.old`;
  if (existsSync(folder)) renameSync(folder, old);
  renameSync(draft, folder);
  rmSync(old, { recursive: true, force: true });
}
