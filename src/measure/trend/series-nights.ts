/** One series over all nights, and the part of it that is compared. */
import type { Night } from '../../core/night.ts';
import type { SeriesNight } from '../../core/trend.ts';
import { type Scaled, scaled } from './scaled.ts';
import type { SeriesPlan } from './series-plan.ts';

export interface PlannedSeries {
  readonly plan: SeriesPlan;
  /** All nights, gaps included. */
  readonly nights: readonly SeriesNight[];
  /** Of the present segment, those with a value, oldest first. */
  readonly compared: readonly ComparedNight[];
  /** The same nights. */
  readonly scaled: Scaled;
}

export interface ComparedNight {
  readonly night: Night;
  readonly value: SeriesNight;
}

/** @param start index of the first night of the present segment. */
export function plannedSeries(plan: SeriesPlan, nights: readonly Night[], start: number): PlannedSeries {
  const all = nights.map((night) => ({ night: night.id, ...plan.valueOf(night) }));
  const compared = nights.flatMap((night, at) => {
    const value = all[at];
    return at < start || value === undefined || value.value === null ? [] : [{ night, value }];
  });
  return {
    plan,
    nights: all,
    compared,
    scaled: scaled(
      compared.map((one) => one.value),
      plan.scale,
    ),
  };
}
