/** The books of a fake target: like those of a cluster they outlive every process that writes into them. */

import type { BookEntry, JournalBooks } from '../../src/core/acts/journal-books.ts';
import { GauntletError } from '../../src/core/errors.ts';

export class FakeBooks {
  /** Open entries by run and id. */
  readonly runs = new Map<string, Map<string, BookEntry>>();
  /** Why nothing can be written now. */
  failing: string | null = null;
  readonly acts: JournalBooks = {
    open: async (run, entry) => {
      this.#refuseWhenFailing();
      const book = this.runs.get(run) ?? new Map<string, BookEntry>();
      this.runs.set(run, book.set(entry.id, structuredClone(entry)));
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
      [...this.runs].map(([run, book]) => ({
        run,
        identity: 'fake',
        where: `book ${run}`,
        open: [...book.values()],
      })),
  };

  /** Names of the entries that are open. */
  traces(): readonly string[] {
    return [...this.runs.values()].flatMap((book) => [...book.values()].map((entry) => entry.name));
  }

  #refuseWhenFailing(): void {
    if (this.failing === null) return;
    throw new GauntletError('unavailable', [{ subject: 'books', expected: 'an answer', got: this.failing }]);
  }
}
