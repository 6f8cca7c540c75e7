/** What became of one objective: a value against its limit, with the interval in which the truth lies. */
import type { Objective } from '../core/objective.ts';
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

/** A limit inside the interval is neither met nor missed. */
export function decided(
  objective: Objective,
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
