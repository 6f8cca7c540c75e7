/** What the owner of a target allows, as far as its file says. */
import { faultNamed } from '../../chaos/faults/registry.ts';
import { hoursProblem } from '../../chaos/guards/hours.ts';
import { optInProblems } from '../../chaos/guards/policy.ts';
import type { TargetFile } from '../../config/read-target.ts';
import type { Platform } from '../../core/acts/platform.ts';
import type { Problem } from '../../core/errors.ts';
import type { Plan } from '../../core/plan.ts';
import type { FaultPolicy } from '../../core/policy.ts';
import type { Fact } from '../../core/runbook.ts';
import { monotonicClock } from '../../system/monotonic-clock.ts';
import { protectedProblems } from '../open/check-names.ts';
import { endsAfter } from '../open/consent.ts';
import { highestRate, isOnThisMachine, loadProblems, sayRate, USUAL_CEILING } from '../open/load-consent.ts';
import { liftedText, protectionText } from '../open/protection-text.ts';
import { factOf } from './fact.ts';

/** Problems about hours have a fact of their own. */
export const isAboutHours = ({ subject }: Problem): boolean => subject === 'policy.hours';
export const isAboutOptIn = ({ subject }: Problem): boolean => subject === 'policy.optIn';

/** @param platform where its names are known, at least on paper. */
export async function policyFacts(
  plan: Plan,
  target: TargetFile,
  platform: Platform | null,
): Promise<readonly Fact[]> {
  const { policy } = target;
  const wall = monotonicClock.wall();
  const touching = plan.faults.filter((one) => faultNamed(one.kind).permissions.length > 0);
  const load = loadProblems(plan, target, wall);
  const ends = endsAfter(plan, target);
  const late = plan.faults.flatMap((one) => hoursProblem(policy.hours, wall, ends(one)));
  const hours = [...new Map([...load, ...late].filter(isAboutHours).map((one) => [one.got, one])).values()];
  const named = platform === null ? [] : await protectedProblems(target, platform);
  return [
    ...(touching.length === 0
      ? []
      : [factOf('Consent to faults', optInProblems(policy), 'policy.optIn is true in the target file')]),
    factOf(
      'Consent to load',
      load.filter((one) => !isAboutHours(one)),
      loadText(plan, target),
    ),
    factOf('Hours', hours, hoursText(policy.hours)),
    factOf('Protected names', named, protectedText(policy)),
  ];
}

function loadText(plan: Plan, target: TargetFile): string {
  const isHere = isOnThisMachine(target);
  const ceiling = target.policy.load.maxRate ?? (isHere ? null : USUAL_CEILING);
  const most = ceiling === null ? 'without a ceiling' : `at most ${sayRate(ceiling)} are allowed`;
  return `up to ${sayRate(highestRate(plan))} ${isHere ? 'on this machine' : 'to another machine'}, ${most}`;
}

const hoursText = (hours: string): string =>
  hours === 'any' ? 'any hour is allowed' : `now, and until the last undo, is within ${hours} UTC`;

const protectedText = (policy: FaultPolicy): string =>
  policy.protected.length === 0
    ? `nothing is protected${liftedText(policy)}`
    : `each exists: ${protectionText(policy)}${liftedText(policy)}`;
