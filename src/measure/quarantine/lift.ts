/** The way out of quarantine. */
import { GauntletError } from '../../core/errors.ts';
import type { Night } from '../../core/night.ts';
import { isSameUnit, type QuarantineEntry, type QuarantineUnit } from '../../core/quarantine.ts';
import { openEntries } from './in-force.ts';
import { nightsOf, PASSES_TO_LEAVE, passesSince } from './passes.ts';
import { dayOf, faultNames, unitText } from './quarantine-words.ts';

/**
 * The entry, lifted: in force or expired. A fault that the campaign no longer has may leave at once.
 * @throws usage: there is no such entry; refused: too few passes in a row.
 */
export function liftQuarantine(
  unit: QuarantineUnit,
  nights: readonly Night[],
  entries: readonly QuarantineEntry[],
  now: Date,
): QuarantineEntry {
  const open = openEntries(entries, now);
  const entry = open.find((one) => isSameUnit(one, unit));
  if (entry === undefined) {
    const subject = `quarantine of ${unitText(unit)}`;
    const expected = `one of ${open.map(unitText).join('; ') || 'the entries (there is none)'}`;
    throw new GauntletError('usage', [{ subject, expected, got: 'no such entry' }]);
  }
  const newest = nightsOf(nights, unit).at(-1);
  const isGone = newest !== undefined && !faultNames(newest.faults).includes(unit.fault);
  const passes = passesSince(entry, nights);
  if (!isGone && passes.length < PASSES_TO_LEAVE) throw tooFew(entry, passes);
  return { ...entry, lifted: { at: now.toISOString(), passes: isGone ? [] : passes.map((one) => one.id) } };
}

function tooFew(entry: QuarantineEntry, passes: readonly Night[]): GauntletError {
  const which = passes.map((one) => one.run).join(', ');
  return new GauntletError('refused', [
    {
      subject: unitText(entry),
      expected: `${PASSES_TO_LEAVE} passes in a row since ${dayOf(entry.since)}`,
      got: `${passes.length}${which === '' ? '' : `: ${which}`}`,
      next: `It expires on ${dayOf(entry.until)}.`,
    },
  ]);
}
