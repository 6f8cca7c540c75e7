/**
 * The numbers of a line while it grows. Not an array: one that begins with small numbers and then gets times
 * is made anew by the engine, and so is the code that fills it.
 */
import { STAGE_NUMBERS } from '../../core/paths.ts';

export class OwnNumbers {
  #numbers = new Float64Array(1024);
  #length = 0;

  /** See StageRow. */
  add(vu: number, iteration: number, offset: number, at: number, mark: number, ends: number): void {
    const from = this.#length;
    if (from + STAGE_NUMBERS > this.#numbers.length) this.#grow();
    const numbers = this.#numbers;
    numbers[from] = vu;
    numbers[from + 1] = iteration;
    numbers[from + 2] = offset;
    numbers[from + 3] = at;
    numbers[from + 4] = mark;
    numbers[from + 5] = ends;
    this.#length = from + STAGE_NUMBERS;
  }

  list(): readonly number[] {
    return Array.from(this.#numbers.subarray(0, this.#length));
  }

  #grow(): void {
    const larger = new Float64Array(2 * this.#numbers.length);
    larger.set(this.#numbers);
    this.#numbers = larger;
  }
}
