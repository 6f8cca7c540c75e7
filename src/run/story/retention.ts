/** How long a running run keeps its own past in memory, from its plan: what is older is on the disk alone. */
import type { Plan } from '../../core/plan.ts';
import { type Ms, ms } from '../../core/units.ts';
import { settleTimeout } from '../plan/plan-length.ts';

const MARGIN_MS = 10_000;

/**
 * For LiveData: the baseline, which is asked for once its last arrivals have settled, and slices of a fault
 * that is about to begin.
 */
export const dataRetention = ({ load, baselineMs }: Pick<Plan, 'load' | 'baselineMs'>): Ms =>
  ms(baselineMs + settleTimeout(load.flatMap((one) => one.flows)) + MARGIN_MS);

/**
 * For the sliding windows of a flow: an abort condition looks over `for` and, once it is met, back to the
 * window in which it began to hold, which late answers may move by as long as a client waits; a search looks
 * over its whole step.
 */
export function windowRetention({ load, abort, shape }: Pick<Plan, 'load' | 'abort' | 'shape'>): Ms {
  const flows = load.flatMap((one) => one.flows);
  const conditions = abort.map((one) => one.forMs + settleTimeout(flows) + MARGIN_MS);
  const searched = shape?.steps.filter((step) => shape.search?.phases.includes(step.phase)) ?? [];
  return ms(Math.max(0, ...conditions, ...searched.map((step) => step.lengthMs)));
}
