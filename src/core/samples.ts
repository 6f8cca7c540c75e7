/**
 * What the load side hands over, per flow: histogram increments and counts by the second in which an arrival
 * was due.
 */
import type { EpochMs } from './units.ts';

/**
 * `service`, `response`, `lateness`: see docs/measuring.md. `connect`: the part of the service in which a
 * connection was set up, of those arrivals that needed one. `dropped`: lower bounds of arrivals that never
 * started. `interrupted`: of those that were started and never answered. `failed` and `failed-service`:
 * response and service of answers that were not good. All of these are in `response` and `service` too; kept
 * apart, so that what good answers took can be told.
 */
export const LATENCY_CLOCKS = [
  ...(['response', 'service', 'lateness', 'connect'] as const),
  ...(['dropped', 'interrupted', 'failed', 'failed-service'] as const),
];
export type LatencyClock = (typeof LATENCY_CLOCKS)[number];

/**
 * Counts of arrivals by due second; several increments for one second add up. `second` is whole epoch
 * seconds.
 */
export interface CountIncrement {
  readonly flow: string;
  readonly second: number;
  readonly due: number;
  readonly started: number;
  readonly dropped: number;
  readonly completed: number;
  readonly interrupted: number;
  /** Completed, but not good: an error, a refusal, or a 200 whose body says no. */
  readonly failed: number;
  /**
   * Hit a connection that the server had closed for idling: neither completed nor interrupted. Absent: none.
   */
  readonly stale?: number;
  /**
   * Why: how often each outcome came, with the sum `failed`. Absent where nothing failed, and in files older
   * than it.
   */
  readonly outcomes?: Readonly<Record<string, number>>;
}

/** The width of a slice: the grain of recovery times. */
export const SLICE_MS = 100;

/**
 * Counts of arrivals by due slice, for the recovery estimator; increments add up, `maxUs` takes the larger.
 */
export interface SliceIncrement {
  readonly flow: string;
  /** Start of the slice, a multiple of SLICE_MS in epoch ms. */
  readonly at: EpochMs;
  readonly due: number;
  /** Failed, dropped or interrupted. */
  readonly bad: number;
  /**
   * Good, but with a response time above the flow's slow limit (set at the end of the baseline; 0 before).
   */
  readonly slow: number;
  readonly maxUs: number;
}

/** How often a probe asks on each connection: the grain to which a connection's recovery is known. */
export const PROBE_PERIOD_MS = 100;

/** `ok, renewed`: on a new connection, since the held one was lost. Any other word is the server's own. */
export type ProbeOutcome = 'ok' | 'ok, renewed' | 'refused' | 'reset' | 'stalled' | (string & {});

/** No answer within the probe's deadline: neither a refusal nor an error of the server. */
export const isStalled = ({ outcome }: Pick<ProbeSample, 'outcome'>): boolean => outcome === 'stalled';

/**
 * One answer, or missing answer, of a probe. Time is the instant it was sent; `tookMs` until answer or
 * deadline.
 */
export interface ProbeSample {
  readonly probe: string;
  readonly connection: 'held' | 'fresh';
  readonly at: EpochMs;
  readonly tookMs: number;
  readonly ok: boolean;
  readonly outcome: ProbeOutcome;
  /**
   * Part of `tookMs` in which our own event loop did not run, in ms, so that nobody could read the answer.
   * Absent: none.
   */
  readonly ownStallMs?: number;
}

/** Probe samples as faults and recovery judges see them; the clients behind it are in the targets room. */
export interface ProbeFeed {
  /**
   * Starts watching these dependencies on a held and on a fresh connection; resolves when each has answered
   * once.
   */
  watch(probes: readonly string[]): Promise<void>;
  /** Samples sent at or after an instant, in order of sending. */
  since(probe: string, connection: 'held' | 'fresh', at: EpochMs): readonly ProbeSample[];
}

/** Counts of one interval: bucket, count, bucket, count, ... with rising buckets. */
export type SparseCounts = Uint32Array;

/**
 * Latencies of one flow on one clock, due in one second (whole epoch seconds); several for one second add up.
 */
export interface LatencyIncrement {
  readonly flow: string;
  readonly clock: LatencyClock;
  readonly second: number;
  readonly counts: SparseCounts;
}

/**
 * What one flush hands over: everything that became known since the last one, by the second an arrival was
 * due.
 */
export interface Increments {
  readonly latency: readonly LatencyIncrement[];
  readonly counts: readonly CountIncrement[];
  readonly slices: readonly SliceIncrement[];
}

/** In no name of a flow, so that the series of a flow and those of its steps can be told apart. */
const SLASH = '/';

/**
 * The series of one request of an iteration: kept together with those of its flow, with the service clock
 * only.
 */
export const stepSeries = (flow: string, step: string): string => `${flow}${SLASH}${step}`;

/** The step, when a series is one of this flow's steps. */
export const stepOf = (flow: string, series: string): string | undefined =>
  series.startsWith(flow + SLASH) ? series.slice(flow.length + 1) : undefined;

/** The flow that a series belongs to: itself, or the one whose step it is. */
export const flowOfSeries = (series: string): string => series.split(SLASH, 1)[0] ?? series;
