/** The trend of a campaign on a target, with what its history holds beside the nights. */
import type { HistoryOf } from '../../core/history.ts';
import type { Trend } from '../../core/trend.ts';
import { changesToTell } from '../../measure/trend/to-tell.ts';
import { trendOf } from '../../measure/trend/trend-of.ts';
import type { HistoryStore } from '../history/history-store.ts';

/** Always the same: whoever derives the trend of a history sees what the night saw. */
const SEED = 1;

export function trendOfHistory(history: HistoryStore, of: HistoryOf): Trend {
  const nights = history.nights(of);
  const newest = nights.at(-1)?.id;
  // What the newest night told itself is still new: a page of the day after must not turn its FAIL into PASS.
  const told = history.told(of).filter((one) => one.toldIn !== newest);
  return trendOf(nights, { pinned: history.pinned(of), told, seed: SEED });
}

/** What a night that has told this trend keeps. */
export const newChanges = (
  trend: Trend,
): readonly { readonly series: string; readonly at: string; readonly state: 'confirmed' }[] =>
  changesToTell(trend).map((one) => ({ ...one, state: 'confirmed' }));
