/** Whether two nights measured the same thing: only then may their numbers stand in one series. */
import { createHash } from 'node:crypto';
import type { Plan } from '../../core/plan.ts';
import { loadHashOf } from '../gate/load-hash.ts';

/**
 * Of load, lengths, faults with parameters and groups, rounds, and how long a recovery must hold. Limits only
 * judge the numbers: another limit continues the series. The recovery timeout concerns recoveries alone
 * (`Night.recoveryWatchMs`). 16 hexadecimal digits.
 */
export function campaignHashOf(plan: Plan): string {
  const measured = {
    load: loadHashOf(plan),
    groups: plan.faults.map(({ group }) => group ?? null),
    steps: plan.shape?.steps ?? null,
    ...{ warmupMs: plan.warmupMs, baselineMs: plan.baselineMs },
    ...{ repeat: plan.repeat, holdMs: plan.recovery.holdMs },
  };
  return createHash('sha256').update(JSON.stringify(measured)).digest('hex').slice(0, 16);
}
