/** How a fault × service level did, night by night, and whether it may leave its quarantine. */
import type { Night } from '../../core/night.ts';
import type { QuarantineEntry, QuarantineUnit } from '../../core/quarantine.ts';
import { dayOf, unitText } from './quarantine-words.ts';
import { type FaultSli, type UnitOutcome, unitOutcome } from './unit-outcome.ts';

/** Passes in a row with which an entry may leave. */
export const PASSES_TO_LEAVE = 7;

export interface UnitNightOutcome {
  readonly night: Night;
  readonly outcome: UnitOutcome;
}

/** Oldest first. */
export const nightsOf = (
  nights: readonly Night[],
  { campaign, environment }: Pick<QuarantineUnit, 'campaign' | 'environment'>,
): readonly Night[] =>
  nights
    .filter((one) => one.campaign === campaign && one.environment.key === environment)
    .sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt));

export const outcomesOf = (nights: readonly Night[], unit: FaultSli): readonly UnitNightOutcome[] =>
  nights.map((night) => ({ night, outcome: unitOutcome(night, unit) }));

/** The passes at the end, oldest first: no failure since; gaps do not count. */
export function passesRunning(outcomes: readonly UnitNightOutcome[]): readonly Night[] {
  const last = outcomes.findLastIndex(({ outcome }) => outcome.kind === 'fail');
  return outcomes.slice(last + 1).flatMap(({ night, outcome }) => (outcome.kind === 'pass' ? [night] : []));
}

/** Of the nights since an entry was made. */
export const outcomesSince = (
  entry: QuarantineEntry,
  nights: readonly Night[],
): readonly UnitNightOutcome[] =>
  outcomesOf(
    nightsOf(nights, entry).filter((one) => Date.parse(one.startedAt) >= Date.parse(entry.since)),
    entry,
  );

/** The passes in a row since an entry was made. */
export const passesSince = (entry: QuarantineEntry, nights: readonly Night[]): readonly Night[] =>
  passesRunning(outcomesSince(entry, nights));

/** For each entry that may leave: a sentence. @param open entries that are not lifted. */
export function mayLeave(open: readonly QuarantineEntry[], nights: readonly Night[]): readonly string[] {
  return open.flatMap((entry) => {
    const passes = passesSince(entry, nights);
    if (passes.length < PASSES_TO_LEAVE) return [];
    const from = dayOf(passes[0]?.startedAt ?? entry.since);
    return [
      `${unitText(entry)} may leave quarantine: ${passes.length} passes in a row since ${from} (owner ${entry.owner}). ` +
        'Lift it with gauntlet history quarantine and --lift.',
    ];
  });
}
