import { relative, resolve } from 'node:path';

/** Of a folder below the working directory the relative path: it names no user and no machine. */
export function shownPath(folder: string): string {
  const path = relative(resolve(), folder);
  return path.startsWith('..') ? resolve(folder) : path;
}
