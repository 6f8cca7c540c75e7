/**
 * The real gateway publishes with blocking calls on its one event loop: while a transaction runs, nothing
 * else does, not even /health (docs/systems/neural-hive-mind.md, "One intention"). Here the process stays
 * awake, so the gate makes everybody wait instead.
 */
import { Mutex } from '../mutex.ts';

export class LoopGate {
  readonly #loop = new Mutex();

  /** Runs what blocks the real loop: one at a time, in order. */
  block<T>(work: () => Promise<T>): Promise<T> {
    return this.#loop.run(work);
  }

  /**
   * Where the real code would need the loop to go on: returns when nothing blocks it, in turn with what does.
   */
  async pass(): Promise<void> {
    if (this.#loop.held > 0) await this.#loop.run(async () => undefined);
  }
}
