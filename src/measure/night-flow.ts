/** What one night says of one flow in one phase: counts, and estimates with their intervals. */
import type { Estimate, NightFlow } from '../core/night.ts';
import type { Phase } from '../core/result.ts';
import { type LatencyHistogram, msAt } from './latency-histogram.ts';
import type { RunData } from './run-data.ts';
import { quantileRanks, samplesForQuantile, wilson } from './statistics.ts';

const QUANTILES = { p50: 0.5, p95: 0.95, p99: 0.99 } as const;

/** @param phases the rounds of one phase, taken as one. */
export function nightFlow(data: RunData, flow: string, phases: readonly Phase[]): NightFlow {
  const { due, count, failed, seconds, stale = 0 } = data.flowPhase(flow, ...phases);
  const good = data.good(flow, ...phases);
  const unanswered = due - count - stale;
  return {
    ...{ due, failed, unanswered, seconds },
    bad: shareOf(failed + unanswered, due - stale),
    goodMs: { p50: timeOf(good, 'p50'), p95: timeOf(good, 'p95'), p99: timeOf(good, 'p99') },
  };
}

const NOTHING: Estimate = { value: null, low: null, high: null };

/** Wilson's interval. A stale connection is no evidence for or against the system. */
function shareOf(bad: number, due: number): Estimate {
  if (due <= 0) return NOTHING;
  const [low, high] = wilson(bad, due);
  return { value: rounded(bad / due), low: rounded(low), high: rounded(high) };
}

/** Order statistics, with the sample sizes that objectives need. */
function timeOf(good: LatencyHistogram, name: keyof typeof QUANTILES): Estimate {
  const quantile = QUANTILES[name];
  if (good.count < samplesForQuantile(quantile)) return NOTHING;
  const ranks = quantileRanks(good.count, quantile);
  const at = (rank: number | undefined): number | null => {
    const value = rank === undefined ? null : good.valueAtRank(rank);
    return value === null ? null : value / 1000;
  };
  return { value: msAt(good, quantile), low: at(ranks?.[0]), high: at(ranks?.[1]) };
}

/** One in a million is below what any night can tell. */
const rounded = (share: number): number => Number(share.toFixed(6));
