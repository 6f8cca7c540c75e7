/**
 * The status of a night after quarantine. A fault × service level in quarantine is run and reported, and does
 * not decide; everything else does. An entry that has expired fails the night. RESIDUE, INVALID and NO-DATA
 * are never set aside, and a night is never better than what remains.
 */
import { nameInRound } from '../../core/fault-steps.ts';
import type { Night, NightRecovery, QuarantineInForce } from '../../core/night.ts';
import type { QuarantineEntry } from '../../core/quarantine.ts';
import { type Reason, type VerdictStatus, verdictOf } from '../../core/verdict.ts';
import { backInTime, worstRound } from '../judge-recovery.ts';
import { notBackIn, notBackText } from '../not-back.ts';
import { isTextOf } from '../objective-text.ts';
import { expired, inForce } from './in-force.ts';
import { dayOf, faultNames, quarantineHeadline, unitText } from './quarantine-words.ts';
import { type AfterFault, isAfterFault, isEvidence, levelsOf, type UnitNight } from './unit-outcome.ts';

/** A night as its run was judged: `runStatus` and `reasons` are those of the run. */
export type RunNight = UnitNight & Pick<Night, 'reasons'>;

export interface JudgedNight {
  readonly status: VerdictStatus;
  /** What decides. */
  readonly reasons: readonly Reason[];
  /** What the run said and quarantine keeps from deciding: to be reported beside the reasons. */
  readonly setAside: readonly Reason[];
  readonly quarantine: readonly QuarantineInForce[];
  /** Part of the headline; null: nothing is in quarantine. */
  readonly headline: string | null;
}

/** @param entries of the whole history; those of another campaign or environment are left out. */
export function judgeNight(night: RunNight, entries: readonly QuarantineEntry[], now: Date): JudgedNight {
  const place = { campaign: night.campaign, environment: night.environment.key };
  const held = inForce(entries, place, now);
  const overdue = expired(entries, place, now).map(expiryReason);
  const quarantine = held.map(plainEntry);
  const headline = quarantineHeadline(faultNames(night.faults), quarantine);
  const split = isEvidence(night)
    ? night.reasons.map((reason) => judgeReason(reason, night, held))
    : night.reasons.map((reason): Judged => ({ remains: reason }));
  const reasons = [...split.flatMap((one) => one.remains ?? []), ...overdue];
  const setAside = split.flatMap((one) => one.aside ?? []);
  // A status that no reason explains cannot have been set aside.
  const isExplained = night.reasons.some((one) => one.status === night.runStatus);
  const unexplained: readonly Reason[] = isExplained
    ? []
    : [{ status: night.runStatus, text: 'as the run was judged' }];
  const { status, reasons: said } = verdictOf([...reasons, ...unexplained]);
  return { status, reasons: said, setAside, quarantine, headline };
}

interface Judged {
  readonly remains?: Reason;
  readonly aside?: Reason;
}

type Held = readonly QuarantineEntry[];

function judgeReason(reason: Reason, night: RunNight, held: Held): Judged {
  if (reason.status !== 'FAIL' && reason.status !== 'INCONCLUSIVE') return { remains: reason };
  const goal = night.objectives
    .filter(isAfterFault)
    .find((one) => one.status === reason.status && isTextOf(one.name, reason.text));
  if (goal !== undefined) return judgeGoal(reason, goal, night, held);
  return judgeNotBack(reason, night, held);
}

/** The objective again, without the service levels in quarantine. */
function judgeGoal(reason: Reason, goal: AfterFault, night: RunNight, held: Held): Judged {
  const mine = levelsOf(goal.flow).filter((sli) => isHeld(held, goal.fault, sli));
  if (mine.length === 0) return { remains: reason };
  const rounds = roundsOf(night, goal).map((round) => round.filter((one) => !mine.includes(one.sli)));
  const found = worstRound(rounds.filter((one) => one.length > 0).map((one) => backInTime(goal, one)));
  if (found === undefined) return { aside: reason };
  const without = mine.map((sli) => unitText({ fault: goal.fault, sli })).join(', ');
  if (found.status === reason.status) return { remains: reason };
  const text = `${goal.name}: ${found.status} without ${without} (in quarantine)`;
  return { remains: { status: found.status, text }, aside: reason };
}

const roundsOf = (night: RunNight, { fault, flow }: AfterFault): readonly (readonly NightRecovery[])[] => {
  const all = night.recoveries.filter((one) => one.fault === fault && levelsOf(flow).includes(one.sli));
  const rounds = [...new Set(all.map((one) => one.round))];
  return rounds.map((round) => all.filter((one) => one.round === round));
};

function judgeNotBack(reason: Reason, night: RunNight, held: Held): Judged {
  const rounds = night.recoveries.map(({ fault, round }) => [nameInRound(fault, round), fault] as const);
  const names = new Map(rounds);
  const said = notBackIn(reason.text, [...names.keys()]);
  const fault = said && names.get(said.fault);
  if (said === undefined || fault === undefined) return { remains: reason };
  const slis = said.slis.filter((sli) => !isHeld(held, fault, sli));
  if (slis.length === said.slis.length) return { remains: reason };
  if (slis.length === 0) return { aside: reason };
  return { remains: { status: reason.status, text: notBackText({ ...said, slis }) }, aside: reason };
}

const isHeld = (held: Held, fault: string, sli: string): boolean =>
  held.some((one) => one.fault === fault && one.sli === sli);

const plainEntry = ({ fault, sli, owner, reason, since, until }: QuarantineEntry): QuarantineInForce => ({
  ...{ fault, sli, owner, reason, since, until },
});

const expiryReason = (one: QuarantineEntry): Reason => ({
  status: 'FAIL',
  text: `quarantine of ${unitText(one)} expired on ${dayOf(one.until)} (owner ${one.owner}): ${one.reason}`,
});
