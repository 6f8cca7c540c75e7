/**
 * What the noise of a place means for a gate, in one line: how much a pair varies, what the difference to be
 * found asks for, and what can be found with the pairs that there is time for.
 */
import type { GateBlock, GatePlan, GateRule, MetricNoise } from '../../core/gate.ts';
import { hardestOf, outlookOf, pairLength } from '../../measure/gate/gate-outlook.ts';
import { pairsOf } from '../../measure/gate/gate-pairs.ts';
import { logRatios } from '../../measure/gate/judge-times.ts';
import { nameOf, percent } from '../../measure/gate/metric-words.ts';
import { standardDeviation } from '../../measure/gate/pairs-needed.ts';

/** So many tell the noise to a quarter of itself. */
export const FIRST_PAIRS = 8;

export type NoiseRule = GateRule & Pick<GatePlan, 'budgetMs'>;

/** After the first pairs that were kept, once; null before and behind them. */
export function noiseWords(blocks: readonly GateBlock[], gate: NoiseRule): string | null {
  const { kept } = pairsOf(blocks);
  if (kept.length !== FIRST_PAIRS || kept.at(-1)?.pair !== Math.max(...blocks.map((one) => one.pair)))
    return null;
  const noise = gate.metrics.flatMap((metric): MetricNoise[] => {
    if (metric.quantity === 'failed') return [];
    const ratios = logRatios(kept, metric.flow, metric.quantity);
    return ratios === null ? [] : [outlookOf(metric, standardDeviation(ratios), gate)];
  });
  return outlookWords(`noise after ${FIRST_PAIRS} pairs`, noise, gate);
}

/**
 * @param source where the noise was measured, such as `noise after 8 pairs`. @param noise of the metrics of
 * the gate, in any order; null is returned for none.
 */
export function outlookWords(source: string, noise: readonly MetricNoise[], gate: NoiseRule): string | null {
  const hardest = hardestOf(noise);
  if (hardest === undefined) return null;
  const { sdPair, pairsNeeded } = hardest;
  const asks =
    pairsNeeded === null
      ? 'is not to be found in any time'
      : `needs ${pairsNeeded} pairs, ${minutes(pairsNeeded * pairLength(gate))}`;
  const within =
    gate.budgetMs === undefined
      ? `with its ${gate.looks.at(-1) ?? 0} pairs`
      : `within the budget (${minutes(gate.budgetMs)})`;
  const finds = percent(Math.max(0.01, hardest.detectable));
  return `${source}: ${nameOf(hardest, gate)} varies by ${percent(Math.expm1(sdPair))} a pair; +${percent(gate.times.find)} ${asks}; ${within} it can find +${finds}`;
}

const minutes = (value: number): string =>
  value < 120_000 ? `${Math.ceil(value / 1000)} s` : `${Math.ceil(value / 60_000)} min`;
