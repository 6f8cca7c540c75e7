/** What a push of a history sends: the latest night of each campaign and environment, with its trend. */
import { show, usageError } from '../../core/errors.ts';
import type { HistoryOf } from '../../core/history.ts';
import type { MetricsInput } from '../../report/metrics/samples.ts';
import type { HistoryStore } from '../history/history-store.ts';
import { ofNight } from '../history/paths.ts';
import { trendOfHistory } from './trend-of-history.ts';

/** @param campaign null: all. @throws usage: no such night. */
export function inputsOfHistory(history: HistoryStore, campaign: string | null): readonly MetricsInput[] {
  const all = new Map<string, HistoryOf>();
  for (const night of history.nights()) all.set(JSON.stringify(ofNight(night)), ofNight(night));
  const wanted = [...all.values()].filter((one) => campaign === null || one.campaign === campaign);
  if (wanted.length === 0) {
    const names = [...new Set([...all.values()].map((one) => one.campaign))];
    throw usageError({
      subject: `history ${history.where}`,
      expected: campaign === null ? 'at least one night' : `nights of the campaign ${show(campaign)}`,
      got: names.length === 0 ? 'none' : `those of ${names.join(', ')}`,
    });
  }
  return wanted.flatMap((of) => {
    const trend = trendOfHistory(history, of);
    const night = trend.nights.at(-1);
    return night === undefined ? [] : [{ night, plan: null, result: null, trend }];
  });
}
