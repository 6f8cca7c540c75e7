/**
 * The journals of runs in their cluster: one ConfigMap for each run, in one namespace of the target. Every write names the
 * version that was read; an entry counts as kept only while the Leases still carry our name.
 */

import type { Book, BookEntry, JournalBooks } from '../../core/acts/journal-books.ts';
import type { KubernetesHandle } from '../../core/acts/kubernetes-handle.ts';
import { GauntletError, messageOf } from '../../core/errors.ts';
import type { KubeApi } from '../client/client.ts';
import { leaseHolder } from './cluster-lock.ts';
import { JournalStore, journalName, type StoredJournal } from './journal-store.ts';
import { type BookText, bookText, openIn, parseBook, withClosed, withOpened } from './journal-text.ts';

/** Others write only while this run is recovered: after so many lost races something else is wrong. */
const TRIES = 5;

/** @param locked the namespaces whose Leases must carry the handle's holder while an entry is opened. */
export function kubeBooks(
  client: KubeApi,
  kubernetes: KubernetesHandle,
  identity: string,
  locked: readonly string[],
): JournalBooks {
  const books = new Books(client, kubernetes, identity, locked);
  return {
    open: (run, entry) => books.inTurn(() => books.open(run, entry)),
    close: (run, id, evidence) => books.inTurn(() => books.close(run, id, evidence)),
    finish: (run) => books.inTurn(() => books.finish(run)),
    list: () => books.list(),
  };
}

class Books {
  readonly #client: KubeApi;
  readonly #store: JournalStore;
  readonly #holder: string | undefined;
  readonly #identity: string;
  readonly #locked: readonly string[];
  /** Runs whose book is there by our own hand: when it is missing, somebody took it. */
  readonly #begun = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(client: KubeApi, kubernetes: KubernetesHandle, identity: string, locked: readonly string[]) {
    this.#client = client;
    this.#store = new JournalStore(client, kubernetes);
    this.#holder = kubernetes.holder;
    this.#identity = identity;
    this.#locked = locked;
  }

  /** Faults of one group write at the same time: one after the other, they do not run into each other's versions. */
  inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(act, act);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async open(run: string, entry: BookEntry): Promise<void> {
    await this.#write(run, (book) => {
      if (book === undefined && this.#begun.has(run)) throw this.#taken(run);
      return withOpened(book ?? this.#newBook(run), entry);
    });
    this.#begun.add(run);
    // Behind our line: who recovers takes the Leases first and reads then, so one of the two sees the other.
    if (this.#holder === undefined) return;
    for (const namespace of this.#locked) {
      const theirs = await leaseHolder(this.#client, namespace);
      if (theirs !== this.#holder) throw notOurs(namespace, theirs);
    }
  }

  async close(run: string, id: string, evidence: string): Promise<void> {
    await this.#write(run, (book) => book && withClosed(book, id, evidence));
  }

  async finish(run: string): Promise<void> {
    await this.#store.remove(journalName(run));
    this.#begun.delete(run);
  }

  async list(): Promise<readonly Book[]> {
    return (await this.#store.list()).map((one) => this.#bookOf(one));
  }

  #bookOf({ name, text }: StoredJournal): Book {
    const where = this.#store.where(name);
    try {
      const book = parseBook(text);
      const { run, identity } = book.head;
      // Another name than its run's would not be found again by what finishes it.
      if (name !== journalName(run)) throw new Error(`it is a copy of run ${run}'s`);
      return { run, identity, where, open: openIn(book) };
    } catch (error) {
      return { run: name, identity: this.#identity, where, open: [], damage: messageOf(error) };
    }
  }

  /** @param change undefined = there is nothing to write; the same book = neither. */
  async #write(run: string, change: (book: BookText | undefined) => BookText | undefined): Promise<void> {
    const name = journalName(run);
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      const before = await this.#store.read(name);
      const book = before && parseBook(before.text);
      const next = change(book);
      if (next === undefined || next === book) return;
      if (await this.#store.write(name, bookText(next), before)) return;
    }
    const problem = {
      subject: this.#store.where(name),
      expected: 'to be written',
      got: `${TRIES} lost races`,
      next: 'Somebody else writes into it all the time: see who.',
    };
    throw new GauntletError('unavailable', [problem]);
  }

  #newBook(run: string): BookText {
    const holder = this.#holder;
    const at = new Date().toISOString();
    const head = {
      kind: 'journal',
      run,
      identity: this.#identity,
      ...(holder !== undefined && { holder }),
      at,
    } as const;
    return { head, lines: [] };
  }

  #taken(run: string): GauntletError {
    const expected = this.#store.where(journalName(run));
    const got = 'none: somebody has recovered this run, or deleted it';
    return new GauntletError('refused', [{ subject: `journal of run ${run}`, expected, got }]);
  }
}

function notOurs(namespace: string, holder: string): GauntletError {
  const got = holder === '' ? 'free' : `held by ${holder}`;
  const problem = { subject: `lease in namespace ${namespace}`, expected: 'still ours', got };
  return new GauntletError('refused', [problem]);
}
