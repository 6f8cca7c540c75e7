/**
 * Remembers a program's version output, so that checking four parts does not start a JVM. An answer is valid
 * for exactly one file: path, size and modification time. Losing this cache costs time, never correctness, so
 * writing it may fail.
 */
import { closeSync, openSync, readFileSync, readSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeWhole } from '../durable-file.ts';
import { makeFolder } from '../make-folder.ts';
import type { Places } from '../places.ts';
import { type Env, runCommand } from './command.ts';

interface Answer {
  readonly stamp: string;
  readonly text: string;
}

export type Said =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly why: string };

/** A JVM on a busy machine needs a second or two; no working program needs ten. */
const ASK_TIMEOUT_MS = 10_000;

const bookPath = (places: Places): string => join(places.cache, 'answers.json');

/** The program's output for these arguments, from the cache if the file is unchanged. */
export function askVersion(
  places: Places,
  env: Env,
  path: string,
  args: readonly string[],
  extraEnv: Env = {},
): Promise<Said> {
  const ask = async (): Promise<Said> => {
    const result = await runCommand(path, args, { env: { ...env, ...extraEnv }, timeoutMs: ASK_TIMEOUT_MS });
    return result.ok ? { ok: true, text: result.output } : { ok: false, why: result.why };
  };
  const file = realpathSync(path);
  // A script may be a shim (as of asdf or pyenv) whose answer changes without the file changing.
  if (!isElf(file)) return ask();
  const stat = statSync(file);
  const key = JSON.stringify([file, ...args, extraEnv]);
  return remember(places, key, `${stat.mtimeMs}:${stat.size}`, ask);
}

/** The remembered answer for `key` if its stamp matches, otherwise a new one. Keeps only good answers. */
export async function remember(
  places: Places,
  key: string,
  stamp: string,
  ask: () => Promise<Said>,
): Promise<Said> {
  const known = readBook(places)[key];
  if (known?.stamp === stamp) return { ok: true, text: known.text };
  const said = await ask();
  // Read again: another process may have written meanwhile, and as little of that as possible should be lost.
  if (said.ok) writeBook(places, { ...readBook(places), [key]: { stamp, text: said.text } });
  return said;
}

function readBook(places: Places): Record<string, Answer> {
  try {
    return JSON.parse(readFileSync(bookPath(places), 'utf8')) as Record<string, Answer>;
  } catch {
    return {};
  }
}

function writeBook(places: Places, book: Record<string, Answer>): void {
  try {
    makeFolder(dirname(bookPath(places)));
    writeWhole(bookPath(places), JSON.stringify(book));
  } catch {
    // A read-only cache may still hold every part; the next inspection just asks again.
  }
}

function isElf(path: string): boolean {
  const fd = openSync(path, 'r');
  try {
    const head = Buffer.alloc(4);
    return readSync(fd, head, 0, 4, 0) === 4 && head.toString('latin1') === '\x7fELF';
  } finally {
    closeSync(fd);
  }
}
