/** Whether two plans send the same load: what is compared with an earlier measurement must be. */
import { createHash } from 'node:crypto';
import type { Plan } from '../../core/plan.ts';

/**
 * Of scenarios, flows, rates, stages, patience and faults, as a plan has them before it is joined to a gate;
 * addresses, seed and the text of the scenarios are no part of it. 16 hexadecimal digits.
 */
export function loadHashOf({ load, faults }: Pick<Plan, 'load' | 'faults'>): string {
  const sent = load.map(({ scenario, generators = 1, redirects = 0, flows }) => ({
    scenario,
    generators,
    redirects,
    flows: flows.map(({ flow, schedule, worstStallMs }) => ({ flow, schedule, worstStallMs })),
  }));
  const broken = faults.map(({ kind, written, holdMs }) => ({ kind, written, holdMs }));
  return createHash('sha256').update(JSON.stringify({ sent, broken })).digest('hex').slice(0, 16);
}
