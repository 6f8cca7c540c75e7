/**
 * How a run chose its rates where the campaign says `rate: auto up to N/s`: what was tried, what held, and
 * the result.
 */
/** A run below this rate has too few samples to judge. */
export const LEAST_RATE = 10;

/** One level of the staircase. Shares are of the rates that the campaign gives as its ceiling. */
export interface RateLevel {
  readonly share: number;
  /** Arrivals per second of all searched flows together, as they were due. */
  readonly dueRate: number;
  /** Share of arrivals that failed or were dropped, from 0 to 1. */
  readonly badRatio: number;
  /** The slowest flow's P95 of response times, in ms; null when nothing was due. */
  readonly p95Ms: number | null;
  /** Share of this machine's CPUs, from 0 to 1. */
  readonly cpuBusyRatio: number;
  /** Why the level does not hold; null: it holds. */
  readonly missed: string | null;
}

export interface RateFound {
  /** The highest share that held; 0 when none did. */
  readonly carriedShare: number;
  /** The factor by which every searched rate was multiplied: at most half of what held, at most 1. */
  readonly share: number;
  /** A sentence for plan, report and terminal. */
  readonly why: string;
  readonly levels: readonly RateLevel[];
}

export interface RateSearch {
  /** The flows whose rates are found; the others have the rate that was written. */
  readonly scenarios: readonly string[];
  /** Null: not searched yet, as in a dry run; the rates of the plan are the ceiling. */
  readonly found: RateFound | null;
}
