/**
 * Faults in a gate: the same fault on both sides, one after the other, and how long each side took to be back
 * for its clients, pair by pair.
 */
import type { VerdictStatus } from './verdict.ts';

/** A step of the campaign as a gate plays it: one fault, or the members of a group. */
export interface GateFault {
  /** `kill-pod`, or the name of its group. */
  readonly name: string;
  /** Its own name alone where it is no group. */
  readonly members: readonly string[];
  /** Whether it lasts until it is taken away. Else it is over when it is done, such as a kill. */
  readonly isHeld: boolean;
}

export interface RecoveryRule {
  /**
   * Ratios less 1: a recovery that is longer up to `allow` is no failure, one by `find` must not be missed.
   */
  readonly allow: number;
  readonly find: number;
  /** Fault pairs for each fault. */
  readonly pairs: number;
}

/** As it is planned, before the first request. */
export interface RecoveryPlan extends RecoveryRule {
  readonly faults: readonly GateFault[];
  /** Of the flows that the gate judges: each is asked for after each fault. */
  readonly flows: readonly string[];
  /** One for each pair, a coin each; the same for every fault of the pair. */
  readonly order: readonly ('AB' | 'BA')[];
}

/** The name of a fault on one side, to which the number of its pair is added as a round is. */
export const faultOn = (fault: string, side: 'baseline' | 'candidate'): string => `${fault}@${side}`;

/** Under which the journal of what is injected into the other target of a gate is known. */
export const baselineRun = (run: string): string => `${run}-baseline`;

/** How long a flow of one side took to be back, on both service levels: neither failed nor slow. */
export interface RecoveryTime {
  readonly status: 'recovered' | 'never-degraded' | 'censored';
  /**
   * Upper end of the interval. `censored`: it was not back after so long; `never-degraded`: the resolution,
   * below which nothing is seen.
   */
  readonly ms: number;
  /** The truth lies within so much before `ms`; 0 for a censored one. */
  readonly boundMs: number;
}

export interface RecoveryPair {
  readonly pair: number;
  readonly baseline: RecoveryTime;
  readonly candidate: RecoveryTime;
}

/**
 * From which instant the recovery is counted: from the act, or, of what was held until its end, from there.
 */
export type RecoveryClock = 'applied' | 'removed';

export interface GateRecovery {
  readonly fault: string;
  readonly flow: string;
  readonly clock: RecoveryClock;
  readonly pairs: { readonly planned: number; readonly run: number; readonly kept: number };
  readonly dropped: readonly { readonly pair: number; readonly why: string }[];
  readonly byPair: readonly RecoveryPair[];
  /** Hodges–Lehmann over the pairs, candidate to baseline; null: none, or not even its direction is known. */
  readonly estimate: number | null;
  /** Pairs that were cut off by the end of their watch can leave a bound of the estimate only. */
  readonly estimateIs: 'exact' | 'at least' | 'at most';
  /** One-sided, each at its own level; null: without a bound. */
  readonly low: number | null;
  readonly high: number | null;
  /** What so many pairs find nine times of ten, as a ratio less 1; null: not known. */
  readonly detectable: number | null;
  /**
   * Pairs in all for `find`, of an open one; null: none are needed, no number within reason would do, or it
   * is not known.
   */
  readonly pairsNeeded: number | null;
  readonly status: Exclude<VerdictStatus, 'RESIDUE'>;
  readonly note: string | null;
  /** The whole answer in one sentence, without the status. */
  readonly sentence: string;
}
