/** How long a running run keeps its own past in memory, derived from its plan: older data is only on disk. */
import type { Plan } from '../../core/plan.ts';
import { type Ms, ms } from '../../core/units.ts';
import { settleTimeout } from '../plan/plan-length.ts';

const MARGIN_MS = 10_000;

/**
 * For LiveData: the baseline, which is evaluated once its last arrivals have settled, and slices of a fault
 * that is about to begin.
 */
export const dataRetention = ({ load, baselineMs }: Pick<Plan, 'load' | 'baselineMs'>): Ms =>
  ms(baselineMs + settleTimeout(load.flatMap((one) => one.flows)) + MARGIN_MS);

/**
 * For the sliding windows of a flow. An abort condition covers `for` and, once it is met, looks back to the
 * window in which it began to hold; late answers can move that by a client's time limit. A search looks over
 * its whole step.
 */
export function windowRetention({ load, abort, shape }: Pick<Plan, 'load' | 'abort' | 'shape'>): Ms {
  const flows = load.flatMap((one) => one.flows);
  const conditions = abort.map((one) => one.forMs + settleTimeout(flows) + MARGIN_MS);
  const searched = shape?.steps.filter((step) => shape.search?.phases.includes(step.phase)) ?? [];
  return ms(Math.max(0, ...conditions, ...searched.map((step) => step.lengthMs)));
}
