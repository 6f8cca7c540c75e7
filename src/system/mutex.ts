/** First come, first served: one holder at a time, or `width` of them. */
export class Mutex {
  readonly #width: number;
  #held = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(width = 1) {
    this.#width = width;
  }

  /** Number of present holders. */
  get held(): number {
    return this.#held;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#held >= this.#width) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#held += 1;
    try {
      return await work();
    } finally {
      // The place is handed over without becoming free in between, so no caller overtakes.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#held -= 1;
    }
  }
}
