/** The entries of a history as they are at an instant. */
import type { Night } from '../../core/night.ts';
import type { QuarantineEntry } from '../../core/quarantine.ts';
import type { QuarantineState } from '../../core/quarantine-state.ts';
import { openEntries } from './in-force.ts';
import { outcomesSince, PASSES_TO_LEAVE, passesRunning } from './passes.ts';

const SHOWN_NIGHTS = 10;

/** In the order of the entries. */
export function quarantineStates(
  entries: readonly QuarantineEntry[],
  nights: readonly Night[],
  now: Date,
): readonly QuarantineState[] {
  const open = openEntries(entries, now);
  return entries.map((entry): QuarantineState => {
    const outcomes = outcomesSince(entry, nights);
    const passes = passesRunning(outcomes).length;
    const state = stateOf(entry, open.includes(entry), now);
    return {
      ...entry,
      state,
      outcomes: outcomes.slice(-SHOWN_NIGHTS).map(({ outcome }) => outcome.kind),
      passesRunning: passes,
      mayLeave: open.includes(entry) && passes >= PASSES_TO_LEAVE,
    };
  });
}

function stateOf(entry: QuarantineEntry, isOpen: boolean, now: Date): QuarantineState['state'] {
  if (isOpen) return Date.parse(entry.until) <= now.getTime() ? 'expired' : 'in-force';
  return entry.lifted === null ? 'replaced' : 'lifted';
}
