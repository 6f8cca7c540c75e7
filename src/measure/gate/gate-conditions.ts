/**
 * Whether a gate compared under the conditions that it is meant for: had a side settled before its block
 * began, and did the baseline itself stay the same. Shown, never decided by.
 */
import { flowOn, GATE_QUANTILES, type GateMetric, type GateSide } from '../../core/gate.ts';
import type { Bounded, GateEvidence } from '../../core/gate-evidence.ts';
import { msAt } from '../latency-histogram.ts';
import { eachSecond, secondsOf } from '../phase-seconds.ts';
import { judgedHistogram } from '../phase-windows.ts';
import type { RunData } from '../run-data.ts';
import { samplesForQuantile } from '../statistics.ts';
import type { GatePair } from './gate-pairs.ts';
import { normalQuantile } from './normal.ts';
import { hodgesLehmann, lowerBound, signedRankCdf, upperBound, walshAverages } from './signed-rank.ts';

/** One-sided, of each end: intervals of 90 %. */
export const CHECK_LEVEL = 0.05;
/** With fewer no interval of that level exists. */
const LEAST = 5;
/** So much of each block is looked at as its beginning, at most a third of it. */
const FIRST_SECONDS = 3;

/** The centre of logarithms of ratios with its interval, as a ratio. Null for fewer than five. */
export function boundedRatio(logs: readonly number[]): Bounded | null {
  if (logs.length < LEAST) return null;
  const walsh = walshAverages(logs);
  const cdf = signedRankCdf(logs.length);
  return {
    ratio: Math.exp(hodgesLehmann(walsh)),
    low: Math.exp(lowerBound(walsh, cdf, CHECK_LEVEL)),
    high: Math.exp(upperBound(walsh, cdf, CHECK_LEVEL)),
  };
}

/** By the median, for which a few seconds hold answers enough. */
export function settlingOf(
  pairs: readonly GatePair[],
  flow: string,
  data: RunData,
): GateEvidence['settling'] {
  const lengths = pairs.map(({ baseline }) => (baseline.to - baseline.from) / 1000);
  const seconds = Math.min(FIRST_SECONDS, Math.floor(Math.min(...lengths) / 3));
  if (!(seconds >= 1)) return null;
  const ofSide = (side: GateSide): Bounded | null =>
    boundedRatio(
      pairs.flatMap((pair) => {
        const all = [...eachSecond(secondsOf({ name: 'block', from: pair[side].from, to: pair[side].to }))];
        const [first, rest] = [all.slice(0, seconds), all.slice(seconds)].map((some) => {
          const times = judgedHistogram(data, flowOn(flow, side), 'response', some);
          return times.count < samplesForQuantile(GATE_QUANTILES.p50)
            ? null
            : msAt(times, GATE_QUANTILES.p50);
        });
        return first && rest ? [Math.log(first / rest)] : [];
      }),
    );
  const [baseline, candidate] = [ofSide('baseline'), ofSide('candidate')];
  return baseline === null && candidate === null ? null : { seconds, baseline, candidate };
}

/**
 * Theil and Sen's line through the logarithms of the baseline's blocks, with Sen's interval of its slope
 * (Hollander, Wolfe and Chicken, Nonparametric Statistical Methods, §9.3), as the ratio that it makes from
 * the first block to the last. Where blocks depend on one another the true interval is wider.
 */
export function driftOf(pairs: readonly GatePair[], { flow, quantity }: GateMetric): GateEvidence['drift'] {
  if (quantity === 'failed') return null;
  const points = pairs.flatMap(({ baseline }) => {
    const value = baseline.flows[flow]?.goodMs[quantity];
    return typeof value === 'number' ? [{ at: (baseline.from + baseline.to) / 2, log: Math.log(value) }] : [];
  });
  const [first, last] = [points[0], points.at(-1)];
  if (points.length < LEAST || first === undefined || last === undefined) return null;
  const slopes = points
    .flatMap((one, index) =>
      points.slice(index + 1).map((other) => (other.log - one.log) / (other.at - one.at)),
    )
    .sort((a, b) => a - b);
  const n = points.length;
  const spread = normalQuantile(1 - CHECK_LEVEL) * Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  const lowAt = Math.max(0, Math.floor((slopes.length - spread) / 2));
  const at = (index: number): number => slopes[index] ?? 0;
  const middle = slopes.length / 2;
  const spanMs = last.at - first.at;
  const over = (slope: number): number => Math.exp(slope * spanMs);
  return {
    ratio: over((at(Math.ceil(middle) - 1) + at(Math.floor(middle))) / 2),
    low: over(at(lowAt)),
    high: over(at(slopes.length - 1 - lowAt)),
    spanMs,
  };
}
