/**
 * The latencies of a whole run in flat memory: 4 bytes per distinct bucket of a flow, clock and second,
 * appended to one array per flow and clock, and 20 bytes for each block of them; no histogram stays open.
 * Measured: 1 h of 6 flows at 100/s on 3 clocks, 94 distinct buckets in each second, is 29 MB including the
 * slack of growing arrays.
 */
import type { LatencyClock, LatencyIncrement } from '../core/samples.ts';
import { Columns } from './columns.ts';
import { DenseCounts } from './latency-histogram.ts';

/**
 * A bucket number needs 15 bits (23,221 buckets), which leaves 17 for its count; a larger count takes more
 * cells.
 */
const BUCKET_BITS = 15;
const MOST_IN_CELL = 2 ** (32 - BUCKET_BITS) - 1;

export class LatencyStore {
  readonly #series = new Map<string, Series>();

  add(increment: LatencyIncrement): void {
    const key = `${increment.flow}:${increment.clock}`;
    let series = this.#series.get(key);
    if (series === undefined) {
      series = new Series();
      this.#series.set(key, series);
    }
    series.add(increment);
  }

  /** Names with any value on a clock, in alphabetical order. */
  names(clock: LatencyClock): string[] {
    const suffix = `:${clock}`;
    const keys = [...this.#series.keys()].filter((key) => key.endsWith(suffix));
    return keys.map((key) => key.slice(0, -suffix.length)).sort();
  }

  /** Adds the values that were due in these whole epoch seconds to a histogram. */
  addTo(target: DenseCounts, flow: string, clock: LatencyClock, seconds: Iterable<number>): void {
    const series = this.#series.get(`${flow}:${clock}`);
    if (series === undefined) return;
    for (const second of seconds) series.addTo(target, second);
  }

  histogram(flow: string, clock: LatencyClock, seconds: Iterable<number>): DenseCounts {
    const merged = new DenseCounts();
    this.addTo(merged, flow, clock, seconds);
    return merged;
  }

  /** Bytes in use, for the harness's own memory report. */
  get bytes(): number {
    let bytes = 0;
    for (const series of this.#series.values()) bytes += series.bytes;
    return bytes;
  }
}

/**
 * Where a block begins, where it ends, and the previous block of the same second plus 1 (0: there is none).
 */
const STRETCH = 3;

class Series {
  readonly #cells = new Words();
  readonly #stretches = new Words();
  /** By second: its last block plus 1. */
  readonly #last = new Columns(1);

  get bytes(): number {
    return this.#cells.bytes + this.#stretches.bytes + this.#last.bytes;
  }

  add({ second, counts }: LatencyIncrement): void {
    const from = this.#cells.length;
    for (let at = 0; at + 1 < counts.length; at += 2) {
      let left = counts[at + 1] ?? 0;
      while (left > 0) {
        const part = Math.min(left, MOST_IN_CELL);
        this.#cells.push(((counts[at] ?? 0) | (part << BUCKET_BITS)) >>> 0);
        left -= part;
      }
    }
    this.#stretches.push(from);
    this.#stretches.push(this.#cells.length);
    this.#stretches.push(this.#last.get(second, 0));
    this.#last.set(second, 0, this.#stretches.length / STRETCH);
  }

  addTo(target: DenseCounts, second: number): void {
    let stretch = this.#last.get(second, 0);
    while (stretch > 0) {
      const at = (stretch - 1) * STRETCH;
      const end = this.#stretches.get(at + 1);
      for (let place = this.#stretches.get(at); place < end; place += 1) {
        const cell = this.#cells.get(place);
        target.addBucket(cell & (2 ** BUCKET_BITS - 1), cell >>> BUCKET_BITS);
      }
      stretch = this.#stretches.get(at + 2);
    }
  }
}

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
      // Grows by half, not double: at the end of a long run a third of the array may be unused, not half of
      // it.
      const larger = new Uint32Array(Math.ceil(this.#words.length * 1.5));
      larger.set(this.#words);
      this.#words = larger;
    }
    this.#words[this.#length] = word;
    this.#length += 1;
  }
}
