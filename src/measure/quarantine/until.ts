/** The end of a quarantine, as a user writes it. */
import { type Problem, show } from '../../core/errors.ts';

export const MOST_DAYS = 30;
const DAY_MS = 86_400_000;

export interface ReadUntil {
  /** ISO 8601; empty beside a problem. */
  readonly until: string;
  readonly problems: readonly Problem[];
}

/** A day is included: it ends with the day, in UTC. */
export function readUntil(written: string | undefined, now: Date): ReadUntil {
  const latest = new Date(startOfDay(now) + MOST_DAYS * DAY_MS).toISOString().slice(0, 10);
  const expected = `a day from today to ${latest} (${MOST_DAYS} days), such as ${latest}`;
  const refuse = (got: string): ReadUntil => ({
    until: '',
    problems: [{ subject: '--until', expected, got }],
  });
  if (written === undefined) return refuse('nothing');
  const at = instantOf(written);
  if (at === undefined) return refuse(show(written));
  const isDayFine = startOfDay(at) <= startOfDay(now) + MOST_DAYS * DAY_MS;
  return at.getTime() > now.getTime() && isDayFine
    ? { until: at.toISOString(), problems: [] }
    : refuse(show(written));
}

const startOfDay = (at: Date): number => Math.floor(at.getTime() / DAY_MS) * DAY_MS;

const TIME = /^(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?Z)?$/;

function instantOf(written: string): Date | undefined {
  const [, day] = TIME.exec(written) ?? [];
  if (day === undefined) return undefined;
  const at = new Date(written === day ? `${day}T23:59:59.999Z` : written);
  // `2026-02-31` would become a day of March.
  return Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== day ? undefined : at;
}
