/** Which number of a night a series follows, and on which scale its nights are compared. */
import type { Night } from '../../core/night.ts';
import type { SeriesKind, SeriesNight } from '../../core/trend.ts';
import type { Watched } from './kaplan-meier.ts';

/**
 * `log`: a change is a ratio. `root`: the arcsine root of a share, whose spread does not depend on the share
 * (Anscombe 1948) and which has a place for zero; a logit with half a count would make a night without any
 * failure better by having more arrivals. `rank`: times that were cut off by the end of a watch are ties at
 * the top.
 */
export type Scale = 'log' | 'root' | 'rank';

export type NightValue = Omit<SeriesNight, 'night'>;

export interface SeriesPlan {
  readonly id: string;
  /** Subject of its sentences. */
  readonly name: string;
  readonly kind: SeriesKind;
  readonly scale: Scale;
  readonly isHeadline: boolean;
  readonly valueOf: (night: Night) => NightValue;
  /** Of series of recoveries. */
  readonly recovery?: RecoverySource;
}

export interface RecoverySource {
  readonly fault: string;
  readonly sli: string;
  /** The rounds of a night; none where it is a gap. */
  readonly roundsOf: (night: Night) => readonly Watched[];
}

export const gap = (why: string): NightValue => ({
  ...{ value: null, low: null, high: null, censored: false },
  gap: why,
});
