/**
 * Requests on their way to one stage, or to the end of a path: 25 bytes each, since a run has as many as its
 * load has requests.
 */
const NEVER = Number.NaN;

export class Samples {
  #since = new Float64Array(64);
  #dueAt = new Float64Array(64);
  #ms = new Float64Array(64);
  #isWaiting = new Uint8Array(64);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** @param since when it was due there. @param dueAt when its request was. */
  came(since: number, dueAt: number, ms: number): void {
    this.#add(since, dueAt, ms, 0);
  }

  /** It was lost or is stuck. */
  never(since: number, dueAt: number): void {
    this.#add(since, dueAt, NEVER, 0);
  }

  /** @param ms as long as it had waited. */
  waits(since: number, dueAt: number, ms: number): void {
    this.#add(since, dueAt, ms, 1);
  }

  /** When it was due there: from when its time counts. */
  since(index: number): number {
    return this.#since[index] ?? NEVER;
  }

  /** By when its request was due: the phase that it belongs to. */
  dueAt(index: number): number {
    return this.#dueAt[index] ?? NEVER;
  }

  /** Null: it was lost or is stuck. Of one that is waiting, as long as it had waited. */
  ms(index: number): number | null {
    const ms = this.#ms[index] ?? NEVER;
    return Number.isNaN(ms) ? null : ms;
  }

  isWaiting(index: number): boolean {
    return this.#isWaiting[index] === 1;
  }

  /** Whether any was due there in `[from, to)`. */
  isAnyDue(from: number, to: number): boolean {
    for (let index = 0; index < this.#length; index += 1)
      if (this.since(index) >= from && this.since(index) < to) return true;
    return false;
  }

  #add(since: number, dueAt: number, ms: number, isWaiting: number): void {
    const index = this.#length;
    if (index === this.#since.length) this.#grow();
    this.#since[index] = since;
    this.#dueAt[index] = dueAt;
    this.#ms[index] = ms;
    this.#isWaiting[index] = isWaiting;
    this.#length += 1;
  }

  #grow(): void {
    const size = 2 * this.#length;
    const grown = (column: Float64Array): Float64Array<ArrayBuffer> => {
      const larger = new Float64Array(size);
      larger.set(column);
      return larger;
    };
    [this.#since, this.#dueAt, this.#ms] = [grown(this.#since), grown(this.#dueAt), grown(this.#ms)];
    const waiting = new Uint8Array(size);
    waiting.set(this.#isWaiting);
    this.#isWaiting = waiting;
  }
}
