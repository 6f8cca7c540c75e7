/** What a history says, by campaign and environment. */
import type { Trend } from '../../core/trend.ts';
import { type VerdictStatus, worst } from '../../core/verdict.ts';
import type { Family } from '../../report/metrics/family.ts';
import { joinFamilies, metricsOf } from '../../report/metrics/samples.ts';
import { groupNights } from '../history/group-nights.ts';
import type { HistoryStore } from '../history/history-store.ts';
import { trendOfHistory } from './trend-of-history.ts';

/** In order of names; empty for a history without a night. */
export const trendsOfHistory = (history: HistoryStore): readonly Trend[] =>
  groupNights(history.nights()).map(({ of }) => trendOfHistory(history, of));

/** Of the latest night of each, and of what all its nights say. */
export const metricsOfTrends = (trends: readonly Trend[]): readonly Family[] =>
  joinFamilies(
    trends.flatMap((trend) => {
      const night = trend.nights.at(-1);
      return night === undefined ? [] : [metricsOf({ night, plan: null, result: null, trend })];
    }),
  );

/** As `gauntlet nightly` ended, or would have: the worst of the latest nights and of what trends fail. */
export const statusOfTrends = (trends: readonly Trend[]): VerdictStatus =>
  trends.length === 0
    ? 'NO-DATA'
    : worst(
        trends.flatMap(({ nights, status }) => [
          nights.at(-1)?.status ?? 'NO-DATA',
          ...(status === 'FAIL' ? (['FAIL'] as const) : []),
        ]),
      );
