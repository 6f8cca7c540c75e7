/** A run that was made by hand, as a night. */
import { usageError } from '../../core/errors.ts';
import { shownPath } from '../files/shown-path.ts';
import type { HistoryStore } from '../history/history-store.ts';
import { nightFields } from '../history/night-of-run.ts';
import { assembleRun } from '../verdict/assemble.ts';
import { type KeptNight, keepNight } from './keep-night.ts';

/**
 * @param report where its folder will be found; null: where it is.
 * @throws usage: no run; a gate, whose numbers are of two versions; a run without a time.
 */
export function addRun(history: HistoryStore, runDir: string, report: string | null): KeptNight {
  const assembled = assembleRun(runDir);
  const { plan, events } = assembled;
  const isGate = plan.gate !== undefined || plan.history !== undefined;
  const expected = 'a run of one target with its events';
  if (isGate) throw usageError({ subject: runDir, expected, got: 'a gate, which compares two versions' });
  if (events.length === 0)
    throw usageError({ subject: runDir, expected, got: 'no event, so that its time is not known' });
  return keepNight(history, { ...nightFields(assembled), report: report ?? shownPath(runDir) }, new Date());
}
