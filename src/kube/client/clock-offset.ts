/**
 * How far the API server's clock is from ours. Its `Date` header is cut to the second, so one answer only
 * says "within 1 s"; further questions look for the instant at which its second turns over, ever closer,
 * until the round trip is the limit.
 */
import type { Clock } from '../../core/clock.ts';
import { type EpochMs, ms } from '../../core/units.ts';

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
/**
 * Each round asks so often while the server's second must turn over, and leaves that part of the interval.
 */
const QUESTIONS = 10;
/** 1 s, 100 ms, 10 ms, 1 ms; round trips end it earlier. */
const ROUNDS = 3;

/**
 * Takes up to 31 questions and 4 s. Null when the server sends no `Date` or its clock was stepped meanwhile.
 * @param ask one cheap request.
 */
export async function measureClock(
  ask: () => Promise<DatedAnswer>,
  clock: Clock,
): Promise<ClockOffset | null> {
  let low = Number.NEGATIVE_INFINITY;
  let high = Number.POSITIVE_INFINITY;
  const learn = async (): Promise<number | null> => {
    const { sentAt, answeredAt, date } = await ask();
    if (date === null) return null;
    // The server read its clock at some instant in [sentAt, answeredAt] and it was in [date, date + 1 s).
    low = Math.max(low, date - answeredAt);
    high = Math.min(high, date + SECOND_MS - sentAt);
    return low > high ? null : answeredAt - sentAt;
  };
  if ((await learn()) === null) return null;
  for (let round = 0; round < ROUNDS; round += 1) {
    const width = high - low;
    const step = width / QUESTIONS;
    // If the offset is the highest that is left, the server's second turns over first: from then on it is
    // looked for.
    const from = clock.now() + untilNextSecond(clock.now() + high);
    for (let question = 0; question < QUESTIONS; question += 1) {
      const due = from + step * (question + 0.5);
      if (due > clock.now()) await clock.sleep(ms(due - clock.now()));
      const took = await learn();
      if (took === null) return null;
      if (high - low <= step + took) break;
    }
    if (width - (high - low) < 1) break;
  }
  return { offsetMs: (low + high) / 2, boundMs: (high - low) / 2 };
}

const untilNextSecond = (at: number): number => SECOND_MS - (((at % SECOND_MS) + SECOND_MS) % SECOND_MS);

/** `3 ms ± 4 ms behind ours`. */
export function sayOffset({ offsetMs, boundMs }: ClockOffset): string {
  const side = offsetMs < 0 ? 'behind' : 'ahead of';
  return `${Math.abs(offsetMs).toFixed(0)} ms ± ${Math.ceil(boundMs)} ms ${side} ours`;
}
