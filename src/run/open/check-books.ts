/** What runs have written on a target and not taken away: the part of `gauntlet doctor --target` that is about them. */
import { messageOf } from '../../core/errors.ts';
import type { Book, JournalBooks } from '../../core/acts/journal-books.ts';

export interface Check {
  readonly ok: boolean;
  readonly subject: string;
  readonly detail: string;
}

/**
 * One line per run, never ok: a look cannot tell a run that lives from one that is dead, and what is left behind must not
 * look well.
 * @param target as it was typed, for the next step.
 */
export async function checkBooks(books: JournalBooks, target: string): Promise<readonly Check[]> {
  try {
    const found = await books.list();
    if (found.length === 0) return [{ ok: true, subject: 'journals of runs', detail: 'none' }];
    return found.map((book) => ({ ok: false, subject: `run ${book.run}`, detail: detailOf(book, target) }));
  } catch (error) {
    return [{ ok: false, subject: 'journals of runs', detail: messageOf(error) }];
  }
}

function detailOf({ where, open, damage }: Book, target: string): string {
  if (damage !== undefined) return `${where} cannot be read: ${damage}`;
  const names = open.map((entry) => entry.name).join(', ') || 'nothing';
  return `open: ${names} (${where}); if this run is dead: gauntlet recover --target ${target}`;
}
