import type { Clock } from '../../src/core/clock.ts';
import { type EpochMs, epochMs, type Ms } from '../../src/core/units.ts';

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

/** A clock that moves only on request: the fake for schedules, leases and watches. */
export class VirtualClock implements Clock {
  #now: number;
  #stepped = 0;
  #sleepers: Sleeper[] = [];

  constructor(startMs = 1_800_000_000_000) {
    this.#now = startMs;
  }

  now(): EpochMs {
    return epochMs(this.#now);
  }

  wall(): EpochMs {
    return epochMs(this.#now + this.#stepped);
  }

  /** Moves only the wall clock, as an NTP step does. */
  stepWall(byMs: number): void {
    this.#stepped += byMs;
  }

  sleep(duration: Ms, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal?.reason);
      };
      const wake = (): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const sleeper: Sleeper = { due: this.#now + Math.max(0, duration), wake };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Advances the time, wakes sleepers in their due order, and runs their continuations in between. */
  async advance(byMs: number): Promise<void> {
    const end = this.#now + byMs;
    for (;;) {
      await settle();
      const next = this.#sleepers.filter((one) => one.due <= end).sort((a, b) => a.due - b.due)[0];
      if (!next) break;
      this.#sleepers = this.#sleepers.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.due);
      next.wake();
    }
    this.#now = end;
    await settle();
  }
}

/** Runs all pending promise callbacks: one turn of the event loop. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
