/**
 * A bare repository of our own in the state directory, for one branch of one remote: objects to read the
 * history from and to push from. It has no branch, no index and no work tree, so the user's clone is never
 * touched, and a kill leaves nothing to clean up. It can be deleted at any time; what waits to be pushed is
 * beside it.
 */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GauntletError } from '../../../core/errors.ts';
import { writeWhole } from '../../../system/durable-file.ts';
import {
  type GitAnswer,
  type GitInput,
  type GitPlace,
  git,
  withoutCredentials,
} from '../../../system/git.ts';
import { makeFolder } from '../../../system/make-folder.ts';
import { type GitBranch, sayBranch } from './git-where.ts';
import { type Tree, treeAt } from './tree.ts';

export interface RepositoryOptions {
  readonly state: string;
  readonly env: GitPlace['env'];
  readonly signal?: AbortSignal;
}

export class PrivateRepository {
  /** Records that wait to be pushed. */
  readonly waiting: string;
  readonly #branch: GitBranch;
  readonly #folder: string;
  readonly #place: GitPlace;
  readonly #texts = new Map<string, string>();

  private constructor(branch: GitBranch, { state, env, signal }: RepositoryOptions) {
    this.#branch = branch;
    // Tokens in URLs change from night to night; the place does not.
    const key = JSON.stringify([withoutCredentials(branch.fetchUrl), branch.branch]);
    this.#folder = join(state, 'histories', createHash('sha256').update(key).digest('hex').slice(0, 24));
    this.waiting = join(this.#folder, 'waiting');
    const gitDir = join(this.#folder, 'git');
    this.#place = { cwd: this.#folder, env, gitDir, config: branch.config, ...(signal && { signal }) };
  }

  static async open(branch: GitBranch, options: RepositoryOptions): Promise<PrivateRepository> {
    const repository = new PrivateRepository(branch, options);
    await repository.#make();
    return repository;
  }

  /**
   * The branch as the remote has it now. Null: it has no such branch.
   * @throws unavailable when the remote does not answer.
   */
  async fetch(): Promise<Tree | null> {
    const ref = `refs/heads/${this.#branch.branch}`;
    const listed = await this.#needed(['ls-remote', '--', this.#branch.fetchUrl, ref]);
    const [tip] = listed.stdout.toString('utf8').split('\t');
    if (tip === undefined || !/^[0-9a-f]{40,64}$/.test(tip)) return null;
    if (!(await this.#has(tip))) {
      const known = this.#known();
      const from = known !== null && (await this.#has(known)) ? [`--negotiation-tip=${known}`] : [];
      const quiet = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'];
      await this.#needed(['fetch', ...quiet, ...from, '--', this.#branch.fetchUrl, ref]);
    }
    const tree = await treeAt(tip, (args, input) => this.#needed(args, input), this.#texts);
    writeWhole(this.#tipFile, tip);
    return tree;
  }

  /**
   * One commit on top of `tip` with these files of `waiting`, pushed; never forced.
   * @returns null when it is there; otherwise why not.
   */
  async push(tip: string | null, paths: readonly string[]): Promise<string | null> {
    const folder = mkdtempSync(join(tmpdir(), 'gauntlet-index-'));
    try {
      const commit = await this.#commit(tip, paths, join(folder, 'index'));
      if (typeof commit !== 'string') return commit.why;
      const to = `${commit}:refs/heads/${this.#branch.branch}`;
      const pushed = await this.#git([
        'push',
        '--quiet',
        '--no-recurse-submodules',
        '--',
        this.#branch.pushUrl,
        to,
      ]);
      return pushed.ok ? null : pushed.why;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  async #commit(tip: string | null, paths: readonly string[], index: string): Promise<string | GitAnswer> {
    const files = paths.map((path) => `${join(this.waiting, path)}\n`).join('');
    const hashed = await this.#git(['hash-object', '-w', '--no-filters', '--stdin-paths'], { stdin: files });
    if (!hashed.ok) return hashed;
    const ids = hashed.stdout.toString('utf8').trim().split('\n');
    const entries = paths.map((path, at) => `100644 ${ids[at] ?? ''}\t${path}\0`).join('');
    const { name, email } = this.#branch.identity;
    const env = {
      ...{ GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email },
      ...{ GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email },
    };
    const parent = tip === null ? [] : ['-p', tip];
    for (const step of [
      { args: ['read-tree', tip ?? '--empty'] },
      { args: ['update-index', '-z', '--index-info'], stdin: entries },
    ]) {
      const done = await this.#git(step.args, {
        index,
        ...(step.stdin !== undefined && { stdin: step.stdin }),
      });
      if (!done.ok) return done;
    }
    const tree = await this.#git(['write-tree'], { index });
    if (!tree.ok) return tree;
    const args = ['commit-tree', tree.stdout.toString('utf8').trim(), ...parent];
    const commit = await this.#git(args, { stdin: messageOf(paths), env });
    return commit.ok ? commit.stdout.toString('utf8').trim() : commit;
  }

  async #make(): Promise<void> {
    makeFolder(this.#folder, 0o700);
    const { gitDir = '' } = this.#place;
    if (existsSync(gitDir)) return;
    const aside = `${gitDir}.${randomBytes(6).toString('hex')}`;
    const { gitDir: _, ...outside } = this.#place;
    const made = await git(outside, ['init', '--quiet', '--bare', '--template=', aside]);
    if (!made.ok) throw this.#unavailable('a repository of its own', made.why);
    try {
      renameSync(aside, gitDir);
    } catch (error) {
      rmSync(aside, { recursive: true, force: true });
      // Another process was faster.
      if (!existsSync(gitDir)) throw error;
    }
  }

  get #tipFile(): string {
    return join(this.#folder, 'tip');
  }

  #known(): string | null {
    if (!existsSync(this.#tipFile)) return null;
    const text = readFileSync(this.#tipFile, 'utf8').trim();
    return /^[0-9a-f]{40,64}$/.test(text) ? text : null;
  }

  async #has(commit: string): Promise<boolean> {
    return (await this.#git(['cat-file', '-e', `${commit}^{commit}`])).ok;
  }

  #git(args: readonly string[], input: GitInput = {}): Promise<GitAnswer> {
    return git(this.#place, args, input);
  }

  async #needed(args: readonly string[], input: GitInput = {}): Promise<GitAnswer> {
    const answer = await this.#git(args, input);
    if (!answer.ok) throw this.#unavailable(`an answer of ${sayBranch(this.#branch)}`, answer.why);
    return answer;
  }

  #unavailable(expected: string, got: string): GauntletError {
    const next = 'Try git fetch by hand: the same network and credentials are used.';
    return new GauntletError('unavailable', [{ subject: 'history', expected, got, next }]);
  }
}

function messageOf(paths: readonly string[]): string {
  const names = paths.map((path) => path.slice(path.lastIndexOf('/') + 1).replace(/\.json$/, ''));
  const what = names.length === 1 ? (names[0] ?? '') : `${names.length} records`;
  return `history: add ${what}\n\n${paths.map((path) => `- ${path}\n`).join('')}`;
}
