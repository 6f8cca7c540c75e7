/**
 * Files from release pages, through curl, which uses the user's proxies and certificates. A partial download
 * is kept under another name, and the next attempt requests only the rest; no file is used before its digest
 * is verified.
 */
import { createHash } from 'node:crypto';
import { createReadStream, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { makeFolder } from '../make-folder.ts';
import { cacheFault, throwIfDiskFull } from './cache-folder.ts';
import { findOnPath, runCommand } from './command.ts';
import type { ToolContext } from './part.ts';

export type Fetched = { readonly ok: true } | { readonly ok: false; readonly why: string };

/** Without a route this is how long the user waits before the next source is tried. */
const CONNECT_TIMEOUT_S = 5;
/** Slower than 1 kB/s for this long is a dead connection. */
const STALL_S = 20;
const DOWNLOAD_TIMEOUT_MS = 15 * 60_000;

export async function download(
  ctx: ToolContext,
  url: string,
): Promise<
  { readonly ok: true; readonly path: string; discard(): void } | { readonly ok: false; readonly why: string }
> {
  const curl = findOnPath('curl', ctx.env);
  if (curl === undefined) return { ok: false, why: 'no curl on PATH' };
  const folder = join(ctx.places.cache, 'downloads');
  try {
    makeFolder(folder);
  } catch (error) {
    throw cacheFault(ctx.places.cache, error);
  }
  const path = join(folder, basename(new URL(url).pathname));
  const partial = `${path}.part`;
  const args = ['-fsSL', '--connect-timeout', String(CONNECT_TIMEOUT_S), '-y', String(STALL_S), '-Y', '1000'];
  const options = { env: ctx.env, timeoutMs: DOWNLOAD_TIMEOUT_MS };
  const result = await runCommand(curl, [...args, '-C', '-', '-o', partial, url], options);
  throwIfDiskFull(ctx.places.cache, result.output);
  if (!result.ok) {
    // HTTP 416 for a stale but complete part, or a server without ranges (33): start from 0 next time.
    if (/\b416\b|range/i.test(result.output)) rmSync(partial, { force: true });
    return { ok: false, why: `${url}: ${result.why}` };
  }
  renameSync(partial, path);
  return { ok: true, path, discard: () => rmSync(path, { force: true }) };
}

/** Compares a file with a digest in hex; a file that does not match is removed. */
export async function matches(
  path: string,
  algorithm: 'sha256' | 'sha512',
  wanted: string,
): Promise<Fetched> {
  const got = await digestOf(path, algorithm);
  if (got === wanted.toLowerCase()) return { ok: true };
  rmSync(path, { force: true });
  return { ok: false, why: `${basename(path)} has ${algorithm} ${got}, expected ${wanted.toLowerCase()}` };
}

export async function digestOf(path: string, algorithm: 'sha256' | 'sha512'): Promise<string> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
