/**
 * Allowed hours of a target: `any`, `09:00-17:00`, `Mon-Fri 09:00-17:00`; always UTC, so that the text means
 * the same everywhere.
 */
import { type Problem, show } from '../../core/errors.ts';
import { type EpochMs, epochMs, type Ms, ms } from '../../core/units.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const EXPECTED = '`any`, or hours in UTC such as 09:00-17:00 or Mon-Fri 09:00-17:00';
const MINUTE_MS = 60_000;
/** After a week every window has occurred once. */
const WEEK_MINUTES = 7 * 24 * 60;

/**
 * Empty when all of it is allowed: from this instant until `lastsMs` later. Unparsable hours are refused. The
 * end of a window is excluded; 22:00-06:00 crosses midnight.
 * @param lastsMs how long it may take until everything is undone, so that no fault begins a minute before the
 * window closes.
 */
export function hoursProblem(hours: string, from: EpochMs, lastsMs: Ms = ms(0)): readonly Problem[] {
  if (hours === 'any') return [];
  const isOpen = windowOf(hours);
  if (isOpen === undefined) return [{ subject: 'policy.hours', expected: EXPECTED, got: show(hours) }];
  const expected = `a time within ${hours} UTC`;
  if (!isOpen(from)) return [{ subject: 'policy.hours', expected, got: `${clock(from)} UTC` }];
  // Windows begin and end on whole minutes: between two of them the answer does not change.
  const first = Math.floor(from / MINUTE_MS) + 1;
  const last = Math.min(Math.ceil((from + lastsMs) / MINUTE_MS) - 1, first + WEEK_MINUTES);
  for (let minute = first; minute <= last; minute += 1) {
    if (isOpen(epochMs(minute * MINUTE_MS))) continue;
    const got = `${clock(from)} UTC, which may last until ${clock(epochMs(from + lastsMs))} UTC`;
    const next = 'Hold and removal must end within the hours: begin earlier, or make it shorter.';
    return [{ subject: 'policy.hours', expected, got, next }];
  }
  return [];
}

/** Whether an instant is inside; undefined for an invalid text. */
function windowOf(hours: string): ((at: EpochMs) => boolean) | undefined {
  const match = /^(?:(\w{3})(?:-(\w{3}))? )?(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(hours);
  const [, firstDay, lastDay] = match ?? [];
  const [from, to] = [minutes(match?.[3], match?.[4]), minutes(match?.[5], match?.[6])];
  const days = daysOf(firstDay, lastDay ?? firstDay);
  if (from === undefined || to === undefined || days === undefined) return undefined;
  const crosses = to <= from;
  return (at) => {
    const date = new Date(at);
    const now = date.getUTCHours() * 60 + date.getUTCMinutes();
    const today = date.getUTCDay();
    const afterMidnight = crosses && now < to;
    const inTime = crosses ? now >= from || afterMidnight : now >= from && now < to;
    // After midnight the window still belongs to the day on which it began.
    return inTime && days.includes(afterMidnight ? (today + 6) % 7 : today);
  };
}

/** `Sat 12:30`. */
const clock = (at: EpochMs): string => {
  const date = new Date(at);
  return `${DAYS[date.getUTCDay()]} ${date.toISOString().slice(11, 16)}`;
};

function minutes(hour: string | undefined, minute: string | undefined): number | undefined {
  const [h, m] = [Number(hour), Number(minute)];
  return h <= 24 && m < 60 && h * 60 + m <= 24 * 60 ? h * 60 + m : undefined;
}

function daysOf(first: string | undefined, last: string | undefined): readonly number[] | undefined {
  if (first === undefined || last === undefined) return [0, 1, 2, 3, 4, 5, 6];
  const [from, to] = [DAYS.indexOf(first), DAYS.indexOf(last)];
  if (from < 0 || to < 0) return undefined;
  const count = ((to - from + 7) % 7) + 1;
  return Array.from({ length: count }, (_, index) => (from + index) % 7);
}
