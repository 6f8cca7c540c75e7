/**
 * What the noise of a place means for a gate, in one line: how much a pair varies, what the difference to be
 * found asks for, and what can be found with the pairs that there is time for.
 */
import type { GateBlock, GateMetric, GatePlan, GateRule } from '../../core/gate.ts';
import { pairsOf } from '../../measure/gate/gate-pairs.ts';
import { logRatios } from '../../measure/gate/judge-times.ts';
import { detectable, pairsNeeded, standardDeviation } from '../../measure/gate/pairs-needed.ts';
import { pairLength } from './gate-length.ts';

/** So many tell the noise to a quarter of itself. */
export const FIRST_PAIRS = 8;

export interface MetricNoise {
  readonly metric: GateMetric;
  /** Standard deviation of the log ratios of pairs. */
  readonly sdPair: number;
}

export type NoiseRule = GateRule & Pick<GatePlan, 'budgetMs'>;

/** After the first pairs that were kept, once; null before and behind them. */
export function noiseWords(blocks: readonly GateBlock[], gate: NoiseRule): string | null {
  const { kept } = pairsOf(blocks);
  if (kept.length !== FIRST_PAIRS || kept.at(-1)?.pair !== Math.max(...blocks.map((one) => one.pair)))
    return null;
  const noise = gate.metrics.flatMap((metric): MetricNoise[] => {
    if (metric.quantity === 'failed') return [];
    const ratios = logRatios(kept, metric.flow, metric.quantity);
    return ratios === null ? [] : [{ metric, sdPair: standardDeviation(ratios) }];
  });
  return outlookWords(`noise after ${FIRST_PAIRS} pairs`, noise, gate);
}

/**
 * @param source where the noise was measured, such as `noise after 8 pairs`. @param noise of the metrics of
 * the gate, in any order; null is returned for none.
 */
export function outlookWords(source: string, noise: readonly MetricNoise[], gate: NoiseRule): string | null {
  const size = { ...gate.times, level: gate.alpha / gate.metrics.length };
  const [hardest] = noise.toSorted((a, b) => b.sdPair - a.sdPair);
  if (hardest === undefined) return null;
  const { metric, sdPair } = hardest;
  const needed = pairsNeeded(sdPair, size);
  const most = gate.looks.at(-1) ?? 0;
  const asks = Number.isFinite(needed)
    ? `needs ${needed} pairs, ${minutes(needed * pairLength(gate))}`
    : 'is not to be found in any time';
  const within =
    gate.budgetMs === undefined ? `with its ${most} pairs` : `within the budget (${minutes(gate.budgetMs)})`;
  const finds = percent(Math.max(0.01, detectable(most, sdPair, size)));
  const several = gate.metrics.some((one) => one.flow !== metric.flow);
  const name = `${several ? `${metric.flow} ` : ''}${metric.quantity.toUpperCase()}`;
  return `${source}: ${name} varies by ${percent(Math.expm1(sdPair))} a pair; +${percent(gate.times.find)} ${asks}; ${within} it can find +${finds}`;
}

const percent = (value: number): string => `${Math.round(value * 100)} %`;
const minutes = (value: number): string =>
  value < 120_000 ? `${Math.ceil(value / 1000)} s` : `${Math.ceil(value / 60_000)} min`;
