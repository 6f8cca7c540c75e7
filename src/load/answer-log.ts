/**
 * The end of each request of the followed flows, by the number of its iteration: about ten bytes a request in
 * the file, and none in memory once they are written.
 */
import type { AnswerIncrement } from '../core/records.ts';
import type { ResolvedArrival } from '../measure/arrival.ts';

interface Second {
  readonly flow: string;
  readonly second: number;
  readonly good: number[];
  readonly bad: Record<string, number[]>;
}

export class AnswerLog {
  readonly #seconds = new Map<string, Second>();

  /** What was never sent, or is not followed, has no iteration. */
  resolved({ flow, dueAt, outcome, vu, iteration }: ResolvedArrival): void {
    if (vu === undefined || iteration === undefined) return;
    const second = Math.floor(dueAt / 1000);
    const key = `${second} ${flow}`;
    let row = this.#seconds.get(key);
    if (row === undefined) {
      row = { flow, second, good: [], bad: {} };
      this.#seconds.set(key, row);
    }
    if (outcome !== 'ok') row.bad[outcome] ??= [];
    const ends = outcome === 'ok' ? row.good : row.bad[outcome];
    ends?.push(vu, iteration, Math.floor(dueAt - second * 1000));
  }

  /** What came since the last call. */
  flush(): readonly AnswerIncrement[] {
    const rows = [...this.#seconds.values()];
    this.#seconds.clear();
    return rows;
  }
}
