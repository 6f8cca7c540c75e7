/**
 * The scripts are checked before any load: k6 strips types and checks none, and an import that Node would
 * forgive ends a run in the middle. Promises every problem at once, with file and line; what was good stays
 * good until a byte changes.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { GauntletError, type Problem, usageError } from '../core/errors.ts';
import { writeWhole } from '../system/durable-file.ts';
import { makeFolder } from '../system/make-folder.ts';
import type { Places } from '../system/places.ts';
import { lintImports } from './lint-imports.ts';

export interface CheckOptions {
  /** The folder that holds `scenarios/` and `node_modules/`. */
  readonly projectRoot: string;
  readonly places: Places;
}

const TSC_TIMEOUT_MS = 120_000;

/**
 * @throws GauntletError 'usage' with all problems of the scripts; 'unavailable' when there is no tsc to ask.
 */
export async function checkScenarios({ projectRoot, places }: CheckOptions): Promise<void> {
  const files = filesOf(projectRoot);
  const linted = files
    .filter((file) => file.name.endsWith('.ts'))
    .flatMap((file) => lintImports(file.name, file.text));
  if (linted.length > 0) throw usageError(...linted);
  const stamp = join(places.cache, 'scenario-checks', digestOf(projectRoot, files));
  if (existsSync(stamp)) return;
  const problems = await askTsc(projectRoot);
  if (problems.length > 0) throw usageError(...problems);
  makeFolder(join(places.cache, 'scenario-checks'));
  writeWhole(stamp, 'good\n');
}

interface SourceFile {
  /** Relative to the project, such as `scenarios/lib/payloads.ts`. */
  readonly name: string;
  readonly text: string;
}

function filesOf(projectRoot: string): SourceFile[] {
  return readdirSync(join(projectRoot, 'scenarios'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|js|json)$/.test(name))
    .sort()
    .map((name) => {
      const path = join('scenarios', name);
      return { name: path, text: readFileSync(join(projectRoot, path), 'utf8') };
    });
}

/** Of everything the answer depends on: the scripts, their tsconfig, the compiler and the types of k6. */
function digestOf(projectRoot: string, files: readonly SourceFile[]): string {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file.name}\0${file.text.length}\0${file.text}\0`);
  for (const name of ['typescript', '@types/k6']) {
    const manifest = join(projectRoot, 'node_modules', name, 'package.json');
    hash.update(existsSync(manifest) ? readFileSync(manifest) : 'absent');
  }
  return hash.digest('hex');
}

async function askTsc(projectRoot: string): Promise<Problem[]> {
  const tsc = join(projectRoot, 'node_modules', '.bin', 'tsc');
  if (!existsSync(tsc)) {
    throw new GauntletError('unavailable', [
      { subject: 'tsc', expected: tsc, got: 'nothing', next: 'Run npm ci: k6 itself does not check types.' },
    ]);
  }
  const answer = await execa(tsc, ['--noEmit', '--pretty', 'false', '-p', 'scenarios'], {
    cwd: projectRoot,
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

/** `scenarios/x.ts(12,5): error TS2322: ...`; lines that go on with details begin with a space. */
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
