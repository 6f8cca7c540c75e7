/** Two runs side by side: `gauntlet report RUN --compare OTHER`, schema `gauntlet.comparison/1`. */
import type { Quantiles } from './result.ts';
import type { VerdictStatus } from './verdict.ts';

export interface ComparedRun {
  readonly id: string;
  readonly campaign: string;
  readonly target: string;
  /** ISO 8601; empty where the run has no events. */
  readonly startedAt: string;
  readonly status: VerdictStatus;
}

export const COMPARED_QUANTILES = ['p50', 'p90', 'p95', 'p99'] as const;
export type ComparedQuantile = (typeof COMPARED_QUANTILES)[number];

/** One flow in one phase of one run. */
export interface ComparedSide {
  readonly due: number;
  /** Failed, dropped and interrupted arrivals as a share of those due, 0 to 1. */
  readonly badRatio: number;
  /** From due time, of good answers; null where there are too few of them for the quantile. */
  readonly goodMs: Readonly<Pick<Quantiles, ComparedQuantile>>;
}

export interface ComparedRow {
  readonly flow: string;
  readonly phase: string;
  readonly run: ComparedSide;
  readonly other: ComparedSide;
  /** Run to other; null where one of them has no such quantile. */
  readonly ratios: Readonly<Record<ComparedQuantile, number | null>>;
}

export interface RunComparison {
  readonly schema: 'gauntlet.comparison/1';
  readonly run: ComparedRun;
  readonly other: ComparedRun;
  readonly rows: readonly ComparedRow[];
  /** What differs beside the numbers: versions, load, phases, and what only one of them has. */
  readonly differences: readonly string[];
  /** What a reader must know before a number is believed. */
  readonly notes: readonly string[];
}
