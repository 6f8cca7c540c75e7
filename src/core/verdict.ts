/** The order of verdicts and the exit codes: fixed, printed in `--help`, used by external programs. */
import type { ErrorKind } from './errors.ts';

export type VerdictStatus = 'PASS' | 'INCONCLUSIVE' | 'FAIL' | 'NO-DATA' | 'INVALID' | 'RESIDUE';

export interface Reason {
  readonly status: VerdictStatus;
  readonly text: string;
}

export interface Verdict {
  readonly status: VerdictStatus;
  readonly exitCode: number;
  readonly reasons: readonly Reason[];
}

/** Worst last: a run is as bad as its worst reason. */
const FROM_BEST_TO_WORST: readonly VerdictStatus[] = [
  'PASS',
  'INCONCLUSIVE',
  'FAIL',
  'NO-DATA',
  'INVALID',
  'RESIDUE',
];

export const VERDICT_EXIT: Readonly<Record<VerdictStatus, number>> = {
  PASS: 0,
  FAIL: 1,
  INCONCLUSIVE: 2,
  'NO-DATA': 3,
  INVALID: 4,
  RESIDUE: 5,
};

export const ERROR_EXIT: Readonly<Record<ErrorKind, number>> = {
  usage: 64,
  unavailable: 69,
  defect: 70,
  refused: 77,
  interrupted: 130,
};

export const worst = (statuses: readonly VerdictStatus[]): VerdictStatus =>
  FROM_BEST_TO_WORST.findLast((status) => statuses.includes(status)) ?? 'PASS';

/**
 * Joins reasons to one verdict. An empty list is NO-DATA, not PASS: a judge without reasons has seen nothing.
 */
export function verdictOf(reasons: readonly Reason[]): Verdict {
  const status = reasons.length === 0 ? 'NO-DATA' : worst(reasons.map((reason) => reason.status));
  const said: readonly Reason[] =
    reasons.length === 0 ? [{ status: 'NO-DATA', text: 'nothing was judged' }] : reasons;
  return { status, exitCode: VERDICT_EXIT[status], reasons: said };
}
