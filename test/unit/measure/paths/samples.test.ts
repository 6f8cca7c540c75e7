import fc from 'fast-check';
import { expect, it } from 'vitest';
import { epochMs } from '../../../../src/core/units.ts';
import { bucketOf } from '../../../../src/measure/buckets.ts';
import { histogramOf, intervalCounts, slicesOf } from '../../../../src/measure/paths/path-samples.ts';
import { Samples } from '../../../../src/measure/paths/samples.ts';

const T0 = 1_800_000_000_000;
const phases = [
  { name: 'baseline', from: epochMs(T0), to: epochMs(T0 + 1000) },
  { name: 'fault:x', from: epochMs(T0 + 2000), to: epochMs(T0 + 3000) },
];

it('has of each request when it was due, and what became of it', () => {
  const one = fc.record({
    since: fc.integer({ min: 0, max: 4000 }),
    dueAt: fc.integer({ min: 0, max: 4000 }),
    ms: fc.integer({ min: 0, max: 60_000 }),
    kind: fc.constantFrom('came', 'never', 'waits'),
  });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 200 }), (all) => {
      const samples = new Samples();
      for (const { kind, since, dueAt, ms } of all)
        if (kind === 'never') samples.never(T0 + since, T0 + dueAt);
        else if (kind === 'came') samples.came(T0 + since, T0 + dueAt, ms);
        else samples.waits(T0 + since, T0 + dueAt, ms);
      const own = all.filter(({ dueAt }) => dueAt < 1000 || (dueAt >= 2000 && dueAt < 3000));
      const failed = own.filter(({ kind }) => kind === 'never').length;
      const count = own.filter(({ kind }) => kind !== 'waits').length;
      expect(intervalCounts(samples, phases)).toEqual({
        ...{ due: own.length, count, failed, dropped: 0, goodRate: (count - failed) / 2 },
      });
      const buckets = own.filter(({ kind }) => kind !== 'never').map(({ ms }) => bucketOf(ms * 1000));
      const sparse = [...histogramOf(samples, phases).sparse()];
      const counted = [...new Set(buckets)].sort((a, b) => a - b);
      expect(sparse).toEqual(counted.flatMap((at) => [at, buckets.filter((it) => it === at).length]));
      const bad = all.filter(({ kind, ms }) => kind === 'never' || ms > 500).length;
      const slices = slicesOf(samples, 500);
      expect(slices.reduce((sum, slice) => sum + slice.due, 0)).toBe(all.length);
      expect(slices.reduce((sum, slice) => sum + slice.bad, 0)).toBe(bad);
      expect(samples.isAnyDue(T0 + 1000, T0 + 1200)).toBe(
        all.some(({ since }) => since >= 1000 && since < 1200),
      );
    }),
  );
});
