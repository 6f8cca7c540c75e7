/**
 * Plans every fault of a campaign and asks the guards, for a `together` group also about the sum of its
 * members, without touching the target: for `--dry-run` and before the load starts.
 */
import { GauntletError, type Problem } from '../../core/errors.ts';
import { type Grouped, stepsOf } from '../../core/fault-steps.ts';
import type { PlannedFault } from '../../core/plan.ts';
import type { FaultPolicy } from '../../core/policy.ts';
import type { Ms } from '../../core/units.ts';
import type { FaultPlan } from '../fault.ts';
import { faultNamed } from '../faults/registry.ts';
import { sumProblems } from '../guards/group-policy.ts';
import { consentProblems, guardProblems } from '../guards/policy.ts';
import type { World } from '../world.ts';
import { lastsMs as lastsOf } from './fault-request.ts';
import { planNow } from './plan-now.ts';

export interface Preflight {
  /**
   * The longest time from now until a fault is undone; default: its hold and its removal, as if it began now.
   */
  lastsMs?(fault: PlannedFault): Ms;
  /**
   * Only what the owner allows, not what the target can survive at this moment: faults that an earlier run
   * left, and that are undone before this one begins, must not cause a refusal.
   */
  readonly consentOnly?: boolean;
}

/** @throws one error with the problems of all faults; `usage` when one of them is, otherwise `refused`. */
export async function preflightFaults(
  faults: readonly (PlannedFault & Grouped)[],
  world: World,
  policy: FaultPolicy,
  { lastsMs = (fault) => lastsOf(fault), consentOnly = false }: Preflight = {},
): Promise<readonly FaultPlan[]> {
  const guards = consentOnly ? consentProblems : guardProblems;
  const plans: FaultPlan[] = [];
  const problems: Problem[] = [];
  let kind: GauntletError['kind'] = 'refused';
  const add = (more: readonly Problem[]): void => {
    problems.push(...more.filter((one) => !isKnown(problems, one)));
  };
  for (const { group, members } of stepsOf(faults)) {
    const own: FaultPlan[] = [];
    for (const planned of members) {
      try {
        const plan = await planNow(faultNamed(planned.kind), planned.spec, world);
        own.push(plan);
        add(await guards(plan, policy, world, lastsMs(planned)));
      } catch (error) {
        if (!(error instanceof GauntletError)) throw error;
        if (error.kind === 'usage') kind = 'usage';
        add(error.problems);
      }
    }
    if (group?.how === 'together' && !consentOnly) add(await sumProblems(own, world));
    plans.push(...own);
  }
  if (problems.length > 0) throw new GauntletError(kind, problems);
  return plans;
}

const isKnown = (known: readonly Problem[], problem: Problem): boolean =>
  known.some((one) => JSON.stringify(one) === JSON.stringify(problem));
