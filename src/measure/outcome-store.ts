/** Why completed arrivals were not good: the count of each outcome, by flow and due second. */
import { Columns } from './columns.ts';
import type { Seconds } from './phase-seconds.ts';

/** The outcome of a failed arrival in files older than outcomes. */
export const NOT_RECORDED = 'not-recorded';

export class OutcomeStore {
  readonly #flows = new Map<string, Map<string, Columns>>();

  /**
   * @param outcomes by word, without `ok`; undefined in files that were written before outcomes were kept.
   * @param failed how many arrivals were completed and not good; those without a word are `not-recorded`.
   */
  add(
    flow: string,
    second: number,
    failed: number,
    outcomes: Readonly<Record<string, number>> | undefined,
  ): void {
    let left = failed;
    for (const [word, count] of Object.entries(outcomes ?? {})) {
      this.#columns(flow, word).add(second, 0, count);
      left -= count;
    }
    if (left > 0) this.#columns(flow, NOT_RECORDED).add(second, 0, left);
  }

  /** Counts above 0, in no promised order. */
  sum(flow: string, seconds: Seconds): Map<string, number> {
    const found = new Map<string, number>();
    for (const [word, columns] of this.#flows.get(flow) ?? []) {
      let total = 0;
      const end = Math.min(seconds.to, columns.end);
      for (let second = Math.max(seconds.from, columns.first); second < end; second += 1) {
        total += columns.get(second, 0);
      }
      if (total > 0) found.set(word, total);
    }
    return found;
  }

  #columns(flow: string, word: string): Columns {
    let words = this.#flows.get(flow);
    if (words === undefined) {
      words = new Map();
      this.#flows.set(flow, words);
    }
    let columns = words.get(word);
    if (columns === undefined) {
      columns = new Columns(1);
      words.set(word, columns);
    }
    return columns;
  }
}

/** The most frequent first, words of equal count in alphabetical order: equal numbers give equal text. */
export const mostFirst = (counts: Iterable<readonly [string, number]>): [string, number][] =>
  [...counts]
    .map(([word, count]): [string, number] => [word, count])
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
