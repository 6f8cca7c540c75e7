/**
 * Each step of a campaign, planned on the target as it is now: its victims, and what the guards say. Reads
 * only.
 */
import type { FaultPlan } from '../../chaos/fault.ts';
import { preflightFaults } from '../../chaos/injector/preflight.ts';
import type { World } from '../../chaos/world.ts';
import type { TargetFile } from '../../config/read-target.ts';
import { GauntletError, messageOf, type Problem } from '../../core/errors.ts';
import { type FaultStep, stepsOf } from '../../core/fault-steps.ts';
import type { FaultInRound, Plan } from '../../core/plan.ts';
import type { Fact } from '../../core/runbook.ts';
import { planOnPaper } from '../open/check-names.ts';
import { endsAfter, paperWorld } from '../open/consent.ts';
import { factOf, isNotSo, isSo, isUnknown } from './fact.ts';
import { isAboutHours, isAboutOptIn } from './policy-facts.ts';

export interface PlannedSteps {
  readonly facts: readonly Fact[];
  /** Of the first round, by name. A fault that cannot be planned now is missing. */
  readonly plans: ReadonlyMap<string, FaultPlan>;
}

export const firstRound = ({ faults }: Plan): readonly FaultInRound[] =>
  faults.filter((one) => one.round === 1);

/** On a target that is open. */
export async function plannedSteps(plan: Plan, target: TargetFile, world: World): Promise<PlannedSteps> {
  const facts: Fact[] = [];
  const plans = new Map<string, FaultPlan>();
  const lastsMs = endsAfter(plan, target);
  for (const step of stepsOf(firstRound(plan))) {
    const subject = nameOf(step);
    try {
      const found = await preflightFaults(step.members, world, target.policy, { lastsMs });
      for (const [index, one] of step.members.entries()) {
        const planned = found[index];
        if (planned !== undefined) plans.set(one.name, planned);
      }
      facts.push(isSo(subject, `it would take ${found.map((one) => one.victim).join(', ')}: ${NO_REASON}`));
    } catch (error) {
      facts.push(await refusedFact(subject, error, { step, world, plans }));
    }
  }
  return { facts, plans };
}

const NO_REASON = 'names, rights, protected parts, replicas and quorum give no reason against it';

/** What the guards refuse is planned by itself: readers see what it would have been. */
async function refusedFact(
  subject: string,
  error: unknown,
  { step, world, plans }: { step: FaultStep<FaultInRound>; world: World; plans: Map<string, FaultPlan> },
): Promise<Fact> {
  if (!(error instanceof GauntletError)) return isNotSo(subject, messageOf(error));
  const paper = await planOnPaper(step.members, world);
  for (const one of step.members) {
    const planned = paper.plans.get(one);
    if (planned !== undefined) plans.set(one.name, planned);
  }
  const own = error.problems.filter((one) => !isSaidAbove(one));
  return factOf(subject, own, NO_REASON);
}

const isSaidAbove = (problem: Problem): boolean => isAboutHours(problem) || isAboutOptIn(problem);

/** On a sandbox that is not up: names only. */
export async function stepsOnPaper(plan: Plan, target: TargetFile): Promise<PlannedSteps> {
  const world = paperWorld(target);
  const first = firstRound(plan);
  const found = await planOnPaper(first, world);
  const facts = await Promise.all(
    stepsOf(first).map(async (step) => {
      const { problems } = await planOnPaper(step.members, world);
      if (problems.length > 0) return factOf(nameOf(step), problems, '');
      return isUnknown(nameOf(step), 'its names exist; victims and replicas are known when the target is up');
    }),
  );
  return { facts, plans: new Map([...found.plans].map(([fault, planned]) => [fault.name, planned])) };
}

export const unknownSteps = (plan: Plan, why: string): PlannedSteps => ({
  facts: stepsOf(firstRound(plan)).map((step) => isUnknown(nameOf(step), why)),
  plans: new Map(),
});

const nameOf = ({ group, members }: FaultStep<FaultInRound>): string =>
  `Fault ${group?.name ?? members[0]?.name ?? ''}`;
