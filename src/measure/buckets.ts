/**
 * The bucket arithmetic of an HDR histogram with 3 significant digits from 1 µs to 1 h, so that counts can be
 * stored sparsely without an open histogram. Gives the same bucket numbers as every HdrHistogram library with
 * these settings.
 */
import { type Us, us } from '../core/units.ts';

/** One hour: the highest value that is resolved; longer ones are clamped and counted. */
export const HIGHEST_US = 3_600_000_000;
export const SIGNIFICANT_DIGITS = 3;

/** 3 digits need 2048 steps per doubling, of which the upper half is used after the first. */
const HALF = 1024;

/** @param value whole microseconds from 0 to HIGHEST_US. */
export function bucketOf(value: number): number {
  // Values stay below 2^32, so that 32-bit operations are exact (clz32 and >>> read their operand as
  // unsigned).
  const doublings = 21 - Math.clz32(value | 2047);
  return doublings * HALF + (value >>> doublings);
}

/** The largest value of a bucket: quantiles are never optimistic. */
export function topOf(bucket: number): Us {
  if (bucket < 2 * HALF) return us(bucket);
  const doublings = Math.floor(bucket / HALF) - 1;
  const step = 2 ** doublings;
  return us(((bucket % HALF) + HALF) * step + step - 1);
}

export const BUCKETS = bucketOf(HIGHEST_US) + 1;

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
