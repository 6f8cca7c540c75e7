import type { EpochMs, Ms } from './units.ts';

/**
 * The one clock of a run. `now` never steps: it is monotonic time anchored once to the epoch, so that it can
 * be laid beside the stamps of k6 and of the servers, which are wall-clock stamps of the same machine. `wall`
 * is the wall clock as it is now; a growing difference between the two is a clock step, and a run that saw
 * one says so.
 */
export interface Clock {
  now(): EpochMs;
  wall(): EpochMs;
  /** Resolves after the time, or rejects with the signal's reason. */
  sleep(duration: Ms, signal?: AbortSignal): Promise<void>;
}
