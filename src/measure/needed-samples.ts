/** How many samples an objective needs in its phase, or in each of its windows, before it says anything. */
import type { Objective } from '../core/objective.ts';
import { samplesForQuantile, samplesForShare } from './statistics.ts';

/** 0 where any number will do. */
export function neededSamples({ indicator, limit }: Pick<Objective, 'indicator' | 'limit'>): number {
  if (indicator.kind === 'quantile') return samplesForQuantile(indicator.quantile);
  return indicator.kind === 'failed' ? samplesForShare(limit) : 0;
}
