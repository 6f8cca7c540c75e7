/**
 * The output of the matcher of arrivals. It reports each arrival twice: when its due time is known, and when
 * its end is known.
 */
import type { EpochMs } from '../core/units.ts';

/** One answered request of an arrival that has several. */
export interface Step {
  readonly name: string;
  readonly serviceUs: number;
}

/**
 * One complete arrival. Times are µs with fractions, as timestamped by k6. `dropped` and `interrupted`
 * arrivals have no answer: `responseUs` is a lower bound of the time that a user would have waited.
 */
export interface ResolvedArrival {
  readonly flow: string;
  readonly dueAt: EpochMs;
  /** `stale`: it hit a connection that the server had closed for idling, so the system never received it. */
  readonly kind: 'completed' | 'dropped' | 'interrupted' | 'stale';
  /** Due until sent; null when it was never sent. */
  readonly latenessUs: number | null;
  /** Sent until done; null without an answer. */
  readonly serviceUs: number | null;
  /** The part of the service time that set up a connection; null when none was needed. */
  readonly connectUs: number | null;
  /**
   * Its requests, where it has several: their sum is the service time. Absent where it is one request, or
   * where none was answered.
   */
  readonly steps?: readonly Step[];
  /** Due until done: lateness + service; or the bound. */
  readonly responseUs: number;
  /** `ok`, the script's own word for the failure, `dropped` or `interrupted`. */
  readonly outcome: string;
  /** Which iteration it was, where k6 tells it: the VU's number in the whole test, and its own count. */
  readonly vu?: number;
  readonly iteration?: number;
}

export interface ArrivalSink {
  /** An arrival received its due time: it was started, or dropped because no VU was free. */
  due(flow: string, dueAt: EpochMs, how: 'started' | 'dropped'): void;
  resolved(arrival: ResolvedArrival): void;
}

/** How well the events agreed with the schedule; any value above 0 is a problem of the ledger. */
export interface MatchEvidence {
  /** Start of the schedule in ns since the base, or null before it is fixed. */
  readonly startNs: number | null;
  readonly events: number;
  /** Events that came after a later one had taken their rank: their due time may be a neighbour's. */
  readonly stragglers: number;
  /** Events further before their own tick than the fit allows: a start was lost, or a clock was set. */
  readonly early: number;
  readonly earliestNs: number;
  /** Answers of a VU that had started nothing. */
  readonly orphans: number;
  /** Events beyond the last tick of the schedule. */
  readonly surplus: number;
}
