/**
 * Opens a history. Only `bootstrap` makes a new one, so that a wrong path or a lost disk is an error and not
 * an empty history in which every night is the first.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type GauntletError, messageOf, type Problem, show, usageError } from '../../core/errors.ts';
import { HISTORY_SCHEMA } from '../../core/history.ts';
import { markerShape } from '../../core/shapes/history-shape.ts';
import { shapeProblem } from '../../core/shapes/shape-check.ts';
import type { Places } from '../../system/places.ts';
import { BranchFiles } from './branch-files.ts';
import { DirectoryFiles } from './directory-files.ts';
import type { HistoryFiles } from './files.ts';
import { GIT_PREFIX, gitBranch, sayBranch } from './git/git-where.ts';
import { PrivateRepository } from './git/private-repository.ts';
import type { HistoryStore } from './history-store.ts';
import { isIgnored, MARKER } from './paths.ts';
import { RecordsStore } from './records-store.ts';

export interface HistoryOptions {
  readonly places: Places;
  /** Of the caller: programs are found on its PATH. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Makes a new history where none is; an existing one stays as it is. */
  readonly bootstrap?: boolean;
  readonly signal?: AbortSignal;
  /** In whose repository a branch is looked up; default: the working directory. */
  readonly cwd?: string;
  /** Told in passing, such as that a new one was made. */
  readonly progress?: (text: string) => void;
}

/**
 * @param where a folder, or `git:BRANCH`, or `git:BRANCH@REMOTE`.
 * @throws usage: no history there, and none was to be made; something else is there; another version.
 */
export async function openHistory(where: string, options: HistoryOptions): Promise<HistoryStore> {
  if (where.startsWith(GIT_PREFIX)) {
    const files = await openBranch(where, options);
    checkMarker(files);
    const waiting = files.waiting;
    if (waiting > 0 && options.bootstrap !== true)
      options.progress?.(`history: ${waiting} of its files wait to be pushed`);
    return new RecordsStore(files);
  }
  const files = openDirectory(where, options);
  checkMarker(files);
  return new RecordsStore(files);
}

async function openBranch(where: string, options: HistoryOptions): Promise<BranchFiles> {
  const { places, env, cwd = process.cwd(), signal, bootstrap = false, progress } = options;
  const asked = { env, ...(signal && { signal }) };
  const branch = await gitBranch(where, { cwd, ...asked });
  if (branch.remote === null)
    progress?.(`history: this repository has no remote, so it is kept in its own branch ${branch.branch}`);
  const repository = await PrivateRepository.open(branch, { state: places.state, ...asked });
  const tree = await repository.fetch();
  const files = new BranchFiles(where, { branch, repository, tree, ...(signal && { signal }) });
  const wrong = (expected: string, got: string, next: string): GauntletError =>
    usageError({ subject: `history ${where}`, expected, got, next });
  const place = sayBranch(branch);
  const paths = files.list();
  if (paths.includes(MARKER)) return files;
  if (tree !== null && paths.some((path) => !isIgnored(path)))
    throw wrong(`a history in ${place}`, 'a branch with other files', 'Give a branch of its own.');
  if (!bootstrap)
    throw wrong(`a history in ${place}`, tree === null ? 'no such branch' : 'an empty branch', MAKE_ONE);
  files.write(MARKER, MARKER_TEXT);
  await files.publish();
  progress?.(`history: made a new one in ${place}`);
  return files;
}

function openDirectory(where: string, { bootstrap = false, progress }: HistoryOptions): HistoryFiles {
  const root = resolve(where);
  const files = new DirectoryFiles(where, root);
  const wrong = (expected: string, got: string, next: string): GauntletError =>
    usageError({ subject: `history ${where}`, expected, got, next });
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(where))
    throw wrong('a folder, or git:BRANCH', 'a URL', 'Mount it, and give the folder.');
  if (!existsSync(root)) {
    if (!bootstrap) throw wrong('a history', 'nothing', MAKE_ONE);
  } else if (!statSync(root).isDirectory()) {
    throw wrong('a folder', 'a file', 'Give the folder of the history.');
  }
  if (existsSync(resolve(root, MARKER))) return files;
  if (!bootstrap) throw wrong('a history', `a folder without ${MARKER}`, MAKE_ONE);
  const others = existsSync(root) ? readdirSync(root).filter((name) => !isIgnored(name)) : [];
  if (others.length > 0) {
    const said = `${others.slice(0, 3).map(show).join(', ')}${others.length > 3 ? ', …' : ''}`;
    throw wrong('an empty folder for a new history', said, 'Choose another folder.');
  }
  files.write(MARKER, MARKER_TEXT);
  progress?.(`history: made a new one in ${where}`);
  return files;
}

const MAKE_ONE = 'Correct the path; to begin a new history there, give --bootstrap once.';

/** Constant, so that two machines that make one history at once write the same. */
export const MARKER_TEXT = `${JSON.stringify({ schema: HISTORY_SCHEMA }, null, 2)}\n`;

/** @throws usage when the history is of another version. */
function checkMarker(files: HistoryFiles): void {
  const problem = markerProblem(files.read(MARKER));
  if (problem === null) return;
  throw usageError({ subject: `${files.where}/${MARKER}`, ...problem });
}

function markerProblem(text: string): Omit<Problem, 'subject'> | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const next = `Restore it: it holds {"schema":"${HISTORY_SCHEMA}"}.`;
    return { expected: 'the marker of a history as JSON', got: messageOf(error), next };
  }
  const schema = (json as { schema?: unknown } | null)?.schema;
  if (shapeProblem(markerShape, json) === null) return null;
  const next = 'Use the version of Gauntlet that wrote it.';
  return { expected: `schema ${HISTORY_SCHEMA}`, got: show(schema), next };
}
