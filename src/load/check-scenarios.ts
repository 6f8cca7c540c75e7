/**
 * Checks the scripts before any load: k6 strips types without checking them, and an import that Node would
 * accept can end a run in the middle. Reports every problem at once, with file and line; a good result stays
 * valid until a byte changes.
 */
import { createHash, type Hash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { GauntletError, type Problem, usageError } from '../core/errors.ts';
import { writeWhole } from '../system/durable-file.ts';
import { makeFolder } from '../system/make-folder.ts';
import type { Places } from '../system/places.ts';
import { projectRoot } from '../system/project.ts';
import { lintImports } from './lint-imports.ts';

export interface CheckOptions {
  /** The folder that holds `scenarios/`: the user's, or Gauntlet's own. */
  readonly root: string;
  readonly places: Places;
}

const TSC_TIMEOUT_MS = 120_000;
/**
 * For the scripts that come with an installed Gauntlet: tsc accepted these bytes when it was packed
 * (scripts/pack.mjs).
 */
const CHECKED_WHEN_PACKED = 'dist/scenarios-checked';

/**
 * @returns why types were not checked; null when they were. k6 runs scripts with wrong types too.
 * @throws GauntletError 'usage' with all problems of the scripts.
 */
export async function checkScenarios({ root, places }: CheckOptions): Promise<string | null> {
  const files = filesOf(root);
  const linted = files
    .filter((file) => file.name.endsWith('.ts'))
    .flatMap((file) => lintImports(file.name, file.text));
  if (linted.length > 0) throw usageError(...linted);
  if (readOr(join(projectRoot, CHECKED_WHEN_PACKED)) === hashOf(files).digest('hex')) return null;
  const folder = join(places.cache, 'scenario-checks');
  const digest = digestOf(root, files);
  const stamp = join(folder, digest);
  if (existsSync(stamp)) return null;
  const tsc = installed(root, '.bin/tsc');
  const types = installed(root, '@types/k6/package.json');
  if (tsc === undefined || types === undefined)
    return `no ${tsc === undefined ? 'tsc' : '@types/k6'} beside ${join(root, 'scenarios')}. Type: npm install --save-dev typescript @types/k6`;
  makeFolder(folder);
  const problems = await askTsc(tsc, root, settingsOf(root, types, join(folder, `${digest}.tsconfig.json`)));
  if (problems.length > 0) throw usageError(...problems);
  writeWhole(stamp, 'good\n');
  return null;
}

interface SourceFile {
  /** Relative to the project, such as `scenarios/x.ts`. */
  readonly name: string;
  readonly text: string;
}

function filesOf(root: string): SourceFile[] {
  return readdirSync(join(root, 'scenarios'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|js|json)$/.test(name))
    .sort()
    .map((name) => {
      const path = join('scenarios', name);
      return { name: path, text: readFileSync(join(root, path), 'utf8') };
    });
}

/** Of every byte of the scripts and their tsconfig. */
export const scriptsDigest = (root: string): string => hashOf(filesOf(root)).digest('hex');

function hashOf(files: readonly SourceFile[]): Hash {
  const hash = createHash('sha256');
  for (const { name, text } of files) hash.update(`${name}\0${text.length}\0${text}\0`);
  return hash;
}

/** Hash of all inputs of the check: the scripts, their tsconfig, the compiler and the types of k6. */
function digestOf(root: string, files: readonly SourceFile[]): string {
  const hash = hashOf(files);
  for (const name of ['typescript', '@types/k6']) {
    hash.update(readOr(installed(root, `${name}/package.json`) ?? '') ?? 'absent');
  }
  return hash.digest('hex');
}

/** A file of node_modules as Node would find it from the scripts, otherwise from Gauntlet. */
function installed(root: string, name: string): string | undefined {
  for (const start of [root, projectRoot]) {
    for (let folder = start; ; folder = dirname(folder)) {
      const path = join(folder, 'node_modules', name);
      if (existsSync(path)) return path;
      if (folder === dirname(folder)) break;
    }
  }
  return undefined;
}

function readOr(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}

async function askTsc(tsc: string, root: string, settings: string): Promise<Problem[]> {
  const answer = await execa(tsc, ['--noEmit', '--pretty', 'false', '-p', settings], {
    cwd: root,
    reject: false,
    timeout: TSC_TIMEOUT_MS,
  });
  if (answer.exitCode === 0) return [];
  const problems = answer.stdout.split('\n').flatMap(problemOf);
  if (problems.length > 0) return problems;
  const got = answer.timedOut
    ? `no answer in ${TSC_TIMEOUT_MS} ms`
    : `${answer.stdout}${answer.stderr}`.trim();
  throw new GauntletError('unavailable', [
    { subject: 'tsc -p scenarios', expected: 'an answer', got: got.slice(0, 500) },
  ]);
}

/** @param written the file for Gauntlet's own settings, for scripts without a tsconfig. */
function settingsOf(root: string, types: string, written: string): string {
  if (existsSync(join(root, 'scenarios', 'tsconfig.json'))) return 'scenarios';
  const settings = {
    extends: join(projectRoot, 'scenarios', 'tsconfig.json'),
    compilerOptions: { typeRoots: [dirname(dirname(types))] },
    include: [join(root, 'scenarios')],
  };
  writeWhole(written, JSON.stringify(settings));
  return written;
}

/** `scenarios/x.ts(12,5): error TS2322: ...`; lines with further details begin with a space. */
function problemOf(line: string): Problem[] {
  const match = /^(.+?)\((\d+),(\d+)\): error (TS\d+: .*)$/.exec(line);
  if (match === null) return [];
  const [, file = '', row, column, message = ''] = match;
  return [
    {
      subject: 'types',
      expected: 'a script that tsc accepts',
      got: message.replace(/\.$/, ''),
      place: { file, line: Number(row), column: Number(column) },
    },
  ];
}
