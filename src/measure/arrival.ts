/**
 * What the matcher of arrivals tells: each arrival twice, when its due time is known and when its end is
 * known.
 */
import type { EpochMs } from '../core/units.ts';

/** One request of an arrival that has several, answered. */
export interface Step {
  readonly name: string;
  readonly serviceUs: number;
}

/**
 * One arrival with all that will ever be known of it. Times are µs with fractions, as k6 stamped them. For
 * `dropped` and `interrupted` there is no answer: `responseUs` is a lower bound of what a user would have
 * waited.
 */
export interface ResolvedArrival {
  readonly flow: string;
  readonly dueAt: EpochMs;
  /** `stale`: it hit a connection that the server had closed for idling, so that the system never had it. */
  readonly kind: 'completed' | 'dropped' | 'interrupted' | 'stale';
  /** Due until sent; null when it was never sent. */
  readonly latenessUs: number | null;
  /** Sent until done; null without an answer. */
  readonly serviceUs: number | null;
  /** The part of the service in which a connection was set up; null when none was needed. */
  readonly connectUs: number | null;
  /**
   * Its requests, where it has several: their sum is the service. Absent where it is one request, and where
   * none was answered.
   */
  readonly steps?: readonly Step[];
  /** Due until done: lateness + service; or the bound. */
  readonly responseUs: number;
  /** `ok`, the script's own word for what went wrong, `dropped` or `interrupted`. */
  readonly outcome: string;
}

export interface ArrivalSink {
  /** An arrival has got its due time: it was started, or it was dropped because no VU was free. */
  due(flow: string, dueAt: EpochMs, how: 'started' | 'dropped'): void;
  resolved(arrival: ResolvedArrival): void;
}

/** How well the events agreed with the schedule; anything but zeros is a problem of the ledger. */
export interface MatchEvidence {
  /** Start of the schedule in ns since the base, or null before it is fixed. */
  readonly startNs: number | null;
  readonly events: number;
  /** Events that came after a later one had its rank: their due time may be that of a neighbour. */
  readonly stragglers: number;
  /** Events before their own tick by more than the fit allows: a start was lost, or a clock was set. */
  readonly early: number;
  readonly earliestNs: number;
  /** Answers of a VU that had nothing started. */
  readonly orphans: number;
  /** Events beyond the last tick of the schedule. */
  readonly surplus: number;
}
