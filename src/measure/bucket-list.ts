/** A growing list of bucket numbers at two bytes each: what is recorded between two flushes, or in one live slice. */
export class BucketList {
  #items = new Uint16Array(16);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(bucket: number): void {
    if (this.#length === this.#items.length) {
      const larger = new Uint16Array(this.#items.length * 2);
      larger.set(this.#items);
      this.#items = larger;
    }
    this.#items[this.#length] = bucket;
    this.#length += 1;
  }

  /** A view, not a copy. */
  values(): Uint16Array {
    return this.#items.subarray(0, this.#length);
  }
}
