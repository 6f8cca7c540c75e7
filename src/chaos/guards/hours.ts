/** Allowed hours of a target: `any`, `09:00-17:00`, `Mon-Fri 09:00-17:00`; always UTC, so that a gate means the same everywhere. */
import { type Problem, show } from '../../core/errors.ts';
import type { EpochMs } from '../../core/units.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const EXPECTED = '`any`, or hours in UTC such as 09:00-17:00 or Mon-Fri 09:00-17:00';

/** Empty when it is allowed now; what cannot be read is refused. The end is not included; 22:00-06:00 crosses midnight. */
export function hoursProblem(hours: string, wall: EpochMs): readonly Problem[] {
  if (hours === 'any') return [];
  const match = /^(?:(\w{3})(?:-(\w{3}))? )?(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(hours);
  const [, firstDay, lastDay] = match ?? [];
  const [from, to] = [minutes(match?.[3], match?.[4]), minutes(match?.[5], match?.[6])];
  const days = daysOf(firstDay, lastDay ?? firstDay);
  if (from === undefined || to === undefined || days === undefined) {
    return [{ subject: 'policy.hours', expected: EXPECTED, got: show(hours) }];
  }
  const date = new Date(wall);
  const now = date.getUTCHours() * 60 + date.getUTCMinutes();
  const today = date.getUTCDay();
  const crosses = to <= from;
  const afterMidnight = crosses && now < to;
  const inTime = crosses ? now >= from || afterMidnight : now >= from && now < to;
  // After midnight the window is still that of the day on which it began.
  const day = afterMidnight ? (today + 6) % 7 : today;
  if (inTime && days.includes(day)) return [];
  const clock = `${DAYS[today]} ${date.toISOString().slice(11, 16)}`;
  return [{ subject: 'policy.hours', expected: `a time within ${hours} UTC`, got: `${clock} UTC` }];
}

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
