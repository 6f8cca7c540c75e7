/**
 * What a night shows to others, after it is judged and kept: its history, the page, the receivers of the
 * campaign. None of them changes a verdict, and one that fails does not keep the others from theirs.
 */
import { messageOf } from '../../core/errors.ts';
import type { Receivers } from '../../core/receivers.ts';
import type { Trend } from '../../core/trend.ts';
import type { MetricsInput } from '../../report/metrics/samples.ts';
import { monotonicClock } from '../../system/monotonic-clock.ts';
import type { Places } from '../../system/places.ts';
import type { HistoryStore } from '../history/history-store.ts';
import { writePage } from '../history/page.ts';
import type { RunFolders } from '../history/page-reports.ts';
import { ofNight } from '../history/paths.ts';
import { publishNight } from '../publish/publish-night.ts';
import { trendOfHistory } from './trend-of-history.ts';

export interface Publication {
  /** `history`, `page`, `pushgateway`, `grafana`, `webhook`. */
  readonly what: string;
  readonly status: 'pushed' | 'nothing-to-do' | 'failed';
  /** One sentence, without secrets. */
  readonly text: string;
}

export interface Publishing {
  readonly history: HistoryStore;
  /** Of the night with its trend. */
  readonly input: MetricsInput & { readonly trend: Trend };
  readonly receivers: Receivers;
  /** Folder of the history page; undefined: none is wanted. */
  readonly page: string | undefined;
  /** Folders of the runs that were added. */
  readonly runs: RunFolders;
  readonly places: Places;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** Never rejects. A person who ends the night does not want to wait: then the history alone is published. */
export async function publish(asked: Publishing): Promise<readonly Publication[]> {
  const { history, page } = asked;
  const first = await attempt('history', async () => {
    await history.publish();
    return [pushed('history', `${history.where}: ${asked.input.night.id}`)];
  });
  if (asked.signal.aborted) return first;
  return [
    ...first,
    ...(page === undefined ? [] : await attempt('page', () => [pageOf(asked, page)])),
    ...(await attempt('receivers', async () => {
      const { receivers, input, places, env, signal } = asked;
      const clock = monotonicClock;
      const told = await publishNight({ receivers, input, places, env, signal, clock, always: false });
      return told.map(({ receiver, ...one }) => ({ what: receiver, ...one }));
    })),
  ];
}

const pushed = (what: string, text: string): Publication => ({ what, status: 'pushed', text });

async function attempt(
  what: string,
  act: () => readonly Publication[] | Promise<readonly Publication[]>,
): Promise<readonly Publication[]> {
  try {
    return await act();
  } catch (error) {
    return [{ what, status: 'failed', text: messageOf(error) }];
  }
}

/** Of all campaigns and environments of the history: one page shows them all. */
function pageOf({ history, input, runs }: Publishing, folder: string): Publication {
  const mine = ofNight(input.night);
  const isMine = (of: typeof mine): boolean =>
    of.campaign === mine.campaign && of.environment === mine.environment;
  const all = new Map(history.nights().map((one) => [JSON.stringify(ofNight(one)), ofNight(one)]));
  // What is new tonight is told already: its own trend still says so.
  const trends = [...all.values()].map((of) => (isMine(of) ? input.trend : trendOfHistory(history, of)));
  const { index, nights } = writePage(trends, runs, folder);
  return pushed('page', `${index}: ${nights} ${nights === 1 ? 'night' : 'nights'}`);
}
