/** An objective over sliding windows: it is met when every window meets it, and is shown with the worst of them. */
import type { Comparison } from '../core/objective.ts';
import type { Finding } from './finding.ts';

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

/** Undefined when there is no window. */
export function worstWindow(windows: readonly WindowFinding[], comparison: Comparison): Finding | undefined {
  for (const status of FIRST_WINS) {
    const [first, ...others] = windows.filter(({ finding }) => finding.status === status);
    if (first === undefined) continue;
    const length = `${windows.length} windows of ${first.to - first.from} s`;
    if (status === 'NO-DATA') {
      const note = `${others.length + 1} of ${length} say nothing (${first.finding.note})`;
      return { ...first.finding, note };
    }
    const { from, to, finding } = others.reduce((a, b) => (isWorse(b, a, comparison) ? b : a), first);
    const place = `the worst of ${length}: ${from} s to ${to} s into the phase`;
    return { ...finding, note: finding.note === null ? place : `${place}; ${finding.note}` };
  }
  return undefined;
}

function isWorse(one: WindowFinding, other: WindowFinding, comparison: Comparison): boolean {
  // A percentile without a value lies among failed answers, beyond any limit.
  const [a, b] = [one.finding, other.finding].map(({ observed }) => observed ?? Number.POSITIVE_INFINITY) as [
    number,
    number,
  ];
  return comparison === '<' || comparison === '<=' ? a > b : a < b;
}
