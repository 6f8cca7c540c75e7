/** The recoveries of a gate in the words that all reports share. */
import type { GateRecovery, RecoveryPair, RecoveryTime } from '../core/gate-recovery.ts';
import { NONE } from './format.ts';

export interface RecoveryRow {
  readonly name: string;
  /** The median of the pairs; with `>` where that one was not back. */
  readonly baseline: string;
  readonly candidate: string;
  /** `0.970 (0.900 to 1.050)`. */
  readonly ratio: string;
  readonly pairs: string;
  readonly status: GateRecovery['status'];
  /** Why, or what counts the times. Empty: nothing. */
  readonly note: string;
}

export const recoveryName = ({ flow, fault }: GateRecovery): string => `${flow} recovered after ${fault}`;

export function recoveryRow(recovery: GateRecovery): RecoveryRow {
  const { byPair, pairs, clock, status } = recovery;
  const notes = [
    ...(clock === 'removed' && byPair.length > 0 ? ['counted from the end of the fault'] : []),
    ...(recovery.note === null ? [] : [recovery.note]),
  ];
  return {
    name: recoveryName(recovery),
    baseline: medianText(byPair.map((one) => one.baseline)),
    candidate: medianText(byPair.map((one) => one.candidate)),
    ratio: recoveryRatioText(recovery),
    pairs: pairs.kept === pairs.planned ? `${pairs.kept}` : `${pairs.kept} of ${pairs.planned}`,
    status,
    note: notes.join('; '),
  };
}

export function recoveryRatioText({ estimate, estimateIs, low, high }: GateRecovery): string {
  if (estimate === null && low === null && high === null) return NONE;
  const say = (value: number | null, none: string): string => (value === null ? none : value.toFixed(3));
  const sign = { exact: '', 'at least': '≥ ', 'at most': '≤ ' }[estimateIs];
  return `${sign}${say(estimate, '?')} (${say(low, '0')} to ${say(high, '∞')})`;
}

export function timeText({ status, ms }: RecoveryTime): string {
  if (status === 'never-degraded') return 'never degraded';
  return `${status === 'censored' ? '> ' : ''}${(ms / 1000).toFixed(1)} s`;
}

/** Those that were not back come last. */
const order = ({ status, ms }: RecoveryTime): number => (status === 'censored' ? Number.MAX_VALUE : ms);

function medianText(times: readonly RecoveryTime[]): string {
  const sorted = times.toSorted((a, b) => order(a) - order(b));
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  return middle === undefined ? NONE : timeText(middle);
}

export const pairText = ({ pair, baseline, candidate }: RecoveryPair): string =>
  `pair ${pair}: baseline ${timeText(baseline)}, candidate ${timeText(candidate)}`;

/** One line each, for pairs that say nothing. */
export const droppedTexts = (recoveries: readonly GateRecovery[]): readonly string[] => [
  ...new Set(
    recoveries.flatMap(({ fault, dropped }) =>
      dropped.map((one) => `fault pair ${one.pair} of ${fault} dropped: ${one.why}`),
    ),
  ),
];
