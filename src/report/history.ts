/** A candidate against earlier runs: the rows that all reports share. */
import type { HistoryMetricResult, HistoryResult } from '../core/gate-history.ts';
import { formatMs } from '../core/units.ts';
import { formatRatio, NONE } from './format.ts';
import { nameOfMetric, points } from './gate-words.ts';

export const HISTORY_TITLES = [
  'Metric',
  'Earlier runs',
  'Candidate',
  'Ratio (interval)',
  'Runs differ by',
  'Can find',
  'Answer',
  'Note',
] as const;

export interface HistoryRow {
  readonly name: string;
  /** Earlier runs, candidate, ratio, spread, what can be found. */
  readonly cells: readonly string[];
  readonly status: HistoryMetricResult['status'];
  readonly note: string | null;
}

export const historyRows = ({ metrics }: HistoryResult): readonly HistoryRow[] =>
  metrics.map((one) => ({
    name: nameOfMetric(one),
    cells: [
      sideOf(one, one.baseline),
      sideOf(one, one.candidate),
      ratioOf(one),
      one.sdRun === null ? NONE : wholePercent(Math.exp(one.sdRun) - 1),
      one.detectable === null ? NONE : `+${wholePercent(one.detectable)}`,
    ],
    status: one.status,
    note: one.note,
  }));

/** One sentence a run that was not compared with. */
export const leftOutText = ({ leftOut }: HistoryResult): readonly string[] =>
  leftOut.map(({ id, why }) => `left out: ${id}: ${why}`);

const wholePercent = (share: number): string => `${Math.round(share * 100)} %`;

function sideOf({ quantity }: HistoryMetricResult, value: number | null): string {
  if (value === null) return NONE;
  return quantity === 'failed' ? formatRatio(value) : formatMs(value);
}

function ratioOf({ quantity, estimate, low, high }: HistoryMetricResult): string {
  if (estimate === null) return NONE;
  const say = (value: number | null): string =>
    value === null ? '?' : quantity === 'failed' ? points(value) : value.toFixed(3);
  return `${say(estimate)} (${say(low)} to ${say(high)})`;
}
