/**
 * A flow in the words of k6. Every script takes `arrival` as it is, so that k6 runs exactly the schedule by which its
 * samples are matched: a rate that was rounded in two places in two ways would drift apart over an hour.
 */
import type { FlowLoad } from '../core/load-plan.ts';
import type { Ms } from '../core/units.ts';
import { heldUntil, wholeRates } from '../measure/schedule.ts';

/** Options of k6's executors; `vus` and `gracefulStop` are added by the script. */
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

export interface K6Flow extends FlowLoad {
  readonly arrival: K6Arrival;
}

export function k6Flow(flow: FlowLoad, durationMs: Ms): K6Flow {
  const schedule = heldUntil(flow.schedule, durationMs);
  const { unitMs, startRate, targets } = wholeRates(schedule);
  const timeUnit = `${unitMs}ms`;
  if (schedule.stages.length === 0) {
    const duration = `${durationMs}ms`;
    return {
      ...flow,
      arrival: { executor: 'constant-arrival-rate', rate: startRate, timeUnit, duration },
    };
  }
  const stages = schedule.stages.map((stage, index) => ({
    target: targets[index] ?? 0,
    duration: `${stage.durationMs}ms`,
  }));
  return {
    ...flow,
    schedule,
    arrival: { executor: 'ramping-arrival-rate', startRate, timeUnit, stages },
  };
}
