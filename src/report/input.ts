/**
 * The input of every renderer of a finished run: the result, the plan, the counts per second and the
 * timeline. All of it comes from the run directory, so that a report can be rebuilt without a target.
 */
import type { RunEvent } from '../core/events.ts';
import type { Plan } from '../core/plan.ts';
import type { Result } from '../core/result.ts';

/** One flow in one second, by due time. */
export interface SeriesPoint {
  /** Whole seconds since the epoch. */
  readonly second: number;
  readonly due: number;
  readonly started: number;
  readonly dropped: number;
  readonly failed: number;
  /** Response time in ms (from due time, dropped arrivals included), or null without samples. */
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

export interface ReportInput {
  readonly result: Result;
  readonly plan: Plan;
  /** By flow, in order of seconds; a second without arrivals may be missing. */
  readonly series: Readonly<Record<string, readonly SeriesPoint[]>>;
  readonly events: readonly RunEvent[];
}

/** The chart library as text; the caller reads the files that `assets.ts` names. */
export interface ReportAssets {
  readonly uplotJs: string;
  readonly uplotCss: string;
}
