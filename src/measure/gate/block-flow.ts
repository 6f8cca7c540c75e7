/** One flow of one block, from its counts and histogram to the few numbers that pairs are made of. */
import { GATE_QUANTILES, type GateBlockFlow, type GateQuantile } from '../../core/gate.ts';
import type { LatencyHistogram } from '../latency-histogram.ts';
import { samplesForQuantile } from '../statistics.ts';

export interface BlockCounts {
  readonly due: number;
  readonly completed: number;
  readonly failed: number;
}

/** @param good response times of the good answers only. */
export function blockFlow(
  counts: BlockCounts,
  good: LatencyHistogram,
  quantiles: readonly GateQuantile[],
): GateBlockFlow {
  const value = (name: GateQuantile): number | null => {
    const quantile = GATE_QUANTILES[name];
    const found = good.count < samplesForQuantile(quantile) ? null : good.valueAtQuantile(quantile);
    // A time of 0 µs has no logarithm; nothing answers within less than one.
    return found === null ? null : Math.max(found, 1) / 1000;
  };
  return {
    ...counts,
    unanswered: counts.due - counts.completed,
    goodMs: Object.fromEntries(quantiles.map((name) => [name, value(name)])),
  };
}
