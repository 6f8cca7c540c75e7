/**
 * A table of numbers by a whole-number key (a second, a slice) that grows at both ends: 8 bytes per cell,
 * without objects.
 */
export class Columns {
  readonly #width: number;
  #first = 0;
  #rows = 0;
  #cells = new Float64Array(0);

  /** @param width numbers in a row. */
  constructor(width: number) {
    this.#width = width;
  }

  /** Keys are in `[first, end)`; the table is empty when they are equal. */
  get first(): number {
    return this.#first;
  }

  get end(): number {
    return this.#first + this.#rows;
  }

  get bytes(): number {
    return this.#cells.byteLength;
  }

  get(key: number, column: number): number {
    if (key < this.first || key >= this.end) return 0;
    return this.#cells[(key - this.#first) * this.#width + column] ?? 0;
  }

  set(key: number, column: number, value: number): void {
    this.#cover(key);
    this.#cells[(key - this.#first) * this.#width + column] = value;
  }

  add(key: number, column: number, value: number): void {
    this.set(key, column, this.get(key, column) + value);
  }

  #cover(key: number): void {
    if (this.#rows === 0) {
      this.#first = key;
    } else if (key >= this.#first && key < this.end) {
      return;
    }
    const first = Math.min(this.#first, key);
    const rows = Math.max(this.end, key + 1) - first;
    const shift = (this.#first - first) * this.#width;
    if (shift > 0 || rows * this.#width > this.#cells.length) {
      const larger = new Float64Array(Math.ceil(rows * 1.5) * this.#width);
      larger.set(this.#cells.subarray(0, this.#rows * this.#width), shift);
      this.#cells = larger;
    }
    this.#first = first;
    this.#rows = rows;
  }
}
