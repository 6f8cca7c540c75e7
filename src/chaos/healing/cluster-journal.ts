/**
 * The copy of the journal that a platform keeps, if it keeps one: written before the line on disk, so that an
 * act that one machine finds on its disk can be found by every machine. An act whose copy cannot be written
 * is not begun.
 */

import type { JournalEntry } from '../../core/acts/cluster-journal.ts';
import type { Platform } from '../../core/acts/platform.ts';
import { messageOf } from '../../core/errors.ts';
import { type Journal, openEntries } from './journal.ts';

type Kept = Pick<Platform, 'clusterJournal'>;

/** Null: written, or the platform keeps no journal. Otherwise why the act must not begin. */
export async function writeAhead(platform: Kept, run: string, entry: JournalEntry): Promise<string | null> {
  try {
    await platform.clusterJournal?.open(run, entry);
    return null;
  } catch (error) {
    return `its undo could not be written into the journal of the target: ${messageOf(error)}`;
  }
}

/**
 * An entry that stays open is undone once more by a later recovery, which changes nothing: no reason to fail.
 */
export async function closeInCluster(
  platform: Kept,
  run: string,
  id: string,
  evidence: string,
): Promise<void> {
  await platform.clusterJournal?.close(run, id, evidence).catch(() => undefined);
}

/**
 * The end of a run: deletes its journal on the target, then its entry in the index of this machine. Entries
 * that are still open stay in both.
 * @returns null, or for people why it still exists; the next start on this machine then tries again.
 */
export async function endJournal(journal: Journal, platform: Kept): Promise<string | null> {
  try {
    if (openEntries(journal.path).length === 0) await platform.clusterJournal?.finish(journal.run);
  } catch (error) {
    return `every fault is undone, but the journal of run ${journal.run} is still on the target: ${messageOf(error)}`;
  }
  journal.finish();
  return null;
}
