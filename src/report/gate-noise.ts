/** What an A/A gate has found out about its place, for all reports. */
import type { AaResult, GatePlan, MetricNoise } from '../core/gate.ts';
import { nameOfMetric } from './gate-words.ts';

export interface NoiseTable {
  readonly titles: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Name, deviation, what can be found, what must be found and what that takes. */
export function noiseTable({ metrics }: AaResult, { looks, times }: GatePlan): NoiseTable {
  const find = `+${Math.round(times.find * 100)} %`;
  return {
    titles: ['noise of', 'sd of a pair', `${looks.at(-1) ?? 0} pairs find`, `pairs for ${find}`, 'minutes'],
    rows: metrics.map((one) => [
      nameOfMetric(one),
      one.sdPair.toFixed(3),
      `+${(one.detectable * 100).toFixed(1)} %`,
      ...sizeOf(one),
    ]),
  };
}

const sizeOf = ({ pairsNeeded, minutesNeeded }: MetricNoise): readonly string[] =>
  pairsNeeded === null ? ['out of reach', '–'] : [String(pairsNeeded), String(minutesNeeded)];

export const aaSentence = ({ meaning }: AaResult): string => `A/A: ${meaning}.`;
