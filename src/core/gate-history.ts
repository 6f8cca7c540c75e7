/**
 * A gate in which only the candidate is up: one run of it against earlier runs of the baseline. Weaker than
 * blocks side by side, since what differs from run to run (the hour, the neighbours, the machine) is part of
 * the error.
 */
import type { GateAttempt, GateMetric, GateQuantile, GateRule } from './gate.ts';
import type { VerdictStatus } from './verdict.ts';

/** Below this many runs their spread is not known well enough for a verdict. */
export const LEAST_RUNS = 10;

/** What one flow did in the baseline phase of a run. */
export interface HistoryFlow {
  readonly due: number;
  /** Failed, dropped and interrupted. */
  readonly bad: number;
  /** Of good answers, in ms; null with fewer of them than the quantile needs. */
  readonly goodMs: Readonly<Partial<Record<GateQuantile, number | null>>>;
}

export interface HistoryRun {
  readonly id: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly flows: Readonly<Record<string, HistoryFlow>>;
}

/** Read before the candidate is run, and kept in its plan, so that it can be judged again from its folder. */
export interface HistoryPlan extends Pick<GateRule, 'metrics' | 'times' | 'failed' | 'alpha'> {
  readonly folder: string;
  /** `alpha` is then what is left of the level that was asked for. */
  readonly attempt?: GateAttempt;
  /** Comparable runs, the latest first. */
  readonly runs: readonly HistoryRun[];
  readonly leftOut: readonly { readonly id: string; readonly why: string }[];
}

export interface HistoryMetricResult extends GateMetric {
  /** Of the candidate: ms, or a share. */
  readonly candidate: number | null;
  /** Of the baseline runs: geometric mean in ms, or the pooled share. */
  readonly baseline: number | null;
  /** Candidate to baseline: a ratio for times, a difference of shares for `failed`. */
  readonly estimate: number | null;
  /** The bounds that decide, each one-sided at its own level; null where there are too few runs. */
  readonly low: number | null;
  readonly high: number | null;
  /** Standard deviation of the logarithms of runs; null for `failed`. */
  readonly sdRun: number | null;
  /** What one run finds nine times of ten; null for `failed`, and with fewer than two runs. */
  readonly detectable: number | null;
  readonly status: Extract<VerdictStatus, 'PASS' | 'FAIL' | 'INCONCLUSIVE' | 'NO-DATA'>;
  readonly note: string | null;
}

export interface HistoryResult {
  readonly status: VerdictStatus;
  readonly sentence: string;
  /** Comparable runs that were compared with. */
  readonly runs: number;
  readonly leftOut: HistoryPlan['leftOut'];
  readonly metrics: readonly HistoryMetricResult[];
}
