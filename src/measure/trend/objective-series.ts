/** What objectives observe beside the numbers that each flow and each fault has anyway. */
import { byKey } from '../../core/by-key.ts';
import type { Night, NightObjective } from '../../core/night.ts';
import type { SeriesKind } from '../../core/trend.ts';
import { gapOfNight } from './night-gap.ts';
import { gap, type Scale, type SeriesPlan } from './series-plan.ts';

/** `web.orders p99 < 500ms in steady` → `web.orders p99 in steady`: another limit is no other series. */
export const withoutLimit = (name: string): string => name.replace(/ (?:[<>]=?|=) ?[^\s)]+/, '');

export const judgedIds = (nights: readonly Night[]): ReadonlySet<string> =>
  new Set(nights.flatMap((night) => night.objectives.map((one) => withoutLimit(one.name))));

/** Findings of an audit are names, and records are judged each night: they are no number that drifts. */
type Drifting = Exclude<NightObjective['unit'], 'findings' | 'count'>;

const KINDS: Readonly<Record<Drifting, readonly [SeriesKind, Scale]>> = {
  ms: ['time', 'log'],
  // Seconds of lost service may be none at all.
  s: ['time', 'rank'],
  ratio: ['share', 'root'],
  '/s': ['rate', 'log'],
  // Few whole numbers, and none may be 0.
  instances: ['count', 'rank'],
};

/** @param covered ids of the series that there are. */
export function objectiveSeries(
  nights: readonly Night[],
  covered: ReadonlySet<string>,
): readonly SeriesPlan[] {
  const units = new Map<string, Drifting>();
  for (const { name, unit, fault } of nights.flatMap((night) => night.objectives)) {
    const id = withoutLimit(name);
    const isCapacity = covered.has(/^\S+ capacity\b/.exec(id)?.[0] ?? '');
    if (unit === 'findings' || unit === 'count') continue;
    if (fault === undefined && !isCapacity && !covered.has(id)) units.set(id, unit);
  }
  return [...units].sort(byKey).map(([id, unit]) => seriesOf(id, unit));
}

function seriesOf(id: string, unit: Drifting): SeriesPlan {
  const [kind, scale] = KINDS[unit];
  const factor = unit === 's' ? 1000 : 1;
  return {
    ...{ id, name: id, kind, scale, isHeadline: true },
    valueOf: (night) => {
      const why = gapOfNight(night);
      if (why !== null) return gap(why);
      const found = night.objectives.find((one) => withoutLimit(one.name) === id);
      if (found === undefined) return gap('this night had no such objective');
      if (found.observed === null) return gap(`not observed: ${found.status}`);
      const [low = null, high = null] = found.interval ?? [];
      const scaled = (value: number | null): number | null => (value === null ? null : value * factor);
      return {
        value: found.observed * factor,
        low: scaled(low),
        high: scaled(high),
        censored: false,
        gap: null,
      };
    },
  };
}
