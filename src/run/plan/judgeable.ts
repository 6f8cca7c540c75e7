/**
 * What a plan shows about its objectives before anything is started, and when it is refused: a run needs at
 * least one objective that can be judged.
 */

import type { CampaignGoals } from '../../config/campaign-goals.ts';
import { GauntletError, type Place, type Problem } from '../../core/errors.ts';
import { asksIn } from '../../core/objective.ts';
import type { Plan } from '../../core/plan.ts';
import { type SampledPlan, shortages } from './enough-samples.ts';

/**
 * Sentences on objectives that will lack samples. None while a rate is still to be found.
 * @throws usage with every objective, when none of them can ever be judged.
 */
export function sampleWarnings(
  plan: SampledPlan & Pick<Plan, 'rateSearch'>,
  goals: CampaignGoals,
): readonly string[] {
  if (plan.rateSearch?.found === null) return [];
  const found = shortages(plan);
  const certain = found.filter((one) => one.isCertain && goals.objectives.includes(one.objective));
  if (certain.length > 0 && certain.length === goals.objectives.length && goals.audit.length === 0) {
    throw new GauntletError(
      'usage',
      certain.map(({ objective, text }): Problem => {
        const place = goals.places[goals.objectives.indexOf(objective)];
        return {
          subject: 'objective',
          expected: 'one that can be judged',
          got: text,
          next: 'No other objective could be judged either, so the run would end with NO-DATA.',
          ...(place && { place }),
        };
      }),
    );
  }
  return found.map((one) => one.text);
}

/** Objectives and limits on flows that the campaign loads and that are left out on this target. */
export function unloadedGoals(
  { objectives, abort, places }: CampaignGoals,
  loaded: readonly string[],
  target: string,
  elsewhere: Place,
): readonly Problem[] {
  const problemOf = (flow: string, subject: string, place: Place | undefined): Problem => ({
    subject,
    expected: `a flow that target ${target} has an address for: ${loaded.join(', ')}`,
    got: flow,
    next: 'Add its address to the target file, or remove the line.',
    place: place ?? elsewhere,
  });
  return [
    ...objectives.flatMap(({ flow, indicator }, index) =>
      indicator.kind === 'ready' || loaded.includes(flow) || asksIn([{ flow }]).length > 0
        ? []
        : [problemOf(flow, 'objective', places[index])],
    ),
    ...abort.flatMap(({ flow }) => (loaded.includes(flow) ? [] : [problemOf(flow, 'abort.when', undefined)])),
  ];
}
