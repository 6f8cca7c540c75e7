/**
 * What the load side supplies, per flow: histogram increments and counts by the second in which an arrival
 * was due.
 */
import type { EpochMs } from './units.ts';

/**
 * `service`, `response`, `lateness`: see docs/measuring.md. `connect`: the part of the service time that set
 * up a connection, for arrivals that needed one. `dropped`: lower bounds of arrivals that never started.
 * `interrupted`: of those that were started and never answered. `failed` and `failed-service`: response and
 * service of answers that were not good. All of these are also in `response` and `service`; they are kept
 * separately, so that the latency of good answers can be computed.
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
  /** Completed, but not good: an error, a refusal, or a 200 whose body reports a failure. */
  readonly failed: number;
  /**
   * Hit a connection that the server had closed for idling: neither completed nor interrupted. Absent: none.
   */
  readonly stale?: number;
  /**
   * How often each bad outcome occurred, with the sum `failed`. Absent where nothing failed, and in older
   * files.
   */
  readonly outcomes?: Readonly<Record<string, number>>;
}

/** The width of a slice: the resolution of recovery times. */
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

/**
 * The interval of a probe's questions on each connection where the system's file says no other: the
 * resolution of a connection's recovery time.
 */
export const PROBE_PERIOD_MS = 100;

/** `ok, renewed`: on a new connection, because the held one was lost. Any other word is the server's own. */
export type ProbeOutcome = 'ok' | 'ok, renewed' | 'refused' | 'reset' | 'stalled' | (string & {});

/** No answer within the probe's deadline: neither a refusal nor an error of the server. */
export const isStalled = ({ outcome }: Pick<ProbeSample, 'outcome'>): boolean => outcome === 'stalled';

/**
 * One answer, or missing answer, of a probe. The time is when the question was sent; `tookMs` runs until
 * answer or deadline.
 */
export interface ProbeSample {
  readonly probe: string;
  readonly connection: 'held' | 'fresh';
  readonly at: EpochMs;
  readonly tookMs: number;
  readonly ok: boolean;
  readonly outcome: ProbeOutcome;
  /**
   * The part of `tookMs` in which our own event loop did not run, in ms, and could not read the answer.
   * Absent: none.
   */
  readonly ownStallMs?: number;
  /** The interval of its questions. Absent: `PROBE_PERIOD_MS`. */
  readonly everyMs?: number;
}

/** Probe samples as faults and recovery read them; their clients are in the targets room. */
export interface ProbeFeed {
  /**
   * Starts watching these dependencies on a held and on a fresh connection; resolves when each has answered
   * once.
   */
  watch(probes: readonly string[]): Promise<void>;
  /** The interval of a probe's questions, in ms. Absent or undefined: `PROBE_PERIOD_MS`. */
  everyMs?(probe: string): number | undefined;
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

/** One flush: everything that became known since the last one, by the second in which an arrival was due. */
export interface Increments {
  readonly latency: readonly LatencyIncrement[];
  readonly counts: readonly CountIncrement[];
  readonly slices: readonly SliceIncrement[];
}

/** Occurs in no flow name, so that the series of a flow and of its steps can be distinguished. */
const SLASH = '/';

/** The series of one request of an iteration: stored with those of its flow, with the service clock only. */
export const stepSeries = (flow: string, step: string): string => `${flow}${SLASH}${step}`;

/** The step, when a series is one of this flow's steps. */
export const stepOf = (flow: string, series: string): string | undefined =>
  series.startsWith(flow + SLASH) ? series.slice(flow.length + 1) : undefined;

/** The flow that a series belongs to: itself, or the one whose step it is. */
export const flowOfSeries = (series: string): string => series.split(SLASH, 1)[0] ?? series;
