/** The file that a user refers to by a name or a path, or why it cannot be used. */
import { existsSync, lstatSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { messageOf } from '../../core/errors.ts';

const ENDINGS = ['.yaml', '.yml'] as const;

export type NamedFile =
  | { readonly path: string }
  /** What is in the way, such as `a folder`; undefined when there is nothing with that name. */
  | { readonly path: undefined; readonly obstacle: string | undefined };

/**
 * A path (with a slash or an extension) refers to that file; a bare name first refers to
 * `<folder>/<name>.yaml` of a root.
 * @param folder such as `campaigns`. @param roots the first that has the file wins: the user's own folder,
 * then the package.
 */
export function namedFile(given: string, folder: string, roots: readonly string[]): NamedFile {
  const named = roots.flatMap((root) => ENDINGS.map((ending) => join(root, folder, `${given}${ending}`)));
  const asPath = roots.map((root) => resolve(root, given));
  const isPath = given.includes('/') || ENDINGS.some((ending) => given.endsWith(ending));
  const candidates = given === '' ? [] : isPath ? [...asPath, ...named] : [...named, ...asPath];
  let obstacle: string | undefined;
  for (const path of candidates) {
    const found = lookAt(path);
    if (found === 'a file') return { path };
    obstacle ??= found;
  }
  return { path: undefined, obstacle };
}

/** A pipe is read like a file: `gauntlet run <(make-campaign)`. */
function lookAt(path: string): string | undefined {
  try {
    const stat = statSync(path);
    if (stat.isFile() || stat.isFIFO()) return 'a file';
    return stat.isDirectory() ? `a folder (${path})` : `neither a file nor a pipe (${path})`;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT')
      return code === 'ENOTDIR' ? `a file where ${path} needs a folder` : messageOf(error);
    return isLink(path) ? `a link to nothing (${path})` : undefined;
  }
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return existsSync(path);
  }
}
