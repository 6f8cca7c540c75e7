/** One sentence a series, without its verdict. */
import type { PooledRecovery, SeriesChange, TrendSeries } from '../../core/trend.ts';
import { formatMs } from '../../core/units.ts';
import { LEAST_NIGHTS } from './judge-trend.ts';
import type { SeriesPlan } from './series-plan.ts';
import { countWords, dayOf, pointsSize, secondsWords, sizeOf } from './trend-words.ts';

type Said = Pick<TrendSeries, 'kind' | 'state' | 'comparable' | 'lag1' | 'changes' | 'pin' | 'pooled'>;

/** @param recent the change that makes its state. @param days day of each night by id. */
export function seriesSentence(
  { name }: SeriesPlan,
  series: Said,
  recent: SeriesChange | null,
  days: ReadonlyMap<string, string>,
): string {
  return [
    stateWords(name, series, recent, days),
    ...(series.pooled === null ? [] : [pooledWords(series.pooled)]),
    ...(series.pin === null ? [] : [pinWords(series, days)]),
  ].join('; ');
}

function stateWords(
  name: string,
  { kind, state, comparable, lag1 }: Said,
  recent: SeriesChange | null,
  days: ReadonlyMap<string, string>,
): string {
  switch (state) {
    case 'insufficient':
      return `${name}: insufficient history, ${comparable} of ${LEAST_NIGHTS} comparable nights`;
    case 'not-testable':
      return `${name}: nights are not independent (lag-1 correlation ${(lag1 ?? 0).toFixed(2)}), so that no change can be told from chance: pin a reference`;
    case 'steady':
      return `${name} is steady over ${countWords(comparable, 'comparable night')}`;
    default:
      return recent === null ? name : `${name} ${changeWords(kind, recent, days)}`;
  }
}

/** `rose by 22 % on 2026-11-20, confirmed (120 ms → 146 ms)`. */
export function changeWords(
  kind: TrendSeries['kind'],
  change: SeriesChange,
  days: ReadonlyMap<string, string>,
): string {
  const { shift, state, text, before, after, at } = change;
  const on = `on ${dayOf(days.get(at) ?? at)}, ${state}`;
  const isMore = kind === 'recovery' ? change.isWorse : shift >= 0;
  const verb = isMore ? 'rose' : 'fell';
  if (text.includes('→')) return `${verb} from ${text.replace('→', 'to')} ${on}`;
  if (kind === 'share' || kind === 'recovered-share')
    return `${verb} by ${pointsSize(shift)} points ${on} (${shareWords(before)} → ${shareWords(after)})`;
  const say = (value: number | null): string =>
    value === null
      ? '?'
      : kind === 'rate'
        ? `${Number(value.toPrecision(3))}/s`
        : kind === 'count'
          ? String(Number(value.toPrecision(3)))
          : kind === 'ratio'
            ? value.toFixed(2)
            : formatMs(value);
  return `${verb} by ${sizeOf(shift)} % ${on} (${say(before)} → ${say(after)})`;
}

const shareWords = (share: number | null): string =>
  share === null ? '?' : `${Number((share * 100).toFixed(share < 0.1 ? 2 : 1))} %`;

/** `recovered in 21 of 30 rounds (70 %, 95 % interval 52 to 83 %), median 17.6 s`. */
export function pooledWords(pooled: PooledRecovery): string {
  const { rounds, recovered, shareLow, shareHigh, medianMs, medianLowMs, medianHighMs, watchMs } = pooled;
  const percent = (share: number): string => (share * 100).toFixed(0);
  const share = `${percent(recovered / rounds)} %, 95 % interval ${percent(shareLow)} to ${percent(shareHigh)} %`;
  const open = `> ${secondsWords(watchMs)}`;
  const from = medianLowMs === null ? '' : secondsWords(medianLowMs);
  const to = medianHighMs === null ? open : secondsWords(medianHighMs);
  const interval = from === '' ? '' : ` (${from} to ${to})`;
  const median = medianMs === null ? `not reached (${open})` : `${secondsWords(medianMs)}${interval}`;
  return `recovered in ${recovered} of ${countWords(rounds, 'round')} (${share}), median ${median}`;
}

/** `22 % above the pinned night of 2026-10-01 (95 % interval 18 to 26 %)`, `level with the pinned …`. */
export function pinWords(
  { kind, pin }: Pick<Said, 'kind' | 'pin'>,
  days: ReadonlyMap<string, string>,
): string {
  if (pin === null) return 'not compared with a pinned night';
  const { ratio, low, high, night } = pin;
  const isShare = kind === 'share';
  const [middle, from, to] = isShare ? [ratio, low, high] : [ratio - 1, low - 1, high - 1];
  const size = isShare ? pointsSize : sizeOf;
  const unit = isShare ? 'points' : '%';
  const signed = (value: number): string => `${value < 0 ? '−' : ''}${size(value)}`;
  const difference = `${size(middle)} ${unit} ${middle >= 0 ? 'above' : 'below'}`;
  return `${size(middle) === '0' ? 'level with' : difference} the pinned night of ${dayOf(days.get(night) ?? night)} (95 % interval ${signed(from)} to ${signed(to)} ${unit})`;
}
