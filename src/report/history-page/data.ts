/**
 * The numbers of a trend as a script: a page from disk may not fetch, but it may load a script beside it. The
 * script calls `gauntletHistory` with one value; it is JSON in all but its first word.
 */
import type { Night } from '../../core/night.ts';
import type { SeriesNight, TrendSeries } from '../../core/trend.ts';
import { jsonForScript } from '../escape.ts';
import { shortVersion } from './nights.ts';
import { hrefOf, keyOf, nightTime, type PageTrend, reportOf } from './view.ts';

/** No pixel shows a fifth digit. */
const short = (value: number | null): number | null => (value === null ? null : Number(value.toPrecision(4)));

/** The same map or text is written once, and named by its place. */
function places<Value>(): { at(value: Value): number; readonly all: readonly Value[] } {
  const known = new Map<string, number>();
  const all: Value[] = [];
  return {
    all,
    at(value) {
      const text = JSON.stringify(value);
      const found = known.get(text);
      if (found !== undefined) return found;
      known.set(text, all.length);
      return all.push(value) - 1;
    },
  };
}

export function trendData(page: PageTrend): string {
  const { trend } = page;
  const index = new Map(trend.nights.map((night, at) => [night.id, at]));
  const maps = places<Readonly<Record<string, string>>>();
  const gaps = places<string>();
  const nights = trend.nights.map((night) => nightData(night, maps.at, hrefOf(reportOf(page, night))));
  const series = trend.series.map((one) => seriesData(one, index, gaps.at));
  const segments = trend.segments.flatMap(({ from, because, only }) => {
    const at = index.get(from);
    return at === undefined ? [] : [{ at, because, isOfRecovery: only === 'recovery' }];
  });
  const pinned = trend.pinned === null ? null : (index.get(trend.pinned) ?? null);
  const value = { key: keyOf(trend), nights, maps: maps.all, segments, pinned, gaps: gaps.all, series };
  return `gauntletHistory(${jsonForScript(value)});\n`;
}

function nightData(
  night: Night,
  place: (map: Readonly<Record<string, string>>) => number,
  href: string | null,
): object {
  const subject = Object.fromEntries(
    Object.entries(night.subject).map(([service, version]) => [service, shortVersion(version)]),
  );
  return {
    id: night.id,
    run: night.run,
    time: nightTime(night.startedAt),
    status: night.status,
    seed: night.seed,
    href,
    quarantine: night.quarantine.length,
    target: night.target,
    campaign: night.campaignHash.slice(0, 12),
    watchMs: night.recoveryWatchMs,
    subject: place(subject),
    versions: place(night.versions),
    environment: place(night.environment.words),
  };
}

function seriesData(
  series: TrendSeries,
  index: ReadonlyMap<string, number>,
  place: (gap: string) => number,
): object {
  // By place of the night: a series that leaves a night out has a gap there, and moves nothing.
  const all: (SeriesNight | undefined)[] = Array.from({ length: index.size }, () => undefined);
  for (const one of series.nights) {
    const at = index.get(one.night);
    if (at !== undefined) all[at] = one;
  }
  return {
    id: series.id,
    kind: series.kind,
    value: all.map((one) => short(one?.value ?? null)),
    low: all.map((one) => short(one?.low ?? null)),
    high: all.map((one) => short(one?.high ?? null)),
    censored: all.flatMap((one, at) => (one?.censored === true && one.value !== null ? [at] : [])),
    gaps: Object.fromEntries(
      all.flatMap((one, at) =>
        one === undefined || one.value === null ? [[at, place(one?.gap ?? 'nothing recorded')] as const] : [],
      ),
    ),
    changes: series.changes.flatMap(({ at, state, text, isWorse }) => {
      const place = index.get(at);
      return place === undefined ? [] : [{ at: place, state, text, isWorse }];
    }),
  };
}
