/** The part of a plan that foreign scripts have: their own schedules as flows, and what these cannot do. */
import type { CampaignLoad } from '../../config/campaign-load.ts';
import type { Problem } from '../../core/errors.ts';
import type { ExecutorKind, ReadFlow } from '../../core/foreign-script.ts';
import type { ArrivalSchedule, FlowLoad, ScenarioLoad } from '../../core/load-plan.ts';
import { formatLength, type Ms, ms, perSecond } from '../../core/units.ts';

/** Nothing for one of our scenarios. */
export function foreignLoad({ foreign, scenario }: CampaignLoad): Pick<ScenarioLoad, 'foreign'> {
  const { script } = scenario;
  if (foreign === undefined || script === undefined) return {};
  const { digest, functions, hasSetup, hasTeardown, thresholds, totalMs, flags } = script;
  const { steps, secrets } = foreign;
  const own = { digest, functions, hasSetup, hasTeardown, thresholds, totalMs, flags };
  return { foreign: { ...own, secrets, ...(steps !== undefined && { steps }) } };
}

export const kindOf = ({ stages }: ArrivalSchedule): ExecutorKind =>
  stages.length === 0 ? 'constant-arrival-rate' : 'ramping-arrival-rate';

/** A flow whose iterations k6 starts by the script's own executor. */
export function ownFlow(flow: string, read: ReadFlow, worstStallMs: Ms): FlowLoad {
  const { executor, kind, model, exec, vus, own } = read;
  const foreign = { kind, model, exec, ...(own && { own }) };
  return { flow, executor, schedule: scheduleOf(own?.arrivals), worstStallMs, vus, foreign };
}

/** In arrivals per second, for the ceilings of a target; k6's own numbers decide when they are due. */
function scheduleOf(arrivals: NonNullable<ReadFlow['own']>['arrivals']): ArrivalSchedule {
  if (arrivals === undefined) return { startRate: perSecond(0), stages: [] };
  const { unitMs, startRate, targets, durationsMs } = arrivals;
  const rate = (count: number) => perSecond((count * 1000) / unitMs);
  const stages = targets.map((to, index) => ({ to: rate(to), durationMs: ms(durationsMs[index] ?? 0) }));
  return { startRate: rate(startRate), stages };
}

/** Until k6 has given up the last iteration, without the warm-up. */
export const ownLength = (load: readonly ScenarioLoad[], warmupMs: Ms): Ms =>
  ms(Math.max(1000, ...load.map((one) => (one.foreign?.totalMs ?? 0) - warmupMs)));

/** A run that goes on after its load has ended measures nothing. */
export function ownEndProblems(
  load: readonly CampaignLoad[],
  flows: readonly FlowLoad[],
  expectedMs: Ms,
): readonly Problem[] {
  const next = 'Write rate: and exec: next to it, so that the load lasts as long as the run.';
  return load.flatMap(({ foreign, flows: names }): readonly Problem[] => {
    if (foreign === undefined) return [];
    const place = { place: foreign.place, next };
    return flows.flatMap(({ flow, foreign: own }): readonly Problem[] => {
      if (!names.includes(flow) || own?.own === undefined) return [];
      const { startMs, lengthMs, iterations } = own.own;
      const subject = `schedule of ${flow}`;
      const expected = `at least ${formatLength(expectedMs)}, the length of the run`;
      if (iterations !== undefined)
        return [{ subject, expected, got: `${iterations} iterations, which end by count`, ...place }];
      if (startMs + lengthMs >= expectedMs) return [];
      return [{ subject, expected, got: formatLength(startMs + lengthMs), ...place }];
    });
  });
}

export function scaleProblems({ foreign }: CampaignLoad, scale: number): readonly Problem[] {
  if (foreign === undefined || foreign.isGiven || scale === 1) return [];
  const got = String(scale);
  const next = 'Its executors have rates and VUs of their own.';
  return [
    {
      subject: '--scale',
      expected: '1 for a script with its own executors',
      got,
      next,
      place: foreign.place,
    },
  ];
}
