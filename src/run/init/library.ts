/**
 * The copy of scenarios/gauntlet.ts beside a user's scripts: line 1 has the version and the digest of the
 * rest, so that a changed copy is never replaced, and an old one is seen.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { usageError } from '../../core/errors.ts';
import { writeWhole } from '../../system/durable-file.ts';
import { makeFolder } from '../../system/make-folder.ts';
import { projectRoot } from '../../system/project.ts';

export const LIBRARY_FILE = join('scenarios', 'gauntlet.ts');
const LINE = /^\/\/ Gauntlet (\S+), sha256 ([0-9a-f]{64})\. Refresh: gauntlet init --library\n/;

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

export function libraryText(): string {
  const original = readFileSync(join(projectRoot, LIBRARY_FILE), 'utf8');
  return `// Gauntlet ${version()}, sha256 ${digestOf(original)}. Refresh: gauntlet init --library\n${original}`;
}

const version = (): string =>
  (JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string }).version;

export type CopyState =
  | { readonly kind: 'none' }
  | { readonly kind: 'current' }
  /** Written by another version, and not changed since. */
  | { readonly kind: 'other'; readonly version: string; readonly isCompatible: boolean }
  /** Its bytes are not those that its line 1 names. */
  | { readonly kind: 'changed' };

/** @param root the folder that has `scenarios/`. */
export function copyState(root: string): CopyState {
  const file = join(root, LIBRARY_FILE);
  if (!existsSync(file) || root === projectRoot) return { kind: 'none' };
  const text = readFileSync(file, 'utf8');
  if (text === libraryText()) return { kind: 'current' };
  const [line = '', written = '', digest = ''] = LINE.exec(text) ?? [];
  if (line === '' || digestOf(text.slice(line.length)) !== digest) return { kind: 'changed' };
  return { kind: 'other', version: written, isCompatible: lineOf(written) === lineOf(version()) };
}

/** Below 1.0 a minor version may break what was. */
const lineOf = (one: string): string =>
  one
    .split('.')
    .slice(0, one.startsWith('0.') ? 2 : 1)
    .join('.');

/**
 * Writes or refreshes it.
 * @returns what was done, as a sentence. @throws usage, and leaves the file, when it was changed.
 */
export function writeLibrary(root: string): string {
  const state = copyState(root);
  if (state.kind === 'current') return `${LIBRARY_FILE} is current`;
  if (state.kind === 'changed') {
    throw usageError({
      subject: LIBRARY_FILE,
      expected: 'a copy as gauntlet init wrote it',
      got: 'a changed one, which is left as it is',
      next: 'Move what you added to a file of its own, remove this one, and repeat: gauntlet init --library',
    });
  }
  makeFolder(join(root, 'scenarios'));
  writeWhole(join(root, LIBRARY_FILE), libraryText());
  return state.kind === 'other' ? `refreshed ${LIBRARY_FILE} of ${state.version}` : `wrote ${LIBRARY_FILE}`;
}

/** For `doctor`; null: nothing to say. */
export function libraryWarning(root: string): string | null {
  const state = copyState(root);
  if (state.kind === 'changed')
    return `${LIBRARY_FILE}: changed since gauntlet init wrote it, so its numbers are not Gauntlet's own`;
  if (state.kind !== 'other') return null;
  const now = `${LIBRARY_FILE}: of Gauntlet ${state.version}, and this is ${version()}`;
  return state.isCompatible
    ? `${now}. To refresh it: gauntlet init --library`
    : `${now}: its samples may not be read. Refresh it: gauntlet init --library`;
}
