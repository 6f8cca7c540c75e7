/**
 * The journals of runs in their cluster: one ConfigMap for each run, in one namespace of the target. Every
 * write names the version that was read; an entry counts as stored only while the Leases still carry our
 * name.
 */

import type { ClusterJournal, JournalEntry, RunJournal } from '../../core/acts/cluster-journal.ts';
import type { KubernetesHandle } from '../../core/acts/kubernetes-handle.ts';
import { GauntletError, messageOf } from '../../core/errors.ts';
import { JOURNAL_SCHEMA } from '../../core/shapes/journal-shape.ts';
import type { KubeApi } from '../client/client.ts';
import { leaseHolder } from './cluster-lock.ts';
import { JournalStore, journalName, type StoredJournal } from './journal-store.ts';
import {
  type JournalText,
  journalText,
  openIn,
  parseJournal,
  withClosed,
  withOpened,
} from './journal-text.ts';

/**
 * Other clients write only while this run is recovered: after this many lost races something else is wrong.
 */
const TRIES = 5;

/** @param locked the namespaces whose Leases must carry the handle's holder while an entry is opened. */
export function kubeClusterJournal(
  client: KubeApi,
  kubernetes: KubernetesHandle,
  identity: string,
  locked: readonly string[],
): ClusterJournal {
  const clusterJournal = new RunJournals(client, kubernetes, identity, locked);
  return {
    open: (run, entry) => clusterJournal.inTurn(() => clusterJournal.open(run, entry)),
    close: (run, id, evidence) => clusterJournal.inTurn(() => clusterJournal.close(run, id, evidence)),
    finish: (run) => clusterJournal.inTurn(() => clusterJournal.finish(run)),
    list: () => clusterJournal.list(),
  };
}

class RunJournals {
  readonly #client: KubeApi;
  readonly #store: JournalStore;
  readonly #holder: string | undefined;
  readonly #identity: string;
  readonly #locked: readonly string[];
  /** Runs whose journal we created: when it is missing, another client removed it. */
  readonly #begun = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(client: KubeApi, kubernetes: KubernetesHandle, identity: string, locked: readonly string[]) {
    this.#client = client;
    this.#store = new JournalStore(client, kubernetes);
    this.#holder = kubernetes.holder;
    this.#identity = identity;
    this.#locked = locked;
  }

  /**
   * Faults of one group write at the same time: writing one after the other avoids version conflicts among
   * them.
   */
  inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(act, act);
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async open(run: string, entry: JournalEntry): Promise<void> {
    await this.#write(run, (journal) => {
      if (journal === undefined && this.#begun.has(run)) throw this.#taken(run);
      return withOpened(journal ?? this.#newJournal(run), entry);
    });
    this.#begun.add(run);
    // Checked after our line: recovery takes the Leases first and reads then, so one of the two sees the
    // other.
    if (this.#holder === undefined) return;
    for (const namespace of this.#locked) {
      const theirs = await leaseHolder(this.#client, namespace);
      if (theirs !== this.#holder) throw notOurs(namespace, theirs);
    }
  }

  async close(run: string, id: string, evidence: string): Promise<void> {
    await this.#write(run, (journal) => journal && withClosed(journal, id, evidence));
  }

  async finish(run: string): Promise<void> {
    await this.#store.remove(journalName(run));
    this.#begun.delete(run);
  }

  async list(): Promise<readonly RunJournal[]> {
    return (await this.#store.list()).map((one) => this.#journalOf(one));
  }

  #journalOf({ name, text }: StoredJournal): RunJournal {
    const where = this.#store.where(name);
    try {
      const journal = parseJournal(text);
      const { run, identity } = journal.head;
      // Under a name other than its run's, the final delete would not find it.
      if (name !== journalName(run)) throw new Error(`it is a copy of run ${run}'s`);
      return { run, identity, where, open: openIn(journal) };
    } catch (error) {
      return { run: name, identity: this.#identity, where, open: [], damage: messageOf(error) };
    }
  }

  /** @param change undefined = there is nothing to write; the same journal = neither. */
  async #write(
    run: string,
    change: (journal: JournalText | undefined) => JournalText | undefined,
  ): Promise<void> {
    const name = journalName(run);
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      const before = await this.#store.read(name);
      const journal = before && parseJournal(before.text);
      const next = change(journal);
      if (next === undefined || next === journal) return;
      if (await this.#store.write(name, journalText(next), before)) return;
    }
    const problem = {
      subject: this.#store.where(name),
      expected: 'to be written',
      got: `${TRIES} lost races`,
      next: 'Another client keeps updating this ConfigMap; see its managedFields.',
    };
    throw new GauntletError('unavailable', [problem]);
  }

  #newJournal(run: string): JournalText {
    const holder = this.#holder;
    const at = new Date().toISOString();
    const head = {
      kind: 'journal',
      schema: JOURNAL_SCHEMA,
      run,
      identity: this.#identity,
      ...(holder !== undefined && { holder }),
      at,
    } as const;
    return { head, lines: [] };
  }

  #taken(run: string): GauntletError {
    const expected = this.#store.where(journalName(run));
    const got = 'none: another client has recovered this run, or deleted it';
    return new GauntletError('refused', [{ subject: `journal of run ${run}`, expected, got }]);
  }
}

function notOurs(namespace: string, holder: string): GauntletError {
  const got = holder === '' ? 'free' : `held by ${holder}`;
  const problem = { subject: `lease in namespace ${namespace}`, expected: 'still ours', got };
  return new GauntletError('refused', [problem]);
}
