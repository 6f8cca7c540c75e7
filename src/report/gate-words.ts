/** The words for a gate that all reports share. */
import type { GateMetricResult, GateResult } from '../core/gate.ts';

export function slotText({ slotEffect, lag1 }: GateResult['checks']): string[] {
  if (slotEffect === null) return [];
  const { ratio, low, high } = slotEffect;
  const matters =
    low > 1 || high < 1 ? 'the order matters here, which the coin evens out' : 'the order does not matter';
  const lag = lag1 === null ? '' : `; each pair with the next: correlation ${lag1.toFixed(2)}`;
  return [
    `Checks: first slot to second ${ratio.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)}): ${matters}${lag}`,
  ];
}

export const nameOfQuantity = ({ quantity }: GateMetricResult): string =>
  quantity === 'failed' ? 'failed' : quantity.toUpperCase();

/** Times are ratios; failures differ by points. */
export function estimateText({ quantity, estimate }: GateMetricResult): string {
  if (estimate === null) return '–';
  return quantity === 'failed' ? points(estimate) : estimate.toFixed(3);
}

export function intervalText({ quantity, low, high }: GateMetricResult): string {
  const say = (value: number | null, none: string): string =>
    value === null ? none : quantity === 'failed' ? points(value) : value.toFixed(3);
  return `${say(low, '0')} to ${say(high, '∞')}`;
}

const points = (share: number): string => `${share >= 0 ? '+' : ''}${(share * 100).toFixed(2)} pt`;
