/** What the noise of a place makes of a gate there: pairs, minutes, and the difference that can be found. */
import type { GateMetric, GateRule, MetricNoise } from '../../core/gate.ts';
import { levelOfEach } from './gate-levels.ts';
import { detectable, pairsNeeded } from './pairs-needed.ts';

type Rule = Pick<GateRule, 'metrics' | 'recovery' | 'times' | 'alpha' | 'looks' | 'blockMs' | 'settleMs'>;

/**
 * @param sdPair standard deviation of the log ratios of pairs. The level of a metric is the one that
 * judges it, and the most pairs that find anything are those of the last look.
 */
export function outlookOf(metric: GateMetric, sdPair: number, rule: Rule): MetricNoise {
  const size = { ...rule.times, level: levelOfEach(rule) };
  const needed = pairsNeeded(sdPair, size);
  const pairs = Number.isFinite(needed) ? needed : null;
  return {
    flow: metric.flow,
    quantity: metric.quantity,
    sdPair,
    detectable: detectable(Math.max(2, rule.looks.at(-1) ?? 0), sdPair, size),
    pairsNeeded: pairs,
    minutesNeeded: pairs === null ? null : minutesOf(pairs, rule),
  };
}

/** Of one pair, in ms: two blocks, and what is thrown away before each. */
export const pairLength = ({ blockMs, settleMs }: Pick<GateRule, 'blockMs' | 'settleMs'>): number =>
  2 * (settleMs + blockMs);

/** Whole minutes of so many pairs, begun ones counted. */
export const minutesOf = (pairs: number, rule: Pick<GateRule, 'blockMs' | 'settleMs'>): number =>
  Math.ceil((pairs * pairLength(rule)) / 60_000);

/** The metric that asks for most pairs; undefined for none. */
export const hardestOf = (metrics: readonly MetricNoise[]): MetricNoise | undefined =>
  metrics.toSorted((a, b) => b.sdPair - a.sdPair)[0];
