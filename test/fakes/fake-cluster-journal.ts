/** The journals of a fake target: like those of a cluster they outlive every process that writes to them. */

import type { ClusterJournal, JournalEntry } from '../../src/core/acts/cluster-journal.ts';
import { GauntletError } from '../../src/core/errors.ts';

export class FakeClusterJournal {
  /** Open entries by run and id. */
  readonly runs = new Map<string, Map<string, JournalEntry>>();
  /** The error of every write; null: writes succeed. */
  failing: string | null = null;
  readonly acts: ClusterJournal = {
    open: async (run, entry) => {
      this.#refuseWhenFailing();
      const journal = this.runs.get(run) ?? new Map<string, JournalEntry>();
      this.runs.set(run, journal.set(entry.id, structuredClone(entry)));
    },
    close: async (run, id) => {
      this.#refuseWhenFailing();
      this.runs.get(run)?.delete(id);
    },
    finish: async (run) => {
      this.#refuseWhenFailing();
      this.runs.delete(run);
    },
    list: async () =>
      [...this.runs].map(([run, journal]) => ({
        run,
        identity: 'fake',
        where: `journal ${run}`,
        open: [...journal.values()],
      })),
  };

  /** Names of the entries that are open. */
  traces(): readonly string[] {
    return [...this.runs.values()].flatMap((journal) => [...journal.values()].map((entry) => entry.name));
  }

  #refuseWhenFailing(): void {
    if (this.failing === null) return;
    throw new GauntletError('unavailable', [
      { subject: 'journal', expected: 'an answer', got: this.failing },
    ]);
  }
}
