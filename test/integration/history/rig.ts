/** Folders, repositories and writers of histories, all of them real. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HistoryStore } from '../../../src/run/history/history-store.ts';
import { type HistoryOptions, openHistory } from '../../../src/run/history/open-history.ts';
import { testProgram } from '../../e2e/support-services/test-program.ts';

export const newFolder = (): string => realpathSync(mkdtempSync(join(tmpdir(), 'gauntlet-history-')));

const IDENTITY = ['-c', 'user.name=t', '-c', 'user.email=t@localhost', '-c', 'init.defaultBranch=main'];

export const git = (cwd: string, ...args: readonly string[]): string =>
  execFileSync('git', [...IDENTITY, ...args], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

export interface Place {
  readonly cwd: string;
  readonly state: string;
}

export interface Hub extends Place {
  /** A bare repository: the remote of `cwd`. */
  readonly remote: string;
}

/** A remote, and a clone of it with one commit. */
export function newHub(): Hub {
  const folder = newFolder();
  const [remote, cwd] = [join(folder, 'remote.git'), join(folder, 'clone')];
  git(folder, 'init', '--quiet', '--bare', remote);
  mkdirSync(cwd);
  git(cwd, 'init', '--quiet');
  git(cwd, 'remote', 'add', 'origin', '../remote.git');
  git(cwd, 'commit', '--quiet', '--allow-empty', '-m', 'first');
  git(cwd, 'push', '--quiet', 'origin', 'HEAD');
  return { remote, cwd, state: join(folder, 'state') };
}

/** Another machine: its own state and clone, the same remote. */
export function anotherMachine({ remote }: Hub): Hub {
  const folder = newFolder();
  const cwd = join(folder, 'clone');
  git(folder, 'clone', '--quiet', remote, cwd);
  return { remote, cwd, state: join(folder, 'state') };
}

export const open = (
  where: string,
  { cwd, state }: Place,
  more: Partial<HistoryOptions> = {},
): Promise<HistoryStore> =>
  openHistory(where, { places: { state, cache: state }, env: process.env, cwd, ...more });

export interface Written {
  /** Ids that `add` returned for. */
  readonly kept: readonly string[];
  readonly published: readonly string[];
  /** Names of all steps, with `dieAt: 'count'`. */
  readonly steps: readonly string[];
  readonly signal: NodeJS.Signals | null;
  readonly exitCode: number | null;
  readonly stderr: string;
}

/** test/programs/history-writer.ts as a process of its own. */
export async function write(
  where: string,
  { cwd, state }: Place,
  name: string,
  { count = 1, dieAt }: { readonly count?: number; readonly dieAt?: number | 'count' } = {},
): Promise<Written> {
  const args = [testProgram('history-writer'), where, cwd, state, name, String(count)];
  const env = { ...process.env, ...(dieAt !== undefined && { DIE_AT: String(dieAt) }) };
  const child: ChildProcess = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (more) => {
    stdout += String(more);
  });
  child.stderr?.on('data', (more) => {
    stderr += String(more);
  });
  const [exitCode, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    child.on('close', (code, by) => resolve([code, by])),
  );
  const said = (word: string): string[] =>
    stdout.split('\n').flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []));
  return {
    ...{ kept: said('kept'), published: said('published'), exitCode, signal, stderr },
    steps: said('steps').flatMap((all) => all.split(',')),
  };
}
