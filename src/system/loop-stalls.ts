/**
 * When our own event loop did not run: it was busy, or other processes had the CPU. Answers that arrive
 * meanwhile are read late, so that an answer of a target looks slow, or missing, that was not. Measured by a
 * timer that should fire every 20 ms.
 */

const BEAT_MS = 20;
/** A timer may be this late without a stall. */
const LEAST_STALL_MS = 10;
/** Longer than any deadline of a probe. */
const KEEP_MS = 10_000;

interface Stall {
  readonly from: number;
  readonly to: number;
}

export class LoopStalls {
  readonly #now: () => number;
  #stalls: Stall[] = [];
  /** When the next beat is due. */
  #due: number;
  #timer: NodeJS.Timeout | undefined;

  /** @param now a clock that never steps, in ms. */
  constructor(now: () => number) {
    this.#now = now;
    this.#due = now() + BEAT_MS;
  }

  /** Does not keep the process alive. */
  start(): this {
    this.#due = this.#now() + BEAT_MS;
    this.#timer ??= setInterval(() => this.beat(), BEAT_MS).unref();
    return this;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** The event loop runs. */
  beat(): void {
    const now = this.#now();
    if (now - this.#due >= LEAST_STALL_MS) this.#stalls.push({ from: this.#due, to: now });
    while ((this.#stalls[0]?.to ?? now) < now - KEEP_MS) this.#stalls.shift();
    this.#due = now + BEAT_MS;
  }

  /** How long the loop did not run within the span, in ms; includes a stall that has not ended yet. */
  within(from: number, to: number): number {
    const now = this.#now();
    const open = now - this.#due >= LEAST_STALL_MS ? [{ from: this.#due, to: now }] : [];
    return [...this.#stalls, ...open].reduce(
      (sum, one) => sum + Math.max(0, Math.min(to, one.to) - Math.max(from, one.from)),
      0,
    );
  }
}
