import fc from 'fast-check';
import { build, HistogramLogReader, initWebAssemblySync, listTags } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { BUCKETS, bucketOf, HIGHEST_US, topOf } from '../../../src/measure/buckets.ts';
import { HlogDecoder, HlogEncoder } from '../../../src/measure/hlog.ts';
import { DenseCounts, quantileOf, rankOf, sparseOf } from '../../../src/measure/latency-histogram.ts';
import { LatencyStore } from '../../../src/measure/latency-store.ts';

initWebAssemblySync();
const latency = fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: HIGHEST_US }));
const reference = () =>
  build({
    bitBucketSize: 64,
    useWebAssembly: true,
    highestTrackableValue: HIGHEST_US,
    numberOfSignificantValueDigits: 3,
    autoResize: false,
  });
const sparse = (values: readonly number[]) => sparseOf(Uint16Array.from(values, bucketOf));

describe('the bucket arithmetic', () => {
  it('rounds up to the top of a bucket, within 0.1 %, and is its own inverse', () => {
    fc.assert(
      fc.property(latency, (value) => {
        const top = topOf(bucketOf(value));
        expect(top).toBeGreaterThanOrEqual(value);
        expect(top - value).toBeLessThanOrEqual(value / 1000);
        expect(bucketOf(Math.min(top, HIGHEST_US))).toBe(bucketOf(value));
      }),
    );
    expect(BUCKETS).toBe(23_221);
  });

  it('answers every quantile as HdrHistogram does', () => {
    fc.assert(
      fc.property(fc.array(latency, { minLength: 1, maxLength: 300 }), (values) => {
        const theirs = reference();
        for (const value of values) theirs.recordValue(value);
        const ours = new DenseCounts();
        ours.addSparse(sparse(values));
        expect(ours.count).toBe(theirs.totalCount);
        for (const percent of [1, 50, 90, 95, 99, 99.9, 100]) {
          expect(ours.valueAtQuantile(percent / 100)).toBe(theirs.getValueAtPercentile(percent));
          expect(quantileOf(Uint16Array.from(values, bucketOf), percent / 100)).toBe(
            theirs.getValueAtPercentile(percent),
          );
        }
        expect(ours.max).toBe(ours.valueAtQuantile(1));
        theirs.destroy();
      }),
      { numRuns: 60 },
    );
  });

  it('answers null where there is nothing, never 0', () => {
    const empty = new DenseCounts();
    expect([empty.max, empty.valueAtQuantile(0.99), empty.valueAtRank(1)]).toEqual([null, null, null]);
    expect(quantileOf(new Uint16Array(), 0.5)).toBeNull();
  });

  it('takes the nearest rank, undisturbed by the last bits of q × n', () => {
    expect(rankOf(0.95, 20)).toBe(19);
    expect(rankOf(0.99, 100)).toBe(99);
    expect(rankOf(0.999, 1000)).toBe(999);
    expect(rankOf(0.07, 100)).toBe(7);
    expect(rankOf(0, 5)).toBe(1);
    expect(rankOf(1, 5)).toBe(5);
  });

  it('is empty again after it was cleared', () => {
    const counts = new DenseCounts();
    counts.addSparse(sparse([5, 70_000]));
    counts.clear();
    counts.addSparse(sparse([9]));
    expect([counts.count, counts.valueAtQuantile(0.5), counts.max]).toEqual([1, 9, 9]);
  });
});

describe('the latency store', () => {
  it('adds up the stretches of one second and keeps seconds apart, also for counts above 17 bits', () => {
    const store = new LatencyStore();
    const base = { flow: 'a', clock: 'response' } as const;
    store.add({ ...base, second: 7, counts: Uint32Array.of(10, 300_000, 20, 1) });
    store.add({ ...base, second: 8, counts: Uint32Array.of(10, 5) });
    store.add({ ...base, second: 7, counts: Uint32Array.of(20, 2) });
    expect(store.histogram('a', 'response', [7]).count).toBe(300_003);
    expect(store.histogram('a', 'response', [7]).valueAtRank(300_001)).toBe(20);
    expect(store.histogram('a', 'response', [7, 8, 8]).count).toBe(300_013);
    expect(store.histogram('a', 'service', [7]).count).toBe(0);
    expect(store.histogram('b', 'response', [7]).count).toBe(0);
  });
});

describe('latency.hlog', () => {
  const increment = { flow: 'gateway.intentions', clock: 'response', second: 1_800_000_003 } as const;

  it('is read back to the same counts', () => {
    const encoder = new HlogEncoder(1_800_000_000);
    const decoder = new HlogDecoder();
    for (const line of encoder.header().split('\n')) expect(decoder.read(line)).toEqual({ kind: 'comment' });
    fc.assert(
      fc.property(fc.array(latency, { minLength: 1, maxLength: 200 }), (values) => {
        const one = { ...increment, counts: sparse(values) };
        expect(decoder.read(encoder.line(one).trimEnd())).toEqual({ kind: 'interval', increment: one });
      }),
      { numRuns: 60 },
    );
    encoder.destroy();
  });

  it('is understood by a standard reader: tags, absolute times and percentiles', () => {
    const encoder = new HlogEncoder(1_800_000_000);
    const text = encoder.header() + encoder.line({ ...increment, counts: sparse([1000, 2000, 3000]) });
    encoder.destroy();
    expect(listTags(text)).toEqual(['gateway.intentions:response']);
    const reader = new HistogramLogReader(text, 64, false);
    const histogram = reader.nextIntervalHistogram();
    expect(histogram?.startTimeStampMsec).toBe(1_800_000_003_000);
    expect(histogram?.endTimeStampMsec).toBe(1_800_000_004_000);
    expect(histogram?.getValueAtPercentile(50)).toBe(2000);
    expect(histogram?.totalCount).toBe(3);
    expect(text).toContain('Tag=gateway.intentions:response,3.000,1.000,3.001,');
  });

  it('calls a line that is torn, foreign or of another precision unreadable', () => {
    const encoder = new HlogEncoder(0);
    const line = encoder.line({ ...increment, second: 3, counts: sparse([1000]) }).trimEnd();
    encoder.destroy();
    const decoder = new HlogDecoder();
    expect(decoder.read(line.slice(0, -9)).kind).toBe('unreadable');
    expect(decoder.read(line.replace('3.000', '3.250'))).toEqual({
      kind: 'unreadable',
      why: 'the interval is not a whole second',
    });
    expect(decoder.read(line.replace(':response', ':other'))).toEqual({
      kind: 'unreadable',
      why: 'not an interval line with Tag=<flow>:<clock>',
    });
  });
});
