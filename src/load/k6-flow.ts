/**
 * A flow in k6's terms. Every script uses `arrival` unchanged, so that k6 runs exactly the schedule that its
 * samples are matched to: a rate that was rounded differently in two places would drift over an hour.
 */
import { flowWithoutSide } from '../core/gate.ts';
import type { ArrivalSchedule, FlowLoad } from '../core/load-plan.ts';
import type { Ms } from '../core/units.ts';
import { hasReserve, type Reserve, reserveOf, withMuster } from '../measure/reserve.ts';
import { heldUntil, wholeRates } from '../measure/schedule.ts';
import type { Segment } from '../measure/segments.ts';

/** Options of k6's executors; the script adds `vus` and `gracefulStop`. */
export type K6Arrival =
  | {
      readonly executor: 'constant-arrival-rate';
      readonly rate: number;
      readonly timeUnit: string;
      readonly duration: string;
    }
  | {
      readonly executor: 'ramping-arrival-rate';
      readonly startRate: number;
      readonly timeUnit: string;
      readonly stages: readonly { readonly target: number; readonly duration: string }[];
    };

/** What every VU knows about its flow. */
export interface K6Flow {
  /** As the campaign names it: in a gate scripts do not know of sides. */
  readonly flow: string;
  readonly executor: string;
  readonly worstStallMs: Ms;
  readonly vus: number;
  readonly reserve?: Reserve;
}

export function k6Flow(flow: FlowLoad, durationMs: Ms, segment: Segment): K6Flow {
  const { flow: name, executor, worstStallMs, vus } = flow;
  const reserve = reserveOf(flow, durationMs, segment);
  return { flow: flowWithoutSide(name), executor, worstStallMs, vus, ...(reserve && { reserve }) };
}

export function k6Arrival(flow: FlowLoad, durationMs: Ms): K6Arrival {
  const schedule: ArrivalSchedule = hasReserve(flow)
    ? withMuster(flow, durationMs)
    : heldUntil(flow.schedule, durationMs);
  const { unitMs, startRate, targets } = wholeRates(schedule);
  const timeUnit = `${unitMs}ms`;
  if (schedule.stages.length === 0) {
    return { executor: 'constant-arrival-rate', rate: startRate, timeUnit, duration: `${durationMs}ms` };
  }
  const stages = schedule.stages.map((stage, index) => ({
    target: targets[index] ?? 0,
    duration: `${stage.durationMs}ms`,
  }));
  return { executor: 'ramping-arrival-rate', startRate, timeUnit, stages };
}
