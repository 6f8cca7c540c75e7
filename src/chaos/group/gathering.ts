/** A point at which a fixed number of parties wait for each other, each with something to say. */

type Met<Said> = readonly Said[] | null;

export class Gathering<Said> {
  readonly #said: (readonly [Said] | undefined)[];
  readonly #met: Promise<Met<Said>>;
  // Replaced by the executor of the promise, which runs at once.
  #resolve: (met: Met<Said>) => void = () => undefined;

  constructor(size: number) {
    this.#said = Array.from({ length: size }, () => undefined);
    this.#met = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Resolves when all have joined, with what they said in their order; null when it was given up before. */
  join(index: number, said: Said): Promise<Met<Said>> {
    this.#said[index] = [said];
    const all = this.#said.flatMap((one) => (one === undefined ? [] : one));
    if (all.length === this.#said.length) this.#resolve(all);
    return this.#met;
  }

  /** Whoever waits goes on with null; without effect once all have met. */
  giveUp(): void {
    this.#resolve(null);
  }
}
