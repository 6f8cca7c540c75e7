/**
 * The journals of runs in their cluster: one ConfigMap for each run, in one namespace of the target. Every write names the
 * version that was read; an entry counts as kept only while the Leases still carry our name.
 */
import { createHash } from 'node:crypto';
import { GauntletError, messageOf } from '../core/errors.ts';
import type { Book, BookEntry, JournalBooks } from '../core/journal-books.ts';
import type { KubernetesHandle } from '../core/platform.ts';
import { ms } from '../core/units.ts';
import { ApiError } from './api-error.ts';
import type { ApiRequest, KubeApi } from './client.ts';
import { leaseHolder } from './cluster-lock.ts';
import { journalNamespace } from './journal-namespace.ts';
import { type BookText, bookText, openIn, parseBook, withClosed, withOpened } from './journal-text.ts';

export const JOURNAL_LABEL = 'gauntlet.dev/journal';
const KEY = 'journal.ndjson';
/** A fault waits for this write with its victim chosen; the pools of dead connections are left after the same time. */
const DEADLINE_MS = ms(4000);
/** Others write only while this run is recovered: after so many lost races something else is wrong. */
const TRIES = 5;

interface ConfigMapJson {
  readonly metadata?: { readonly name?: string; readonly resourceVersion?: string };
  readonly data?: Readonly<Record<string, string>>;
}

/** @param locked the namespaces whose Leases must carry the handle's holder while an entry is opened. */
export function kubeBooks(
  client: KubeApi,
  kubernetes: KubernetesHandle,
  identity: string,
  locked: readonly string[],
): JournalBooks {
  const writer = new Books(client, kubernetes, identity, locked);
  return {
    open: (run, entry) => writer.inTurn(() => writer.open(run, entry)),
    close: (run, id, evidence) => writer.inTurn(() => writer.close(run, id, evidence)),
    finish: (run) => writer.inTurn(() => writer.finish(run)),
    list: () => writer.list(),
  };
}

/** DNS-1123 and unique, whatever the run is called. */
export function journalName(run: string): string {
  const slug = run
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 80);
  return `gauntlet-journal-${slug}-${createHash('sha256').update(run).digest('hex').slice(0, 8)}`;
}

class Books {
  readonly #client: KubeApi;
  readonly #kubernetes: KubernetesHandle;
  readonly #identity: string;
  readonly #locked: readonly string[];
  /** Runs whose book is there by our own hand: when it is missing, somebody took it. */
  readonly #begun = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(client: KubeApi, kubernetes: KubernetesHandle, identity: string, locked: readonly string[]) {
    this.#client = client;
    this.#kubernetes = kubernetes;
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
    const { holder } = this.#kubernetes;
    if (holder === undefined) return;
    for (const namespace of this.#locked) {
      const theirs = await leaseHolder(this.#client, namespace);
      if (theirs !== holder) throw notOurs(namespace, theirs);
    }
  }

  async close(run: string, id: string, evidence: string): Promise<void> {
    await this.#write(run, (book) => book && withClosed(book, id, evidence));
  }

  async finish(run: string): Promise<void> {
    const name = journalName(run);
    await this.#askFor({ method: 'DELETE', path: this.#path(name), what: `delete ${this.#where(name)}` });
    this.#begun.delete(run);
  }

  async list(): Promise<readonly Book[]> {
    const namespace = this.#namespace();
    const { body } = await this.#client.ask<{ items: ConfigMapJson[] }>({
      method: 'GET',
      path: pathOf(namespace),
      query: { labelSelector: JOURNAL_LABEL },
      what: `list the journals of runs in ${namespace}`,
    });
    return body.items.map((item) => this.#bookOf(item));
  }

  #bookOf({ metadata, data }: ConfigMapJson): Book {
    const name = metadata?.name ?? 'nameless';
    const where = this.#where(name);
    try {
      const book = parseBook(data?.[KEY] ?? '');
      // Another name than its run's would not be found again by what finishes it.
      if (name !== journalName(book.head.run)) throw new Error(`it is a copy of run ${book.head.run}'s`);
      return { run: book.head.run, identity: book.head.identity, where, open: openIn(book) };
    } catch (error) {
      return { run: name, identity: this.#identity, where, open: [], damage: messageOf(error) };
    }
  }

  /** @param change undefined = there is nothing to write; the same book = neither. */
  async #write(run: string, change: (book: BookText | undefined) => BookText | undefined): Promise<void> {
    const name = journalName(run);
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      const before = await this.#read(name);
      const book = before && parseBook(before.data?.[KEY] ?? '');
      const next = change(book);
      if (next === undefined || next === book) return;
      if (await this.#put(name, bookText(next), before)) return;
    }
    const problem = { subject: this.#where(name), expected: 'to be written', got: `${TRIES} lost races` };
    throw new GauntletError('unavailable', [
      { ...problem, next: 'Somebody else writes into it all the time: see who.' },
    ]);
  }

  async #read(name: string): Promise<ConfigMapJson | undefined> {
    const what = `get ${this.#where(name)}`;
    return await this.#askFor({ method: 'GET', path: this.#path(name), what });
  }

  /** False when somebody else was quicker. */
  async #put(name: string, text: string, before: ConfigMapJson | undefined): Promise<boolean> {
    const namespace = this.#namespace();
    const version = before?.metadata?.resourceVersion;
    const body = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name,
        namespace,
        labels: { [JOURNAL_LABEL]: 'true' },
        ...(version !== undefined && { resourceVersion: version }),
      },
      data: { [KEY]: text },
    };
    const write = { what: `write ${this.#where(name)}`, body, deadlineMs: DEADLINE_MS };
    try {
      if (before === undefined) {
        await this.#client.ask({ ...write, method: 'POST', path: pathOf(namespace) });
        return true;
      }
      return (await this.#askFor({ ...write, method: 'PUT', path: this.#path(name) })) !== undefined;
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) return false;
      throw error;
    }
  }

  /** Undefined for what is not there. */
  async #askFor<T extends object>(request: ApiRequest): Promise<T | undefined> {
    try {
      return (await this.#client.ask<T>({ deadlineMs: DEADLINE_MS, ...request })).body;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  #newBook(run: string): BookText {
    const { holder } = this.#kubernetes;
    const at = new Date().toISOString();
    const head = { kind: 'journal', run, identity: this.#identity, ...(holder && { holder }), at } as const;
    return { head, lines: [] };
  }

  #namespace(): string {
    const namespace = journalNamespace(this.#kubernetes);
    if (namespace !== undefined) return namespace;
    const expected = 'a namespace that is not protected, or kubernetes.journal.namespace';
    const problem = { subject: `journal on ${this.#identity}`, expected, got: 'none' };
    throw new GauntletError('refused', [problem]);
  }

  #where(name: string): string {
    return `ConfigMap ${name} in ${this.#namespace()}`;
  }

  #path(name: string): string {
    return `${pathOf(this.#namespace())}/${encodeURIComponent(name)}`;
  }

  #taken(run: string): GauntletError {
    const got = 'none: somebody has recovered this run, or deleted it';
    const problem = { subject: `journal of run ${run}`, expected: this.#where(journalName(run)), got };
    return new GauntletError('refused', [problem]);
  }
}

const pathOf = (namespace: string): string =>
  `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps`;

function notOurs(namespace: string, holder: string): GauntletError {
  const got = holder === '' ? 'free' : `held by ${holder}`;
  const problem = { subject: `lease in namespace ${namespace}`, expected: 'still ours', got };
  return new GauntletError('refused', [problem]);
}
