/** What turns the iterations of one k6 executor into arrivals: by rank of its schedule, or as they come. */
import type { EpochMs } from '../core/units.ts';
import type { MatchEvidence } from './arrival.ts';

/** Times are nanoseconds relative to the caller's base instant. */
export interface FlowMatcher {
  /** @param iteration of this VU; NaN: not told. */
  started(atNs: number, vu: number, iteration: number): void;
  dropped(atNs: number): void;
  connected(vu: number, tookUs: number): void;
  stepped(vu: number, serviceUs: number, name: string): void;
  answered(vu: number, serviceUs: number, outcome: string): void;
  /** No event before this instant is expected any more. */
  advance(watermarkNs: number): void;
  /** The executor has ended; what has no answer until `endNs` is interrupted. */
  finish(endNs: number): void;
  /** Every arrival that was due before this instant is resolved; Infinity once the executor has ended. */
  settledUntil(): EpochMs;
  /** Due times of arrivals that have no end yet. */
  unresolved(): EpochMs[];
  /** Every arrival due before this instant is known; -Infinity before the first. */
  rankedUntil(): EpochMs;
  evidence(): MatchEvidence;
}
