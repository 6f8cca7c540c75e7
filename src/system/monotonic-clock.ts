import { setTimeout as sleepFor } from 'node:timers/promises';
import type { Clock } from '../core/clock.ts';
import { epochMs, type Ms } from '../core/units.ts';

/** The real clock: monotonic time anchored to the epoch once, when this process began. */
export const monotonicClock: Clock = {
  now: () => epochMs(performance.timeOrigin + performance.now()),
  wall: () => epochMs(Date.now()),
  async sleep(duration: Ms, signal?: AbortSignal) {
    try {
      await sleepFor(Math.max(0, duration), undefined, signal ? { signal } : {});
    } catch (error) {
      // Node rejects with an AbortError of its own; the signal has the actual reason.
      throw signal?.aborted ? signal.reason : error;
    }
  },
};
