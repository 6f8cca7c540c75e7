/** The nights of each campaign in each environment: what one trend is about. */
import { byKey } from '../../core/by-key.ts';
import type { HistoryOf } from '../../core/history.ts';
import type { Night } from '../../core/night.ts';
import { ofNight } from './paths.ts';

/** In order of names; the nights of a group in the given order. */
export function groupNights(
  nights: readonly Night[],
): readonly { readonly of: HistoryOf; readonly nights: readonly Night[] }[] {
  const groups = new Map<string, { readonly of: HistoryOf; readonly nights: Night[] }>();
  for (const night of nights) {
    const of = ofNight(night);
    const key = JSON.stringify([of.campaign, of.environment]);
    const group = groups.get(key) ?? { of, nights: [] };
    group.nights.push(night);
    groups.set(key, group);
  }
  return [...groups].sort(byKey).map(([, group]) => group);
}
