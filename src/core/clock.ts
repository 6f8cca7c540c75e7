import type { EpochMs, Ms } from './units.ts';

/**
 * The one clock of a run. `now` never steps: it is monotonic time anchored once to the epoch, so that it can
 * be compared with the timestamps of k6 and of the servers, which come from the wall clock of the same
 * machine. `wall` is the current wall clock. A growing difference between the two is a clock step, and the
 * run reports it.
 */
export interface Clock {
  now(): EpochMs;
  wall(): EpochMs;
  /** Resolves after the time, or rejects with the signal's reason. */
  sleep(duration: Ms, signal?: AbortSignal): Promise<void>;
}
