/** Counts by bucket, and queries on them. Merging is exact and independent of the order. */

import type { Quantiles } from '../core/result.ts';
import type { SparseCounts } from '../core/samples.ts';
import { type Us, us } from '../core/units.ts';
import { BUCKETS, topOf } from './buckets.ts';

/** The queries that a judge needs on a distribution of latencies. */
export interface LatencyHistogram {
  readonly count: number;
  /** The value of rank 1 (lowest) to `count`, rounded up to the top of its bucket; null outside. */
  valueAtRank(rank: number): Us | null;
  /** Nearest rank: the value of rank ceil(q × count), at least 1. `quantile` in [0, 1]; null when empty. */
  valueAtQuantile(quantile: number): Us | null;
  readonly max: Us | null;
}

/** The histogram that others are added to. One takes 190 kB, so keep few. */
export class DenseCounts implements LatencyHistogram {
  readonly #counts = new Float64Array(BUCKETS);
  #count = 0;
  #highest = -1;

  get count(): number {
    return this.#count;
  }

  get max(): Us | null {
    return this.#highest < 0 ? null : topOf(this.#highest);
  }

  addBucket(bucket: number, count: number): void {
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count;
    this.#count += count;
    if (count > 0 && bucket > this.#highest) this.#highest = bucket;
  }

  addSparse(counts: SparseCounts): void {
    for (let at = 0; at + 1 < counts.length; at += 2) this.addBucket(counts[at] ?? 0, counts[at + 1] ?? 0);
  }

  /** Removes values that were added earlier; a bucket never goes below 0. */
  subtract(other: DenseCounts): void {
    for (let bucket = 0; bucket <= other.#highest; bucket += 1) {
      this.#take(bucket, other.#counts[bucket] ?? 0);
    }
  }

  /** Removes the lowest values. */
  dropLowest(values: number): void {
    let left = values;
    for (let bucket = 0; bucket <= this.#highest && left > 0; bucket += 1) {
      left -= this.#take(bucket, left);
    }
  }

  #take(bucket: number, wanted: number): number {
    const held = this.#counts[bucket] ?? 0;
    const taken = Math.min(held, wanted);
    this.#counts[bucket] = held - taken;
    this.#count -= taken;
    while (this.#highest >= 0 && this.#counts[this.#highest] === 0) this.#highest -= 1;
    return taken;
  }

  valueAtRank(rank: number): Us | null {
    if (!(rank >= 1 && rank <= this.#count)) return null;
    let seen = 0;
    for (let bucket = 0; bucket <= this.#highest; bucket += 1) {
      seen += this.#counts[bucket] ?? 0;
      if (seen >= rank) return topOf(bucket);
    }
    return null;
  }

  valueAtQuantile(quantile: number): Us | null {
    return this.valueAtRank(rankOf(quantile, this.#count));
  }

  /** Buckets that hold a value, lowest first, each followed by its count. */
  sparse(): SparseCounts {
    const pairs: number[] = [];
    for (let bucket = 0; bucket <= this.#highest; bucket += 1) {
      const count = this.#counts[bucket] ?? 0;
      if (count > 0) pairs.push(bucket, count);
    }
    return Uint32Array.from(pairs);
  }

  /** Empties it, so that one histogram can be reused. */
  clear(): void {
    this.#counts.fill(0, 0, this.#highest + 1);
    this.#count = 0;
    this.#highest = -1;
  }
}

/**
 * ceil(q × n), at least 1. First lowers q × n by one unit in the last place: 0.95 × 20 is 19.000000000000004
 * for some spellings of 0.95, and would give the 20th value in place of the 19th (HdrHistogram does the
 * same).
 */
export function rankOf(quantile: number, count: number): number {
  const exact = Math.min(1, Math.max(0, quantile)) * count;
  return Math.max(1, Math.ceil(exact - exact * Number.EPSILON));
}

/** Turns bucket numbers, one per value and in any order, into sparse counts. Sorts its argument. */
export function sparseOf(buckets: Uint16Array): SparseCounts {
  buckets.sort();
  let distinct = 0;
  for (let at = 0; at < buckets.length; at += 1)
    if (at === 0 || buckets[at] !== buckets[at - 1]) distinct += 1;
  const sparse = new Uint32Array(distinct * 2);
  let place = -2;
  for (let at = 0; at < buckets.length; at += 1) {
    if (at === 0 || buckets[at] !== buckets[at - 1]) {
      place += 2;
      sparse[place] = buckets[at] ?? 0;
    }
    sparse[place + 1] = (sparse[place + 1] ?? 0) + 1;
  }
  return sparse;
}

/** The quantile of bucket numbers by nearest rank, for small live windows; null when there are none. */
export function quantileOf(buckets: Uint16Array, quantile: number): Us | null {
  if (buckets.length === 0) return null;
  const sorted = buckets.slice().sort();
  return us(topOf(sorted[rankOf(quantile, sorted.length) - 1] ?? 0));
}

export function msAt(histogram: LatencyHistogram, quantile: number): number | null {
  const value = histogram.valueAtQuantile(quantile);
  return value === null ? null : value / 1000;
}

/** The quantiles that results show, in ms; null where there are no values. */
export function quantilesOf(histogram: LatencyHistogram): Quantiles {
  return {
    p50: msAt(histogram, 0.5),
    p90: msAt(histogram, 0.9),
    p95: msAt(histogram, 0.95),
    p99: msAt(histogram, 0.99),
    p999: msAt(histogram, 0.999),
    max: histogram.max === null ? null : histogram.max / 1000,
  };
}
