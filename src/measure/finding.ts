/** The result of one objective: a value against its limit, with the confidence interval. */
import type { Comparison, Objective } from '../core/objective.ts';
import type { ObjectiveResult, ObjectiveStatus } from '../core/result.ts';
import { compare } from './abort.ts';

export type Finding = Pick<ObjectiveResult, 'observed' | 'interval' | 'samples' | 'status' | 'note'>;

export const noData = (note: string, samples = 0): Finding => ({
  observed: null,
  interval: null,
  samples,
  status: 'NO-DATA',
  note,
});

export type Limit = Pick<Objective, 'comparison' | 'limit'>;

/** A limit inside the interval is neither met nor missed. */
export function decided(
  objective: Limit,
  observed: number,
  interval: readonly [number, number] | null,
  samples: number,
): Finding {
  const meets = (value: number): boolean => compare(value, objective.comparison, objective.limit);
  const ends = interval ?? [observed, observed];
  const status: ObjectiveStatus =
    meets(ends[0]) === meets(ends[1]) ? (meets(observed) ? 'PASS' : 'FAIL') : 'INCONCLUSIVE';
  const note = status === 'INCONCLUSIVE' ? 'the limit lies inside the confidence interval' : null;
  return { observed, interval, samples, status, note };
}

/** One window and its result; times in seconds since the beginning of the phase. */
export interface WindowFinding {
  readonly from: number;
  readonly to: number;
  readonly finding: Finding;
}

/**
 * One failing window decides, even if others lack data. Without one, a window with too few samples leaves the
 * result open: it may have been the worst.
 */
const FIRST_WINS = ['FAIL', 'NO-DATA', 'INCONCLUSIVE', 'PASS'] as const;

/**
 * An objective over sliding windows: it is met when every window meets it, and shows the worst one. Undefined
 * when there is no window.
 */
export function worstWindow(windows: readonly WindowFinding[], comparison: Comparison): Finding | undefined {
  for (const status of FIRST_WINS) {
    const [first, ...others] = windows.filter(({ finding }) => finding.status === status);
    if (first === undefined) continue;
    const length = `${windows.length} windows of ${first.to - first.from} s`;
    if (status === 'NO-DATA') {
      const note = `${others.length + 1} of ${length} cannot be judged (${first.finding.note})`;
      return { ...first.finding, note };
    }
    const { from, to, finding } = others.reduce((a, b) => (isWorse(b, a, comparison) ? b : a), first);
    const place = `the worst of ${length}: ${from} s to ${to} s into the phase`;
    return { ...finding, note: finding.note === null ? place : `${place}; ${finding.note}` };
  }
  return undefined;
}

function isWorse(one: WindowFinding, other: WindowFinding, comparison: Comparison): boolean {
  // A percentile without a value is among failed answers, beyond any limit.
  const [a, b] = [one.finding, other.finding].map(({ observed }) => observed ?? Number.POSITIVE_INFINITY) as [
    number,
    number,
  ];
  return comparison === '<' || comparison === '<=' ? a > b : a < b;
}
