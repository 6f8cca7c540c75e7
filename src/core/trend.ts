/**
 * What the nights of one campaign on one target say together: the input of the text, the page, the metrics
 * and the messages. Derived from the nights; never stored as truth.
 */
import type { Night, QuarantineInForce } from './night.ts';
import type { VerdictStatus } from './verdict.ts';

/** `time`, `recovery`: ms. `share`: 0 to 1. `rate`: per second, and more is better. */
export type SeriesKind = 'time' | 'share' | 'recovery' | 'recovered-share' | 'rate';

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
}

export interface SeriesChange {
  /** Id of the first night after the change. */
  readonly at: string;
  readonly state: 'suspected' | 'confirmed';
  /** After to before; of shares the difference. */
  readonly shift: number;
  /** Shift as a sentence part: `+22 %`, `+1.3 points`. */
  readonly text: string;
  readonly isWorse: boolean;
  readonly pT: number;
  readonly pRank: number;
  /** No earlier night has told it. */
  readonly isNew: boolean;
}

export type SeriesState = 'steady' | 'suspected' | 'confirmed' | 'not-testable' | 'insufficient';

/** Tonight against the pinned reference. */
export interface PinComparison {
  readonly night: string;
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  readonly status: 'PASS' | 'FAIL' | 'INCONCLUSIVE';
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
  /** Stable, unique: `gateway.intentions p99 in baseline`, `kill-pod: held recovered`. */
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
   * FAIL: a worsening is confirmed and new, or the pinned reference is exceeded. INCONCLUSIVE: a series is
   * suspected or not testable. PASS: every series is steady. Null: insufficient history, so no answer.
   */
  readonly status: Extract<VerdictStatus, 'PASS' | 'FAIL' | 'INCONCLUSIVE'> | null;
  /** First line of every report. */
  readonly headline: string;
}
