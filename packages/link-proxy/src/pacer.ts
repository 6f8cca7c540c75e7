/**
 * One direction of a throttled link as a serial line: bytes leave one after another at a fixed rate,
 * whichever connection sent them. All lanes together never exceed the rate, because they all reserve time on
 * this one line.
 */

/** How many bytes one lane may send at a time: few enough to pace smoothly, enough for 1 ms timers. */
const SLICE_MS = 5;
const SMALLEST_SLICE_BYTES = 128;
const LARGEST_SLICE_BYTES = 65_536;
const BITS_PER_BYTE = 8;
const MS_PER_SECOND = 1000;

export class Pacer {
  readonly bytesPerMs: number;
  readonly sliceBytes: number;
  #freeAt = Number.NEGATIVE_INFINITY;

  /** @param bitsPerSecond decimal bits per second, greater than 0. */
  constructor(bitsPerSecond: number) {
    this.bytesPerMs = bitsPerSecond / BITS_PER_BYTE / MS_PER_SECOND;
    this.sliceBytes = Math.min(
      LARGEST_SLICE_BYTES,
      Math.max(SMALLEST_SLICE_BYTES, Math.floor(this.bytesPerMs * SLICE_MS)),
    );
  }

  /**
   * Reserves the line for `bytes` and returns the instant at which the last of them has left it. `readyAt` is
   * when the bytes could have started, not when the timer fired: a late timer therefore costs no throughput,
   * and an idle line saves up no burst.
   */
  reserve(bytes: number, readyAt: number): number {
    this.#freeAt = Math.max(this.#freeAt, readyAt) + bytes / this.bytesPerMs;
    return this.#freeAt;
  }
}
