/** How many instances of a service are ready, from the platform's own events, for as long as a run lasts. */
import type { EpochMs } from '../units.ts';

export interface ReadySink {
  /** The number from this instant on: at the start of the watch, and at each change. */
  ready(count: number, at: EpochMs): void;
  /** Changes between these instants may have been missed. */
  unwatched(from: EpochMs, to: EpochMs, why: string): void;
}

export interface ReadyActs {
  /**
   * Resolves when the present number is known and every later change is seen.
   * @returns a function that ends the watch, with the instant up to which it is complete.
   * @throws when it cannot be watched.
   */
  watch(service: string, sink: ReadySink): Promise<() => Promise<EpochMs>>;
}
