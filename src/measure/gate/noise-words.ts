/** The sentences about the noise of a place: before a gate, after its first pairs, and after an A/A gate. */
import type { GateRule, MetricNoise } from '../../core/gate.ts';
import { nameOf } from './metric-words.ts';

/** "P99 varies by 16 % a pair; +10 % needs 31 pairs, 14 min; the 32 pairs of this gate can find +10 %". */
export function noiseSentence(
  noise: MetricNoise,
  rule: Pick<GateRule, 'times' | 'looks' | 'metrics'>,
): string {
  const asked = `+${percent(rule.times.find)}`;
  return [
    `${nameOf(noise, rule)} varies by ${variation(noise.sdPair)} a pair`,
    noise.pairsNeeded === null
      ? `no number of pairs in reach finds ${asked}`
      : `${asked} needs ${noise.pairsNeeded} pairs, ${noise.minutesNeeded} min`,
    `the ${rule.looks.at(-1) ?? 0} pairs of this gate can find +${percent(noise.detectable)}`,
  ].join('; ');
}

/** By how much one pair typically differs from the next, up or down: from a deviation of log ratios. */
export const variation = (sdPair: number): string => percent(Math.exp(sdPair) - 1);

/** Rounded up where it would be nothing: no place is without noise. */
function percent(share: number): string {
  const points = share * 100;
  return points < 1 ? `${Math.max(0.1, points).toFixed(1)} %` : `${Math.round(points)} %`;
}
