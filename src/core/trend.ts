/**
 * What the nights of one campaign on one target say together: the input of the text, the page, the metrics
 * and the messages. Derived from the nights; never stored as truth.
 */
import type { Night, QuarantineInForce } from './night.ts';
import type { VerdictStatus } from './verdict.ts';

/**
 * `time`, `recovery`: ms. `share`: 0 to 1. `rate`: per second, `count`: instances; of both more is better.
 * `ratio`: of response times to those of a reference.
 */
export type SeriesKind = 'time' | 'share' | 'recovery' | 'recovered-share' | 'rate' | 'count' | 'ratio';

export const isMoreBetter = (kind: SeriesKind): boolean => kind === 'rate' || kind === 'count';

export interface SeriesNight {
  /** Id of the night. */
  readonly night: string;
  /** Null: a gap; it is never filled. */
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** The true value is above `value`: it had not recovered when the watch ended. */
  readonly censored: boolean;
  /** Why there is no value. Null with a value. */
  readonly gap: string | null;
}

/** Nights that can be compared: one campaign, one environment. */
export interface Segment {
  /** Id of its first night. */
  readonly from: string;
  /** What became different, in words: `campaign`, `cluster: a → b`. Null: the first. */
  readonly because: string | null;
  /** It parts the series of recoveries alone: their watch has another length. Absent: all series. */
  readonly only?: 'recovery';
}

export interface SeriesChange {
  /** Id of the first night after the change. */
  readonly at: string;
  readonly state: 'suspected' | 'confirmed';
  /** Typical value before and after, as the nights have them. Null: not reached within the watch. */
  readonly before: number | null;
  readonly after: number | null;
  /**
   * After to before, less 1 (0.22 is +22 %); of shares the difference. Of a recovery that was not reached: at
   * least (or at most) this.
   */
  readonly shift: number;
  /** Shift as a sentence part: `+22 %`, `+1.3 points`, `20.1 s → not reached (> 60 s)`. */
  readonly text: string;
  readonly isWorse: boolean;
  /** Of a recovery time that got shorter while fewer rounds recovered: no improvement. Absent: not so. */
  readonly fewerRecover?: true;
  /** Of Student's t; of recoveries of the rank sum, since a censored time has no place in a mean. */
  readonly pT: number;
  /** Of the permutation of ranks. */
  readonly pRank: number;
  /** No earlier night has told it. Confirmed ones alone are told: a suspected one may still be confirmed. */
  readonly isNew: boolean;
}

/** By the changes of the last 20 comparable nights: older ones are the new normal. */
export type SeriesState = 'steady' | 'suspected' | 'confirmed' | 'not-testable' | 'insufficient';

/** The last comparable nights, at most five, against the pinned reference: what creeps up is found here. */
export interface PinComparison {
  /** Id of the pinned night. */
  readonly night: string;
  /** Now to then; of shares the difference. With its two-sided 95 % interval. */
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  readonly status: 'PASS' | 'FAIL' | 'INCONCLUSIVE';
}

/** The newest night against the comparable nights before it: is it unusual? Whether it lasts is not said. */
export interface RecentComparison {
  /** How many nights before it: 12 to 20. */
  readonly nights: number;
  /** To their typical value; of shares the difference. Null: it had not recovered. */
  readonly ratio: number | null;
  /** Between which 95 % of single nights lie; of recoveries the least and the greatest. Null: not reached. */
  readonly low: number;
  readonly high: number | null;
  readonly isUnusual: boolean;
}

/** Of the nights of the present segment, or of the last 20: never a mean of those that recovered. */
export interface PooledRecovery {
  readonly rounds: number;
  readonly recovered: number;
  /** Wilson, 95 %. */
  readonly shareLow: number;
  readonly shareHigh: number;
  /** Kaplan–Meier. Null: not reached within the watch. */
  readonly medianMs: number | null;
  readonly medianLowMs: number | null;
  readonly medianHighMs: number | null;
  readonly watchMs: number;
}

export interface TrendSeries {
  /** Stable, unique: `web.orders p99 in baseline`, `kill-pod: held recovered`. */
  readonly id: string;
  readonly kind: SeriesKind;
  /** Shown first; the others are folded. */
  readonly isHeadline: boolean;
  /** One a night of the history, oldest first, gaps included. */
  readonly nights: readonly SeriesNight[];
  readonly state: SeriesState;
  /** Comparable nights with a value. */
  readonly comparable: number;
  /** Null: fewer than 20 nights. */
  readonly lag1: number | null;
  readonly changes: readonly SeriesChange[];
  readonly pin: PinComparison | null;
  /** Null: the newest night is a gap, or fewer than 12 comparable nights are before it. */
  readonly recent: RecentComparison | null;
  /** Of `recovery` and `recovered-share`. */
  readonly pooled: PooledRecovery | null;
  /** One sentence, as all reports say it. */
  readonly sentence: string;
}

export interface Trend {
  readonly campaign: string;
  readonly environment: string;
  /** Oldest first. */
  readonly nights: readonly Night[];
  readonly segments: readonly Segment[];
  /** Id of the pinned night; null: none is pinned. */
  readonly pinned: string | null;
  readonly series: readonly TrendSeries[];
  readonly quarantine: readonly QuarantineInForce[];
  /**
   * FAIL: a worsening is confirmed and new, or the pinned reference is exceeded. INCONCLUSIVE: a headline
   * series is suspected to be worse, or is not testable and its pin does not pass. PASS: neither. Null:
   * insufficient history, so no answer. What is in quarantine decides nothing.
   */
  readonly status: Extract<VerdictStatus, 'PASS' | 'FAIL' | 'INCONCLUSIVE'> | null;
  /** First line of every report. */
  readonly headline: string;
}
