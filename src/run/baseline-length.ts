/** How long a baseline must be for its objectives to have their samples at the rates of a plan. */
import type { FlowLoad } from '../core/load-plan.ts';
import type { Objective } from '../core/objective.ts';
import { type Ms, ms } from '../core/units.ts';
import { neededSamples } from '../measure/needed-samples.ts';

/** Phases are judged in whole seconds: one is lost at each end. */
const EDGES_MS = 2000;
/** Some arrivals fail, and percentiles are those of good answers. */
const SPARE = 1.1;

/** @returns 0 when no objective of the baseline needs samples, or when its flow has no constant rate. */
export function baselineNeeded(objectives: readonly Objective[], flows: readonly FlowLoad[]): Ms {
  const lengths = objectives.map((objective) => {
    const schedule = flows.find((one) => one.flow === objective.flow)?.schedule;
    const samples = samplesNeeded(objective);
    if (schedule === undefined || schedule.stages.length > 0 || samples === 0) return 0;
    return (samples / schedule.startRate) * 1000 * SPARE + EDGES_MS;
  });
  return ms(Math.ceil(Math.max(0, ...lengths) / 1000) * 1000);
}

function samplesNeeded({ scope, indicator, limit }: Objective): number {
  if (scope.kind !== 'phase' || scope.phase !== 'baseline' || scope.overMs !== undefined) return 0;
  const needed = neededSamples({ indicator, limit });
  return Number.isFinite(needed) ? needed : 0;
}
