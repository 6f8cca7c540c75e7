/** What one night says of one fault × service level: pass, fail, or nothing. */
import { withoutRound } from '../../core/fault-steps.ts';
import type { Night, NightObjective, NightRecovery } from '../../core/night.ts';
import type { QuarantineUnit } from '../../core/quarantine.ts';
import type { ObjectiveStatus } from '../../core/result.ts';
import { backInTime, worstRound } from '../judge-recovery.ts';

export type UnitNight = Pick<
  Night,
  'campaign' | 'environment' | 'runStatus' | 'faults' | 'recoveries' | 'objectives'
>;

/** What is judged: a fault and one of the service levels (or probe connections) around it. */
export type FaultSli = Pick<QuarantineUnit, 'fault' | 'sli'>;

export type UnitOutcome =
  | { readonly kind: 'pass' | 'fail' }
  /** Neither: a gap. It ends no series of passes and is between no two failures. */
  | { readonly kind: 'gap'; readonly why: string };

/** Statuses of nights whose numbers prove nothing, and that no quarantine may hide. */
const NO_EVIDENCE = ['RESIDUE', 'INVALID', 'NO-DATA'] as const;

export const isEvidence = ({ runStatus }: Pick<Night, 'runStatus'>): boolean =>
  !NO_EVIDENCE.some((one) => one === runStatus);

/** `<flow> failed` and `<flow> slow` are the service levels of a flow. */
export const levelsOf = (flow: string): readonly string[] => [`${flow} failed`, `${flow} slow`];

/** `recovered … after FAULT`, with all that judges it. */
export type AfterFault = NightObjective & Required<Pick<NightObjective, 'fault' | 'flow' | 'comparison'>>;

export const isAfterFault = (one: NightObjective): one is AfterFault =>
  one.fault !== undefined && one.flow !== undefined && one.comparison !== undefined && one.unit === 'ms';

/**
 * By the objectives on its flow after the fault. Without one it passes when it was back before the watch
 * ended, as the verdict of a run asks of every service level.
 */
export function unitOutcome(night: UnitNight, { fault, sli }: FaultSli): UnitOutcome {
  if (!isEvidence(night)) return { kind: 'gap', why: `the night is ${night.runStatus}` };
  const missed = night.faults.find(
    (one) => withoutRound(one.name) === fault && one.whyNotInjected !== null,
  )?.whyNotInjected;
  if (typeof missed === 'string') return { kind: 'gap', why: `not injected: ${missed}` };
  const rounds = night.recoveries.filter((one) => one.fault === fault && one.sli === sli);
  if (rounds.length === 0) return { kind: 'gap', why: 'not measured' };
  const limits = night.objectives
    .filter(isAfterFault)
    .filter((one) => one.fault === fault && levelsOf(one.flow).includes(sli));
  const statuses =
    limits.length === 0
      ? rounds.map((one) => (one.status === 'censored' ? 'FAIL' : 'PASS'))
      : limits.map((limit) => statusOf(limit, rounds));
  if (statuses.includes('FAIL')) return { kind: 'fail' };
  if (statuses.every((one) => one === 'PASS')) return { kind: 'pass' };
  return { kind: 'gap', why: 'undecided' };
}

/** The worst round decides, as in the run. */
function statusOf(limit: AfterFault, rounds: readonly NightRecovery[]): ObjectiveStatus {
  return worstRound(rounds.map((one) => backInTime(limit, [one])))?.status ?? 'NO-DATA';
}
