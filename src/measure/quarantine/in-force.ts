/** Which entries count at an instant, and which have expired. */
import { isSameUnit, type QuarantineEntry, type QuarantineUnit } from '../../core/quarantine.ts';

type Place = Pick<QuarantineUnit, 'campaign' | 'environment'>;

const isOver = ({ until }: QuarantineEntry, now: Date): boolean => Date.parse(until) <= now.getTime();

/** Entered, not lifted, and not entered again since. Oldest first. */
export const openEntries = (entries: readonly QuarantineEntry[], now: Date): readonly QuarantineEntry[] =>
  entries
    .filter((one) => Date.parse(one.since) <= now.getTime())
    .filter((one) => one.lifted === null || Date.parse(one.lifted.at) > now.getTime())
    .filter(
      (one) =>
        !entries.some((other) => isSameUnit(one, other) && Date.parse(other.since) > Date.parse(one.since)),
    )
    .sort((a, b) => Date.parse(a.since) - Date.parse(b.since));

const openHere = (entries: readonly QuarantineEntry[], place: Place, now: Date): readonly QuarantineEntry[] =>
  openEntries(entries, now).filter(
    ({ campaign, environment }) => campaign === place.campaign && environment === place.environment,
  );

/** Entries that keep their fault × service level from deciding. */
export const inForce = (
  entries: readonly QuarantineEntry[],
  place: Place,
  now: Date,
): readonly QuarantineEntry[] => openHere(entries, place, now).filter((one) => !isOver(one, now));

/** Entries whose time is over: each fails the night until it is lifted or entered again. */
export const expired = (
  entries: readonly QuarantineEntry[],
  place: Place,
  now: Date,
): readonly QuarantineEntry[] => openHere(entries, place, now).filter((one) => isOver(one, now));
