import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../src/core/rng.ts';
import { bucketOf, HIGHEST_US } from '../../../src/measure/buckets.ts';
import { HlogDecoder, HlogEncoder } from '../../../src/measure/hlog.ts';
import { DenseCounts, rankOf, sparseOf } from '../../../src/measure/latency-histogram.ts';
import { LatencyStore } from '../../../src/measure/latency-store.ts';

const SECOND = 1_800_000_000;

/** Everything that can be asked of a histogram, as one text. */
const answersOf = (histogram: DenseCounts): string =>
  JSON.stringify([
    histogram.count,
    histogram.max,
    Array.from({ length: histogram.count }, (_, index) => histogram.valueAtRank(index + 1)),
  ]);

const wholeOf = (values: readonly number[]): DenseCounts => {
  const whole = new DenseCounts();
  for (const value of values) whole.addBucket(bucketOf(value), 1);
  return whole;
};

const values = fc.array(fc.oneof(fc.nat(3000), fc.nat(5_000_000), fc.integer({ min: 0, max: HIGHEST_US })), {
  minLength: 1,
  maxLength: 200,
});

describe('merged histograms', () => {
  it('are equal to the last bit however the values were split, and in whatever order they are merged', () => {
    const property = fc.property(
      values,
      fc.array(fc.nat(7), { minLength: 200, maxLength: 200 }),
      fc.nat(),
      (all, places, turn) => {
        const parts = Array.from({ length: 8 }, (): number[] => []);
        all.forEach((value, index) => void parts[places[index] ?? 0]?.push(bucketOf(value)));
        const sparse = parts.map((part) => sparseOf(Uint16Array.from(part)));
        const turned = [...sparse.slice(turn % 8), ...sparse.slice(0, turn % 8)];
        const whole = answersOf(wholeOf(all));
        for (const order of [sparse, turned, sparse.toReversed()]) {
          const merged = new DenseCounts();
          for (const part of order) merged.addSparse(part);
          expect(answersOf(merged)).toBe(whole);
        }
      },
    );
    fc.assert(property, { numRuns: 100 });
  });

  it('are equal to the last bit after the way over the store and over the log', () => {
    const encoder = new HlogEncoder(SECOND);
    const decoder = new HlogDecoder();
    for (const line of encoder.header().split('\n')) decoder.read(line);
    const property = fc.property(values, fc.integer({ min: 1, max: 5 }), (all, count) => {
      const store = new LatencyStore();
      for (let part = 0; part < count; part += 1) {
        const own = all.filter((_, index) => index % count === part);
        const counts = sparseOf(Uint16Array.from(own.map(bucketOf)));
        const line = encoder.line({ flow: 'a', clock: 'connect', second: SECOND + (part % 2), counts });
        const read = decoder.read(line.trimEnd());
        if (read.kind !== 'interval') throw new Error(`not read: ${line}`);
        store.add(read.increment);
      }
      const merged = store.histogram('a', 'connect', [SECOND + 1, SECOND]);
      expect(answersOf(merged)).toBe(answersOf(wholeOf(all)));
    });
    fc.assert(property, { numRuns: 40 });
    encoder.destroy();
  });
});

describe('quantiles of many values', () => {
  it('lie within 0.1 % above those of an exact sort of 10 million, up to P99.9', () => {
    const rng = seededRng(11);
    const count = 10_000_000;
    const exact = new Float64Array(count);
    const histogram = new DenseCounts();
    for (let index = 0; index < count; index += 1) {
      // Half quick and half slow, with a long tail: 0.2 ms to minutes.
      const mean = index % 2 === 0 ? 3000 : 80_000;
      const value = Math.min(
        HIGHEST_US,
        Math.round(200 - mean * Math.log(1 - rng.next()) * (1 + 5 * rng.next())),
      );
      exact[index] = value;
      histogram.addBucket(bucketOf(value), 1);
    }
    exact.sort();
    expect(histogram.count).toBe(count);
    for (const quantile of [0.001, 0.1, 0.5, 0.9, 0.95, 0.99, 0.999]) {
      const truth = exact[rankOf(quantile, count) - 1] ?? Number.NaN;
      const seen = histogram.valueAtQuantile(quantile) ?? Number.NaN;
      expect(seen).toBeGreaterThanOrEqual(truth);
      expect(seen / truth - 1).toBeLessThan(0.001);
    }
  });
});
