/**
 * How far the API server's clock is from ours. Its `Date` header is cut to the second, so one answer only says "within 1 s";
 * each further question is timed to halve what is left, until the round trip is the limit.
 */
import type { Clock } from '../core/clock.ts';
import { type EpochMs, ms } from '../core/units.ts';

export interface ClockOffset {
  /** Server minus harness, in ms: the middle of the interval in which it surely lies. */
  readonly offsetMs: number;
  /** Half of that interval. */
  readonly boundMs: number;
}

export interface DatedAnswer {
  readonly sentAt: EpochMs;
  readonly answeredAt: EpochMs;
  readonly date: EpochMs | null;
}

const SECOND_MS = 1000;
/** Ten halvings of a second are 1 ms; round trips end it earlier. */
const QUESTIONS = 10;

/**
 * Takes up to 10 questions and 6 s. Null when the server sends no `Date` or its clock was stepped meanwhile.
 * @param ask one cheap request.
 */
export async function measureClock(
  ask: () => Promise<DatedAnswer>,
  clock: Clock,
): Promise<ClockOffset | null> {
  let low = Number.NEGATIVE_INFINITY;
  let high = Number.POSITIVE_INFINITY;
  for (let question = 0; question < QUESTIONS; question += 1) {
    if (Number.isFinite(low)) await clock.sleep(ms(untilMiddle(clock.now(), (low + high) / 2)));
    const { sentAt, answeredAt, date } = await ask();
    if (date === null) return null;
    // The server read its clock at some instant in [sentAt, answeredAt] and it was in [date, date + 1 s).
    const before = high - low;
    low = Math.max(low, date - answeredAt);
    high = Math.min(high, date + SECOND_MS - sentAt);
    if (low > high) return null;
    const isStuck = question > 1 && before - (high - low) < 0.5;
    if (isStuck && high - low < 2 * (answeredAt - sentAt) + 1) break;
  }
  return { offsetMs: (low + high) / 2, boundMs: (high - low) / 2 };
}

/** The wait until the server's second turns over, if its clock is off by exactly the middle of what is left. */
const untilMiddle = (now: EpochMs, offset: number): number => {
  const past = (((now + offset) % SECOND_MS) + SECOND_MS) % SECOND_MS;
  return SECOND_MS - past;
};

/** `3 ms ± 4 ms behind ours`. */
export function sayOffset({ offsetMs, boundMs }: ClockOffset): string {
  const side = offsetMs < 0 ? 'behind' : 'ahead of';
  return `${Math.abs(offsetMs).toFixed(0)} ms ± ${Math.ceil(boundMs)} ms ${side} ours`;
}
