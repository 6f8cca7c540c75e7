/** Merges 1,000 histograms of 1,000 values each, as a report merges the seconds of a phase. */
import { seededRng } from '../src/core/rng.ts';
import { us } from '../src/core/units.ts';
import { bucketOf } from '../src/measure/buckets.ts';
import { DenseCounts, sparseOf } from '../src/measure/latency-histogram.ts';

const HISTOGRAMS = 1000;
const VALUES = 1000;

export interface MergeFigures {
  readonly mergeMs: number;
  /** Distinct buckets of one of them. */
  readonly buckets: number;
}

export function benchMerge(): MergeFigures {
  const rng = seededRng(3);
  const all = Array.from({ length: HISTOGRAMS }, () =>
    sparseOf(
      Uint16Array.from({ length: VALUES }, () =>
        bucketOf(us(Math.round(2000 - 20_000 * Math.log(1 - rng.next())))),
      ),
    ),
  );
  const from = performance.now();
  const merged = new DenseCounts();
  for (const one of all) merged.addSparse(one);
  const quantile = merged.valueAtQuantile(0.99);
  const mergeMs = performance.now() - from;
  if (merged.count !== HISTOGRAMS * VALUES || quantile === null) throw new Error('values were lost');
  return { mergeMs, buckets: (all[0]?.length ?? 0) / 2 };
}

export const renderMerge = ({ mergeMs, buckets }: MergeFigures): string =>
  `1,000 histograms merged   ${mergeMs.toFixed(1)} ms (${buckets} buckets each; goal: below 1 s)`;
