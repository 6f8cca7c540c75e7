/** A growing array of 32-bit words. */
export class Words {
  #words = new Uint32Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  get bytes(): number {
    return this.#words.byteLength;
  }

  /** 0 past the end. */
  get(at: number): number {
    return this.#words[at] ?? 0;
  }

  push(word: number): void {
    if (this.#length === this.#words.length) {
      // By half, not double: at the end of a long run a third of the array may be empty, not half of it.
      const larger = new Uint32Array(Math.ceil(this.#words.length * 1.5));
      larger.set(this.#words);
      this.#words = larger;
    }
    this.#words[this.#length] = word;
    this.#length += 1;
  }
}
