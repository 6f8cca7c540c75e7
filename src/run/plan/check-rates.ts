/**
 * Checks of the load that need the plan: rates after weights and `--scale`, processes against VUs, and the
 * total length.
 */

import type { CampaignLoad } from '../../config/campaign-load.ts';
import type { Problem } from '../../core/errors.ts';
import type { FlowLoad } from '../../core/load-plan.ts';
import { HIGHEST_RATE, LOWEST_RATE, type Ms } from '../../core/units.ts';
import { peakOf } from '../../measure/reserve.ts';

/** The limit of Node's timers: a longer one fires at once. */
const LONGEST_MS = 2 ** 31 - 1;

export function rateProblems(
  one: CampaignLoad,
  flows: readonly FlowLoad[],
  scale: number,
): readonly Problem[] {
  const by = scale === 1 ? '' : ` with --scale ${scale}`;
  return flows.flatMap(({ flow, schedule, worstStallMs }): readonly Problem[] => {
    const rate = peakOf(schedule);
    if (rate < LOWEST_RATE || rate > HIGHEST_RATE) {
      return [
        {
          subject: `rate of ${flow}`,
          expected: `1/h to ${HIGHEST_RATE}/s`,
          got: `${Number(rate.toPrecision(3))}/s${by}`,
          place: one.ratePlace,
        },
      ];
    }
    const needed = Math.ceil((rate * worstStallMs * 1.1) / 1000);
    if (one.generators === 1 || one.generators <= needed) return [];
    return [
      {
        subject: 'generators',
        expected: `no more k6 processes than ${flow} has VUs (${needed})`,
        got: `${one.generators}${by}`,
        place: one.generatorsPlace,
      },
    ];
  });
}

export function lengthProblems(loadBoundMs: Ms, file: string): readonly Problem[] {
  if (loadBoundMs <= LONGEST_MS) return [];
  return [
    {
      subject: file,
      expected: 'a campaign whose time limits sum to at most 16 days',
      got: `${Math.ceil(loadBoundMs / 1.5 / 86_400_000)} days`,
      next: 'Use shorter phases, or fewer rounds.',
    },
  ];
}
