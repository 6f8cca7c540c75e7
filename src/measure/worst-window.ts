/** An objective over sliding windows: it is met when every window meets it, and is shown with the worst of them. */
import type { Comparison } from '../core/objective.ts';
import type { ObjectiveResult } from '../core/result.ts';

export type Finding = Pick<ObjectiveResult, 'observed' | 'interval' | 'samples' | 'status' | 'note'>;

/** One window and what was found in it; times in seconds since the begin of the phase. */
export interface WindowFinding {
  readonly from: number;
  readonly to: number;
  readonly finding: Finding;
}

/**
 * One window that fails decides, whatever the others lack. Without one, a window that has too few samples leaves the question open:
 * it may have been the worst.
 */
const FIRST_WINS = ['FAIL', 'NO-DATA', 'INCONCLUSIVE', 'PASS'] as const;

/** @param windows at least one. */
export function worstWindow(windows: readonly WindowFinding[], comparison: Comparison): Finding | undefined {
  const status = FIRST_WINS.find((one) => windows.some(({ finding }) => finding.status === one));
  const deciding = windows.filter(({ finding }) => finding.status === status);
  const first = deciding[0];
  if (status === undefined || first === undefined) return undefined;
  const length = `${first.to - first.from} s`;
  if (status === 'NO-DATA') {
    const note = `${deciding.length} of ${windows.length} windows of ${length} say nothing (${first.finding.note})`;
    return { ...first.finding, note };
  }
  const sign = comparison === '<' || comparison === '<=' ? 1 : -1;
  const badness = ({ finding }: WindowFinding): number => sign * (finding.observed ?? 0);
  const worst = deciding.reduce((a, b) => (badness(b) > badness(a) ? b : a));
  const place = `the worst of ${windows.length} windows of ${length}: ${worst.from} s to ${worst.to} s into the phase`;
  const note = worst.finding.note === null ? place : `${place}; ${worst.finding.note}`;
  return { ...worst.finding, note };
}
