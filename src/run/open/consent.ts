/**
 * The permissions that a run needs before it touches anything: from the owner of the target (policy, labels,
 * rights) and, where the target is not this machine's own, from the person who starts it. Checked before
 * locks are taken and before faults of an earlier run are undone.
 */

import type { FaultPlan } from '../../chaos/fault.ts';
import { faultNamed } from '../../chaos/faults/registry.ts';
import { hoursProblem } from '../../chaos/guards/hours.ts';
import { consentProblems, optInProblems } from '../../chaos/guards/policy.ts';
import { lastsMs } from '../../chaos/injector/fault-request.ts';
import { preflightFaults } from '../../chaos/injector/preflight.ts';
import type { World } from '../../chaos/world.ts';
import type { TargetFile } from '../../config/read-target.ts';
import { GauntletError, type Problem } from '../../core/errors.ts';
import { stepsOf } from '../../core/fault-steps.ts';
import type { Plan, PlannedFault } from '../../core/plan.ts';
import { seededRng } from '../../core/rng.ts';
import { type Ms, ms } from '../../core/units.ts';
import { monotonicClock } from '../../system/monotonic-clock.ts';
import { paperSandbox } from '../../targets/sandbox/paper.ts';
import { CAMPAIGN_REMOVAL_MS, removalOf } from '../plan/fault-times.ts';
import { planOnPaper, protectedProblems } from './check-names.ts';
import { highestRate, isOnThisMachine, loadProblems, sayRate } from './load-consent.ts';

/**
 * Guards of load and faults, all reasons at once.
 * @param world null = a sandbox that is not up, where only the file can be checked; then there are no plans.
 * @param consentOnly see {@link preflightFaults}.
 * @throws usage, refused.
 */
export async function checkConsent(
  plan: Plan,
  target: TargetFile,
  world: World | null,
  consentOnly: boolean,
): Promise<readonly FaultPlan[] | null> {
  const problems = [...loadProblems(plan, target, monotonicClock.wall())];
  let kind: GauntletError['kind'] = 'refused';
  let plans: readonly FaultPlan[] | null = null;
  try {
    const named = world ?? paperWorld(target);
    const paper = world === null ? await planOnPaper(plan.faults, named) : null;
    const wrong = [...(await protectedProblems(target, named.platform)), ...(paper?.problems ?? [])];
    if (wrong.length > 0) kind = 'usage';
    problems.push(...wrong);
    if (world === null) {
      const ends = endsAfter(plan, target);
      problems.push(...writtenProblems(plan, target));
      for (const [fault, planned] of paper?.plans ?? [])
        problems.push(...(await consentProblems(planned, target.policy, named, ends(fault))));
    } else {
      const preflight = { consentOnly, lastsMs: endsAfter(plan, target) };
      plans = await preflightFaults(plan.faults, world, target.policy, preflight);
      if (plan.audit) problems.push(...((await world.platform.guard?.refusals([], ['audit.list'])) ?? []));
    }
  } catch (error) {
    if (!(error instanceof GauntletError)) throw error;
    if (kind !== 'usage') kind = error.kind;
    problems.push(...error.problems);
  }
  const each = new Map(problems.map((one) => [JSON.stringify(one), one]));
  if (each.size > 0) throw new GauntletError(kind, [...each.values()]);
  return plans;
}

/** Names only. */
export const paperWorld = (target: TargetFile): World => ({
  platform: paperSandbox(target.sandbox?.name ?? target.name, target.system),
  clock: monotonicClock,
  rng: seededRng(0),
});

/** The checks that need only the target file. */
function writtenProblems(plan: Plan, { policy, platform }: TargetFile): readonly Problem[] {
  const touching = plan.faults.filter((one) => faultNamed(one.kind).permissions.length > 0);
  const wall = monotonicClock.wall();
  const ends = endsAfter(plan, { platform });
  return [
    ...(touching.length > 0 ? optInProblems(policy) : []),
    ...plan.faults.flatMap((one) => hoursProblem(policy.hours, wall, ends(one))),
  ];
}

/**
 * From now until a fault of the plan is undone: it begins no earlier than after all steps before it, and
 * takes at most its hold and the time that its removal may take. If later ones begin even later, the check is
 * repeated when they fire.
 */
export function endsAfter(
  plan: Plan,
  { platform }: Pick<TargetFile, 'platform'>,
): (fault: PlannedFault) => Ms {
  const removal = (one: PlannedFault): Ms => removalOf(one, platform, CAMPAIGN_REMOVAL_MS);
  const found = new Map<PlannedFault, Ms>();
  let at = plan.warmupMs + plan.baselineMs;
  for (const { group, members } of stepsOf(plan.faults)) {
    for (const one of members) {
      found.set(one, ms(at + lastsMs(one, removal(one))));
      if (group?.how !== 'together') at += one.holdMs ?? 0;
    }
    if (group?.how === 'together') at += Math.max(...members.map((one) => one.holdMs ?? 0));
    at += plan.recovery.holdMs;
  }
  return (fault) => found.get(fault) ?? lastsMs(fault, removal(fault));
}

export interface Question {
  /** `inject kill-pod into prod`. */
  readonly acts: string;
  readonly target: string;
}

/**
 * The act that a person has to agree to; null = none, because it stays on the sandbox or sends load only to
 * this machine.
 */
export function questionOf(
  plan: Pick<Plan, 'load' | 'faults' | 'rateSearch'>,
  target: TargetFile,
): Question | null {
  const faults = needsConsent(target) ? plan.faults.map((one) => one.name) : [];
  const load = isOnThisMachine(target) ? [] : [`send up to ${sayRate(highestRate(plan))} to ${target.name}`];
  const acts = [...load, ...(faults.length > 0 ? [`inject ${faults.join(', ')} into ${target.name}`] : [])];
  return acts.length === 0 ? null : { acts: acts.join(' and '), target: target.name };
}

/** Whether a fault on it affects other people: by its platform, whatever the name of the target. */
export const needsConsent = ({ platform }: Pick<TargetFile, 'platform'>): boolean => platform !== 'sandbox';
