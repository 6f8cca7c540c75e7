/**
 * The real gateway publishes with blocking calls on its one event loop: during a transaction nothing else
 * runs, not even /health (docs/systems/neural-hive-mind.md, "One intention"). The stand-in's loop is not
 * blocked, so this gate makes other requests wait instead.
 */
import { Mutex } from '../../../../../src/system/mutex.ts';

export class LoopGate {
  readonly #loop = new Mutex();

  /** Runs a task that blocks the real loop: one at a time, in order. */
  block<T>(work: () => Promise<T>): Promise<T> {
    return this.#loop.run(work);
  }

  /**
   * A point at which the real code needs the loop: resolves when nothing blocks it, in order with the
   * blocking tasks.
   */
  async pass(): Promise<void> {
    if (this.#loop.held > 0) await this.#loop.run(async () => undefined);
  }
}
