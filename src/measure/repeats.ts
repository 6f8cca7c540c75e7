/**
 * The combined result of the rounds of a repeated fault, per service level. A round that had not recovered
 * when its watch ended enters with its lower bound: it is never dropped, and a statistic that equals such a
 * bound is itself a lower bound.
 */

import { withoutRound } from '../core/fault-steps.ts';
import { type FaultRecord, type RepeatedRecovery, whyNotInjected } from '../core/result.ts';
import { medianOfRepeats, upperOfRepeats } from './statistics.ts';

/** The tail that people plan for: one time in twenty recovery takes longer. */
const TAIL = 0.95;

/** Empty when no fault was repeated. */
export function repeatedRecoveries(faults: readonly FaultRecord[]): readonly RepeatedRecovery[] {
  const rounds = new Map<string, FaultRecord[]>();
  for (const fault of faults) {
    const name = withoutRound(fault.name);
    rounds.set(name, [...(rounds.get(name) ?? []), fault]);
  }
  return [...rounds].flatMap(([fault, records]) => {
    if (records.length < 2) return [];
    const slis = [...new Set(records.flatMap((record) => Object.keys(record.recovery)))];
    return slis.flatMap((sli) => summaryOf(fault, sli, records));
  });
}

function summaryOf(fault: string, sli: string, records: readonly FaultRecord[]): RepeatedRecovery[] {
  const seen = records
    .filter((one) => whyNotInjected(one) === null)
    .flatMap((one) => one.recovery[sli] ?? []);
  // A level that never degraded recovered at once. Its time is 0, not missing: otherwise only the worst
  // rounds would be judged.
  const timesMs = seen.map((one) => one.sinceInjectedMs ?? 0);
  if (seen.every((one) => one.status === 'never-degraded')) return [];
  const median = medianOfRepeats(timesMs);
  const tail = upperOfRepeats(timesMs, TAIL);
  return [
    {
      fault,
      sli,
      rounds: seen.length,
      censored: seen.filter((one) => one.status === 'censored').length,
      timesMs,
      medianMs: median.estimable ? median.median : null,
      medianIntervalMs: median.estimable ? [median.low, median.high] : null,
      p95UpperMs: tail.estimable ? tail.upper : null,
      roundsForMedian: median.estimable ? seen.length : median.needs,
      roundsForP95: tail.estimable ? seen.length : tail.needs,
      worstMs: Math.max(...timesMs),
    },
  ];
}
