import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GauntletError, type Problem } from '../core/errors.ts';

/** The folder of package.json, wherever this file runs: in src/, dist/ or node_modules. */
export const projectRoot: string = findRoot(dirname(fileURLToPath(import.meta.url)));

function findRoot(from: string): string {
  if (existsSync(join(from, 'package.json'))) return from;
  const up = dirname(from);
  if (up === from) throw new Error(`no package.json above ${import.meta.url}`);
  return findRoot(up);
}

/**
 * The compiled file of a program of ours that runs as a separate process, named by its source without the
 * ending, such as `packages/sandbox/src/supervisor/main`. Always in dist/, even when the caller is a test
 * that runs from src/: a child process has no TypeScript loader.
 */
export const programPath = (name: string): string => join(projectRoot, 'dist', `${name}.js`);

/** The same, for a caller that starts it now. @throws unavailable when it is not compiled. */
export function requireProgram(name: string): string {
  const path = programPath(name);
  if (existsSync(path)) return path;
  throw new GauntletError('unavailable', [uncompiled(path)]);
}

export const uncompiled = (path: string): Problem => ({
  subject: path,
  expected: 'a compiled program',
  got: 'nothing',
  next: 'Run: npm run build',
});
