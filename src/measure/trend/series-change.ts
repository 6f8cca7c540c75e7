/** A change point of a series as what it means: from which value to which, and whether that is worse. */
import { isMoreBetter, type SeriesChange } from '../../core/trend.ts';
import { formatMs } from '../../core/units.ts';
import type { ChangePoint } from './change-points.ts';
import { poolRecoveries } from './pool-recoveries.ts';
import { meanOf, shareOfRoot } from './scaled.ts';
import type { ComparedNight, PlannedSeries } from './series-nights.ts';
import { percentWords, pointsWords, secondsWords } from './trend-words.ts';

export type Meaning = Pick<SeriesChange, 'before' | 'after' | 'shift' | 'text' | 'isWorse' | 'fewerRecover'>;

export function meaningOf(series: PlannedSeries, change: ChangePoint): Meaning {
  const { plan, compared, scaled } = series;
  const [before, after] = [compared.slice(change.from, change.at), compared.slice(change.at, change.to)];
  const values = [scaled.values.slice(change.from, change.at), scaled.values.slice(change.at, change.to)];
  const isMore = change.shift > 0;
  if (plan.recovery !== undefined) return recoveryMeaning(series, before, after, isMore);
  const [from, to] = values.map((side) => typical(side, scaled.scale)) as [number, number];
  if (scaled.scale === 'root')
    return { before: from, after: to, shift: to - from, text: pointsWords(to - from), isWorse: isMore };
  const isWorse = isMoreBetter(plan.kind) ? !isMore : isMore;
  if (scaled.scale === 'rank') return { ...middles(before, after), isWorse };
  return { before: from, after: to, shift: to / from - 1, text: percentWords(to / from - 1), isWorse };
}

const typical = (values: readonly number[], scale: 'log' | 'root' | 'rank'): number =>
  scale === 'root' ? shareOfRoot(meanOf(values)) : Math.exp(meanOf(values));

/** Times and rates that are zero in some night. */
function middles(
  before: readonly ComparedNight[],
  after: readonly ComparedNight[],
): Pick<Meaning, 'before' | 'after' | 'shift' | 'text'> {
  const middle = (nights: readonly ComparedNight[]): number => {
    const sorted = nights.map((one) => one.value.value ?? 0).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? 0;
  };
  const [from, to] = [middle(before), middle(after)];
  const shift = from > 0 ? to / from - 1 : to > 0 ? 1 : 0;
  return { before: from, after: to, shift, text: `${formatMs(from)} → ${formatMs(to)}` };
}

function recoveryMeaning(
  { plan }: PlannedSeries,
  before: readonly ComparedNight[],
  after: readonly ComparedNight[],
  isMore: boolean,
): Meaning {
  const pool = (nights: readonly ComparedNight[]) =>
    poolRecoveries(
      nights.flatMap(({ night }) => plan.recovery?.roundsOf(night) ?? []),
      nights[0]?.night.recoveryWatchMs ?? 0,
    );
  const [from, to] = [pool(before), pool(after)];
  const shareOf = (one: typeof from): number => (one?.recovered ?? 0) / (one?.rounds ?? 1);
  if (plan.kind === 'recovered-share') {
    const [a, b] = [shareOf(from), shareOf(to)];
    return { before: a, after: b, shift: b - a, text: pointsWords(b - a), isWorse: !isMore };
  }
  const fewerRecover = !isMore && shareOf(to) < shareOf(from);
  const [a, b] = [from?.medianMs ?? null, to?.medianMs ?? null];
  const [least, most] = [a ?? from?.watchMs ?? 0, b ?? to?.watchMs ?? 0];
  const said = (ms: number | null, watchMs: number): string =>
    ms === null ? `not reached (> ${secondsWords(watchMs)})` : secondsWords(ms);
  return {
    ...{ before: a, after: b },
    shift: least > 0 ? most / least - 1 : most > 0 ? 1 : 0,
    text: `${said(a, from?.watchMs ?? 0)} → ${said(b, to?.watchMs ?? 0)}${fewerRecover ? ' while fewer recover' : ''}`,
    isWorse: isMore,
    ...(fewerRecover && { fewerRecover }),
  };
}
