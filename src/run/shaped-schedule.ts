/** Arithmetic on schedules: a rate times a factor, and a rate that follows the shape of a campaign. */
import type { ArrivalSchedule, Stage } from '../core/load-plan.ts';
import type { ShapeStep } from '../core/shape.ts';
import { ms, type PerSecond, perSecond } from '../core/units.ts';

export const timesRate = (schedule: ArrivalSchedule, factor: number): ArrivalSchedule => ({
  startRate: perSecond(schedule.startRate * factor),
  stages: schedule.stages.map((stage) => ({ ...stage, to: perSecond(stage.to * factor) })),
});

/** Jumps are stages of no length. After the last step nothing is due. */
export function shapedSchedule(rate: PerSecond, steps: readonly ShapeStep[]): ArrivalSchedule {
  const stages: Stage[] = [];
  const first = steps[0]?.from ?? 0;
  let level = first;
  const jump = (to: number): void => {
    if (to !== level) stages.push({ to: perSecond(rate * to), durationMs: ms(0) });
  };
  for (const step of steps) {
    jump(step.from);
    stages.push({ to: perSecond(rate * step.to), durationMs: step.lengthMs });
    level = step.to;
  }
  jump(0);
  return { startRate: perSecond(rate * first), stages };
}
