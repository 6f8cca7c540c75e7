/**
 * An objective on the time after a fault: how long the flow took to recover, and how much good service was
 * lost.
 */

import { withoutRound } from '../core/fault-steps.ts';
import type { Objective } from '../core/objective.ts';
import { type FaultRecord, type ObjectiveStatus, type Recovery, whyNotInjected } from '../core/result.ts';
import { compare } from './abort.ts';
import { decided, type Finding, type Limit, noData } from './finding.ts';

/** Every round counts: the worst one is shown and decides. */
export function afterFault(objective: Objective, name: string, faults: readonly FaultRecord[]): Finding {
  const rounds = faults.filter((one) => withoutRound(one.name) === name);
  const worst = worstRound(rounds.map((one) => afterRound(objective, one)));
  if (worst === undefined) return noData(`${name} was never reached`);
  if (rounds.length === 1) return worst;
  const note = [worst.note, `the worst of ${rounds.length} rounds`].filter((one) => one !== null).join('; ');
  return { ...worst, samples: rounds.length, note };
}

/** Undefined: there is none. */
export function worstRound(findings: readonly Finding[]): Finding | undefined {
  const [first, ...others] = findings;
  return first && others.reduce((a, b) => (isWorse(b, a) ? b : a), first);
}

/** As over windows: one failing round decides; without one, a round without data leaves the result open. */
const SEVERITY: readonly ObjectiveStatus[] = ['PASS', 'INCONCLUSIVE', 'NO-DATA', 'FAIL'];

function isWorse(a: Finding, b: Finding): boolean {
  const [ofA, ofB] = [SEVERITY.indexOf(a.status), SEVERITY.indexOf(b.status)];
  // A finding without a value has no data; the first of these is shown.
  return ofA > ofB || (ofA === ofB && Number(a.observed) > Number(b.observed));
}

function afterRound(objective: Objective, fault: FaultRecord): Finding {
  if (whyNotInjected(fault) !== null) return noData(`${wasNot(fault)}, so nothing recovered from it`);
  const levels = Object.entries({ ...fault.recovery, ...fault.layers })
    .filter(([sli]) => sli.startsWith(`${objective.flow} `))
    .map(([, recovery]) => recovery);
  if (levels.length === 0) return noData(`no service level of ${objective.flow} was watched`);
  if (objective.indicator.kind === 'loss') {
    const lost = Math.max(...levels.map((one) => one.lossSeconds));
    if (levels.some((one) => one.status === 'censored'))
      return atLeast(objective, lost, 'still losing when the watch ended');
    return decided(objective, lost, null, levels.length);
  }
  return backInTime(objective, levels);
}

export type LevelTimes = Pick<Recovery, 'status' | 'sinceInjectedMs' | 'boundMs'>;

/** Of all levels together: each recovered within its own interval, and the flow with the latest. */
export function backInTime(limit: Limit, levels: readonly LevelTimes[]): Finding {
  const ends = levels.map(backWithin);
  const [earliest, latest] = [
    Math.max(...ends.map(([low]) => low)),
    Math.max(...ends.map(([, high]) => high)),
  ];
  if (levels.some((one) => one.status === 'censored')) {
    return atLeast(limit, latest, `not back after ${(latest / 1000).toFixed(1)} s, when the watch ended`);
  }
  const found = decided(limit, latest, [earliest, latest], 1);
  // 0 ms alone would look like an observed recovery.
  const isCalm = levels.every((one) => one.status === 'never-degraded');
  return isCalm ? { ...found, note: found.note ?? 'it never degraded' } : found;
}

/** In ms since the injection; a level that never degraded recovered at 0. */
function backWithin({ sinceInjectedMs, boundMs }: LevelTimes): readonly [number, number] {
  const latest = sinceInjectedMs ?? 0;
  return [Math.max(0, latest - boundMs), latest];
}

/** The true value is at least this: a limit below it is certainly missed; a limit above it is undecided. */
function atLeast(limit: Limit, value: number, note: string): Finding {
  const isMissed = !compare(value, limit.comparison, limit.limit);
  return { observed: value, interval: null, samples: 1, status: isMissed ? 'FAIL' : 'INCONCLUSIVE', note };
}

export const wasNot = ({ name, status, group }: FaultRecord): string =>
  status === 'not-injected'
    ? `${name} was not injected`
    : `${group?.name ?? name} was not injected as a whole`;
