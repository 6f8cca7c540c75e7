/** Plans every fault of a campaign and asks the guards, without touching anything: for `--dry-run` and before the load starts. */
import { GauntletError, type Problem } from '../core/errors.ts';
import type { PlannedFault } from '../core/plan.ts';
import type { FaultPlan } from './fault.ts';
import { planNow } from './plan-now.ts';
import { checkGuards, type TargetPolicy } from './policy.ts';
import { faultNamed } from './registry.ts';
import type { World } from './world.ts';

/** @throws one error with the problems of all faults; `usage` when one of them is, else `refused`. */
export async function preflightFaults(
  faults: readonly PlannedFault[],
  world: World,
  policy: TargetPolicy,
): Promise<readonly FaultPlan[]> {
  const plans: FaultPlan[] = [];
  const problems: Problem[] = [];
  let kind: GauntletError['kind'] = 'refused';
  for (const planned of faults) {
    try {
      const plan = await planNow(faultNamed(planned.kind), planned.spec, world);
      plans.push(plan);
      await checkGuards(plan, policy, world);
    } catch (error) {
      if (!(error instanceof GauntletError)) throw error;
      if (error.kind === 'usage') kind = 'usage';
      problems.push(...error.problems.filter((one) => !isKnown(problems, one)));
    }
  }
  if (problems.length > 0) throw new GauntletError(kind, problems);
  return plans;
}

const isKnown = (known: readonly Problem[], problem: Problem): boolean =>
  known.some((one) => JSON.stringify(one) === JSON.stringify(problem));
