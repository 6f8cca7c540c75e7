/**
 * The latencies of a whole run in flat memory: 4 bytes per distinct bucket of a flow, clock and second, appended to one
 * array per flow and clock. One hour of 6 flows at 100/s (some 80 distinct buckets a second on 3 clocks) is about 21 MB
 * and its directory 8 MB; no histogram stays open.
 */
import type { LatencyClock } from '../core/samples.ts';
import type { LatencyIncrement } from './increments.ts';
import { DenseCounts } from './latency-histogram.ts';

/** A bucket number needs 15 bits (23,221 buckets), so that 17 are left for its count; a larger one takes more cells. */
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

  /** Adds what was due in these whole epoch seconds to a histogram. */
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

  /** Bytes in use, for the harness's own account. */
  get bytes(): number {
    let bytes = 0;
    for (const series of this.#series.values()) bytes += series.bytes;
    return bytes;
  }
}

class Series {
  #cells = new Uint32Array(1024);
  #used = 0;
  /** By second: where its stretches begin and end in the cells. */
  readonly #stretches = new Map<number, number[]>();

  get bytes(): number {
    return this.#cells.byteLength;
  }

  add({ second, counts }: LatencyIncrement): void {
    const from = this.#used;
    for (let at = 0; at + 1 < counts.length; at += 2) {
      let left = counts[at + 1] ?? 0;
      while (left > 0) {
        const part = Math.min(left, MOST_IN_CELL);
        this.#append(((counts[at] ?? 0) | (part << BUCKET_BITS)) >>> 0);
        left -= part;
      }
    }
    const stretches = this.#stretches.get(second);
    if (stretches === undefined) this.#stretches.set(second, [from, this.#used]);
    else stretches.push(from, this.#used);
  }

  addTo(target: DenseCounts, second: number): void {
    const stretches = this.#stretches.get(second) ?? [];
    for (let one = 0; one + 1 < stretches.length; one += 2) {
      const end = stretches[one + 1] ?? 0;
      for (let at = stretches[one] ?? 0; at < end; at += 1) {
        const cell = this.#cells[at] ?? 0;
        target.addBucket(cell & (2 ** BUCKET_BITS - 1), cell >>> BUCKET_BITS);
      }
    }
  }

  #append(cell: number): void {
    if (this.#used === this.#cells.length) {
      // By half, not double: at the end of a long run a quarter of the array may be empty, not half of it.
      const larger = new Uint32Array(Math.ceil(this.#cells.length * 1.5));
      larger.set(this.#cells);
      this.#cells = larger;
    }
    this.#cells[this.#used] = cell;
    this.#used += 1;
  }
}
