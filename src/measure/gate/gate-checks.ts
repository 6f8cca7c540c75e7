/**
 * What is looked at beside the verdict: does the order matter, do pairs depend on one another, does a
 * quantile lie between two modes.
 */
import type { GateChecks, GateQuantile, GateRule } from '../../core/gate.ts';
import { boundedRatio } from './gate-conditions.ts';
import type { GatePair } from './gate-pairs.ts';
import { logRatios } from './judge-times.ts';
import { standardDeviation } from './pairs-needed.ts';

/**
 * A P99 that varies so much more than the P95 jumps between two modes, for instance answers with and without
 * a retry.
 */
const CLIFF = 4;

export function isOnCliff(pairs: readonly GatePair[], flow: string): boolean {
  const spread = (quantity: GateQuantile): number =>
    standardDeviation(logRatios(pairs, flow, quantity) ?? []);
  const usual = spread('p95');
  return usual > 0 && spread('p99') > CLIFF * usual;
}

export function gateChecks(pairs: readonly GatePair[], { metrics }: GateRule): GateChecks {
  const flows = [...new Set(metrics.map((one) => one.flow))];
  const time = metrics.find((one) => one.quantity !== 'failed');
  const ratios = time && time.quantity !== 'failed' ? logRatios(pairs, time.flow, time.quantity) : null;
  return {
    slotEffect: ratios === null ? null : slotEffect(pairs, ratios),
    lag1: ratios === null ? null : lag1(ratios),
    cliffs: flows.filter((flow) => isOnCliff(pairs, flow)),
  };
}

function slotEffect(pairs: readonly GatePair[], ratios: readonly number[]): GateChecks['slotEffect'] {
  const firstToSecond = ratios.map((one, at) => (pairs[at]?.candidate.slot === 1 ? one : -one));
  return boundedRatio(firstToSecond);
}

/** Pearson's correlation of each value with the next. */
function lag1(values: readonly number[]): number | null {
  if (values.length < 5) return null;
  const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
  const variance = values.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  if (variance === 0) return null;
  const shared = values
    .slice(1)
    .reduce((sum, one, at) => sum + (one - mean) * ((values[at] ?? mean) - mean), 0);
  return shared / variance;
}
