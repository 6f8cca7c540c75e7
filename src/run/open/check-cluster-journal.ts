/** The journals of runs that remain on a target: their part of `gauntlet doctor --target`. */

import type { ClusterJournal, RunJournal } from '../../core/acts/cluster-journal.ts';
import { messageOf } from '../../core/errors.ts';

export interface Check {
  readonly ok: boolean;
  /** It holds nothing back, and may be a mistake. */
  readonly warns?: boolean;
  readonly subject: string;
  readonly detail: string;
}

/**
 * One line per run, never ok: this check cannot distinguish a living run from a dead one, and residue must
 * not be reported as good.
 * @param target as it was typed, for the next step.
 */
export async function checkClusterJournal(
  clusterJournal: ClusterJournal,
  target: string,
): Promise<readonly Check[]> {
  try {
    const found = await clusterJournal.list();
    if (found.length === 0) return [{ ok: true, subject: 'journals of runs', detail: 'none' }];
    return found.map((journal) => ({
      ok: false,
      subject: `run ${journal.run}`,
      detail: detailOf(journal, target),
    }));
  } catch (error) {
    return [{ ok: false, subject: 'journals of runs', detail: messageOf(error) }];
  }
}

function detailOf({ where, open, damage }: RunJournal, target: string): string {
  if (damage !== undefined) return `${where} cannot be read: ${damage}`;
  const names = open.map((entry) => entry.name).join(', ') || 'nothing';
  return `open: ${names} (${where}); if this run is dead: gauntlet recover --target ${target}`;
}
