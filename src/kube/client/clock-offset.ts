/**
 * The difference between the API server's clock and ours. Its `Date` header is truncated to the second, so
 * one answer only gives "within 1 s"; further requests approach the instant at which its second changes,
 * until the round trip is the limit.
 */
import type { Clock } from '../../core/clock.ts';
import { type EpochMs, ms } from '../../core/units.ts';

export interface ClockOffset {
  /** Server minus harness, in ms: the middle of the interval that certainly contains it. */
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
 * Each round sends this many requests around the change of the server's second, and reduces the interval to
 * that fraction.
 */
const QUESTIONS = 10;
/** 1 s, 100 ms, 10 ms, 1 ms; the round trip may end it earlier. */
const ROUNDS = 3;

/**
 * Takes up to 31 requests and 4 s. Null when the server sends no `Date` or its clock was stepped meanwhile.
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
    // With the highest remaining offset, the server's second changes first: requests start at that instant.
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
