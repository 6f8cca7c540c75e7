/**
 * A history on a branch. What the remote has is the truth; what is added waits in a folder until a push has
 * brought it there, so that a kill or a lost network loses nothing. Every record is a file of its own, so a
 * push on top of what others pushed is always a union, never a conflict.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { GauntletError, messageOf } from '../../core/errors.ts';
import { DirectoryFiles } from './directory-files.ts';
import type { HistoryFiles } from './files.ts';
import { type GitBranch, sayBranch } from './git/git-where.ts';
import type { PrivateRepository } from './git/private-repository.ts';
import type { Tree } from './git/tree.ts';
import { isIgnored } from './paths.ts';

/** After the first push. */
const RETRIES = 5;
/** Doubled each time, and drawn by chance, so that two writers do not stay in step. */
const FIRST_WAIT_MS = 200;

export class BranchFiles implements HistoryFiles {
  readonly where: string;
  readonly #branch: GitBranch;
  readonly #repository: PrivateRepository;
  readonly #waiting: DirectoryFiles;
  readonly #signal: AbortSignal | undefined;
  #tree: Tree | null;
  /** Of the waiting folder: another process may push and remove a file at any time. */
  readonly #seen = new Map<string, string>();

  constructor(
    where: string,
    given: {
      readonly branch: GitBranch;
      readonly repository: PrivateRepository;
      readonly tree: Tree | null;
      readonly signal?: AbortSignal;
    },
  ) {
    this.where = where;
    this.#branch = given.branch;
    this.#repository = given.repository;
    this.#tree = given.tree;
    this.#signal = given.signal;
    this.#waiting = new DirectoryFiles(where, given.repository.waiting);
  }

  list(): readonly string[] {
    for (const [path, text] of this.#pending()) this.#seen.set(path, text);
    return [...new Set([...(this.#tree?.files.keys() ?? []), ...this.#seen.keys()])].sort();
  }

  read(path: string): string {
    const text = this.#tree?.files.get(path) ?? this.#seen.get(path);
    if (text === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT', path });
    return text;
  }

  write(path: string, text: string): void {
    if (this.#tree?.files.get(path) === text) return;
    this.#waiting.write(path, text);
    this.#seen.set(path, text);
  }

  /** Number of files that are not yet at the remote. */
  get waiting(): number {
    return this.#pending().length;
  }

  async publish(): Promise<void> {
    let why = '';
    for (let attempt = 0; attempt <= RETRIES; attempt += 1) {
      if (this.#pending().length === 0) return;
      if (attempt > 0) await wait(Math.random() * FIRST_WAIT_MS * 2 ** attempt, undefined, this.#abort);
      const refused = await this.#attempt();
      if (refused === null) return;
      why = refused;
    }
    const count = this.#pending().length;
    throw new GauntletError('unavailable', [
      {
        subject: `history ${this.where}`,
        expected: `to push ${count === 1 ? '1 record' : `${count} records`} to ${sayBranch(this.#branch)}`,
        got: why,
        next: `Nothing is lost: the next command that adds to this history pushes it from ${this.#repository.waiting}.`,
      },
    ]);
  }

  async close(): Promise<void> {}

  /** @returns null when nothing waits any more, otherwise why. */
  async #attempt(): Promise<string | null> {
    try {
      this.#tree = await this.#repository.fetch();
      this.#forget();
      const paths = this.#pending()
        .map(([path]) => path)
        .filter((path) => !(this.#tree?.files.has(path) ?? false));
      if (paths.length === 0) return null;
      const refused = await this.#repository.push(this.#tree?.tip ?? null, paths);
      if (refused !== null) return refused;
      // The remote is asked, so that a file is removed here only when it is there.
      this.#tree = await this.#repository.fetch();
      this.#forget();
      return this.#pending().every(([path]) => !paths.includes(path)) ? null : 'a push that did not arrive';
    } catch (error) {
      if (this.#signal?.aborted === true) throw error;
      return messageOf(error);
    }
  }

  /** Removes from the waiting folder what the remote has. */
  #forget(): void {
    for (const [path, text] of this.#pending()) {
      if (this.#tree?.files.get(path) === text) rmSync(join(this.#repository.waiting, path), { force: true });
    }
  }

  #pending(): readonly (readonly [path: string, text: string])[] {
    return this.#waiting.list().flatMap((path): [string, string][] => {
      if (isIgnored(path)) return [];
      try {
        return [[path, readFileSync(join(this.#repository.waiting, path), 'utf8')]];
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
        throw error;
      }
    });
  }

  get #abort(): { readonly signal: AbortSignal } | undefined {
    return this.#signal && { signal: this.#signal };
  }
}
