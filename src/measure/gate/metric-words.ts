/** A metric of a gate in words, as every sentence about it has them. */
import { type GateMetric, quantityName } from '../../core/gate.ts';

/** "P99"; the flow is named where the gate has several. */
export function nameOf(
  { flow, quantity }: GateMetric,
  { metrics }: { readonly metrics: readonly GateMetric[] },
): string {
  const name = quantityName(quantity);
  return metrics.some((one) => one.flow !== flow) ? `${flow} ${name}` : name;
}

export interface Bounds {
  readonly estimate: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** "P99 ratio 1.04 (0.97–1.12)"; failures differ by points. */
export function metricWords(
  metric: GateMetric & Bounds,
  rule: { readonly metrics: readonly GateMetric[] },
): string {
  const name = nameOf(metric, rule);
  if (metric.quantity !== 'failed') return `${name} ratio ${ratioWords(metric)}`;
  const { estimate, low, high } = metric;
  const points = (value: number | null): string => (value === null ? '?' : `${(value * 100).toFixed(2)}`);
  return `${name} ${(estimate ?? 0) >= 0 ? '+' : ''}${points(estimate)} points (${points(low)} to ${points(high)})`;
}

/** "1.04 (0.97–1.12)"; a bound that is open is 0 or ∞. */
export function ratioWords({ estimate, low, high }: Bounds): string {
  const say = (value: number | null, none: string): string => (value === null ? none : value.toFixed(2));
  return `${say(estimate, '?')} (${say(low, '0')}–${say(high, '∞')})`;
}

export const count = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;
/** Of a share, to whole percent. */
export const percent = (share: number): string => `${Math.round(share * 100)} %`;
