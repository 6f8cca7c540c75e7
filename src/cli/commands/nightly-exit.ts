/** The exit code of a night. */
import { GauntletError } from '../../core/errors.ts';
import { ERROR_EXIT, VERDICT_EXIT, type VerdictStatus } from '../../core/verdict.ts';

export interface NightlyEnd {
  /** The worst of the night and of what the trend fails. */
  readonly status: VerdictStatus;
  /** Why the run did not come to its end; undefined: it did. */
  readonly ended: unknown;
  readonly wasInterrupted: boolean;
  /** The history is on this machine alone. */
  readonly isUnpublished: boolean;
}

/**
 * RESIDUE before all: a fault may still be in place. Then why the run ended. A verdict that fails is worse
 * than a history that could not be published; that is worse than INCONCLUSIVE and PASS, since nobody else
 * sees the night. Insufficient history changes nothing: no night could ever pass otherwise.
 */
export function nightlyExit({ status, ended, wasInterrupted, isUnpublished }: NightlyEnd): number {
  if (status === 'RESIDUE') return VERDICT_EXIT.RESIDUE;
  if (wasInterrupted) return ERROR_EXIT.interrupted;
  if (ended !== undefined) return ended instanceof GauntletError ? ERROR_EXIT[ended.kind] : ERROR_EXIT.defect;
  if (isUnpublished && (status === 'PASS' || status === 'INCONCLUSIVE')) return ERROR_EXIT.unavailable;
  return VERDICT_EXIT[status];
}
