/** What a night counts for in the vocabulary of experiments, injections, rollbacks and game days. */
import { withoutRound } from '../../core/fault-steps.ts';
import type { Night, NightFault } from '../../core/night.ts';
import { recoverySeconds } from './recovery-metrics.ts';

export type Ended = 'completed' | 'failed' | 'inconclusive';

/** A doubt is no success, and no failure of the system either. */
export function endedOf({ status }: Night): Ended {
  if (status === 'PASS') return 'completed';
  return status === 'INCONCLUSIVE' ? 'inconclusive' : 'failed';
}

export const isInjected = (fault: NightFault): boolean =>
  fault.whyNotInjected === null && fault.injectedAt !== null;

/** Null: nothing was done, so nothing was to be undone. */
export function isUndone({ status, appliedAt, injectedAt, removedAt }: NightFault): boolean | null {
  if (status === 'residue') return false;
  if (injectedAt === null && (appliedAt === undefined || appliedAt === null)) return null;
  return removedAt !== null;
}

/** From the act to its proof; null: not proven, or not recorded. */
export const injectionSeconds = ({ appliedAt, injectedAt }: NightFault): number | null =>
  appliedAt === undefined || appliedAt === null || injectedAt === null
    ? null
    : Math.max(0, injectedAt - appliedAt) / 1000;

/** A fault in one round: proven in place and gone, all levels recovered, every limit after it met. */
export function isPassed(night: Night, fault: NightFault): boolean {
  const name = withoutRound(fault.name);
  const round = Number(/@(\d+)$/.exec(fault.name)?.[1] ?? 1);
  const back = night.recoveries.filter((one) => one.fault === name && one.round === round);
  const limits = night.objectives.filter((one) => one.fault === name);
  return (
    isInjected(fault) &&
    isUndone(fault) === true &&
    back.every((one) => recoverySeconds(one) !== Number.POSITIVE_INFINITY) &&
    limits.every((one) => one.status === 'PASS')
  );
}

/** The slowest level in the worst round of a fault; NaN: not measured, infinite: not recovered. */
export function slowestSeconds(night: Night, fault: string): number {
  const times = night.recoveries.filter((one) => one.fault === fault).map(recoverySeconds);
  return times.length === 0 ? Number.NaN : Math.max(...times);
}

/** The most victims at one time: faults of a group overlap, all others follow. Null: not recorded. */
export function blastRadius({ faults }: Night): number | null {
  const counted = faults.filter((one) => one.victims !== undefined);
  if (counted.length < faults.length) return null;
  const edges = counted.flatMap(({ victims = 0, appliedAt, injectedAt, removedAt }) => {
    const from = appliedAt ?? injectedAt;
    return from === null
      ? []
      : [
          { at: from, by: victims },
          { at: removedAt ?? Number.POSITIVE_INFINITY, by: -victims },
        ];
  });
  let now = 0;
  let most = 0;
  for (const { by } of edges.sort((a, b) => a.at - b.at || a.by - b.by)) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}
