/** What a trend is shown with on a terminal and as Markdown: the same cells, not yet escaped. */
import type { PooledRecovery, Trend, TrendSeries } from '../core/trend.ts';
import { formatMs } from '../core/units.ts';
import { formatRate, formatRatio, NONE } from './format.ts';
import type { Tone } from './tone.ts';

export const SERIES_TITLES = ['Series', 'Newest', 'State', 'Change', 'Pinned', 'Last nights'] as const;

export interface TrendRow {
  readonly name: string;
  readonly newest: string;
  readonly state: string;
  readonly tone: Tone;
  /** The change that makes the state: `+22 %`. */
  readonly change: string;
  /** Its day, or nothing. */
  readonly on: string;
  readonly pin: string;
  /** Without its interval. */
  readonly pinShort: string;
  readonly pinTone: Tone;
  readonly recent: string;
}

const PIN_TONES = { PASS: 'good', FAIL: 'bad', INCONCLUSIVE: 'warn' } as const;

/** @param series headline or folded ones. */
export const seriesRows = (trend: Trend, series: readonly TrendSeries[]): readonly TrendRow[] =>
  series.map((one) => ({
    name: one.id,
    newest: newestText(one),
    ...stateOf(one),
    ...changeCells(trend, one),
    ...pinCells(one),
    pinTone: one.pin === null ? 'soft' : PIN_TONES[one.pin.status],
    recent: recentText(one),
  }));

export const headlineOf = ({ series }: Trend): readonly TrendSeries[] =>
  series.filter((one) => one.isHeadline);
export const foldedOf = ({ series }: Trend): readonly TrendSeries[] =>
  series.filter((one) => !one.isHeadline);

const isShare = ({ kind }: TrendSeries): boolean => kind === 'share' || kind === 'recovered-share';

function valueText({ kind }: TrendSeries, value: number | null): string {
  if (value === null) return NONE;
  if (kind === 'share' || kind === 'recovered-share') return formatRatio(value);
  if (kind === 'ratio') return value.toFixed(2);
  if (kind === 'count') return String(value);
  return kind === 'rate' ? formatRate(value) : formatMs(value);
}

function newestText(series: TrendSeries): string {
  const newest = series.nights.at(-1);
  if (newest === undefined || newest.value === null) return 'gap';
  return newest.censored ? notReached(newest.value) : valueText(series, newest.value);
}

/** An arrow, as on the page: the true time is beyond it. */
const notReached = (watchMs: number): string => `→ > ${secondsText(watchMs)}`;

const secondsText = (ms: number): string => `${Number((ms / 1000).toFixed(1))} s`;

const STATE_TONES = {
  steady: 'good',
  suspected: 'warn',
  confirmed: 'bad',
  'not-testable': 'warn',
  insufficient: 'soft',
} as const;

function stateOf(series: TrendSeries): Pick<TrendRow, 'state' | 'tone'> {
  const { state, comparable } = series;
  const change = newestChange(series);
  const isBetter = state === 'confirmed' && change?.isWorse === false && !change.fewerRecover;
  if (state === 'insufficient') return { state: `${comparable} of 12 nights`, tone: 'soft' };
  return { state: isBetter ? 'confirmed, better' : state, tone: isBetter ? 'good' : STATE_TONES[state] };
}

/** Of a series that is steady there may be older ones: they are in the list of changes. */
function newestChange({ state, changes }: TrendSeries): TrendSeries['changes'][number] | undefined {
  return changes.findLast((one) => one.state === state);
}

function changeCells(trend: Trend, series: TrendSeries): Pick<TrendRow, 'change' | 'on'> {
  const change = newestChange(series);
  return change === undefined
    ? { change: NONE, on: '' }
    : { change: change.text, on: ` on ${dayOf(trend, change.at)}` };
}

export const dayOf = ({ nights }: Trend, id: string): string =>
  nights.find((one) => one.id === id)?.startedAt.slice(0, 10) ?? id;

const signed = (value: number, digits: number): string =>
  `${value < 0 ? '−' : '+'}${Number(Math.abs(value * 100).toFixed(digits))}`;

/** `+4 % (−2 to +11)`; of shares in points. */
function differenceText(series: TrendSeries, middle: number, low: number, high: number | null): string {
  const [less, digits, unit] = isShare(series) ? [0, 2, 'pt'] : [1, 1, '%'];
  const say = (value: number): string => signed(value - less, digits);
  return `${say(middle)} ${unit} (${say(low)} to ${high === null ? '∞' : say(high)})`;
}

function pinCells(series: TrendSeries): Pick<TrendRow, 'pin' | 'pinShort'> {
  const { pin } = series;
  if (pin === null) return { pin: NONE, pinShort: NONE };
  const whole = differenceText(series, pin.ratio, pin.low, pin.high);
  return { pin: `${whole} ${pin.status}`, pinShort: `${whole.replace(/ \(.*/, '')} ${pin.status}` };
}

function recentText(series: TrendSeries): string {
  const { recent } = series;
  if (recent === null) return NONE;
  const { ratio, low, high, isUnusual } = recent;
  const unusual = isUnusual ? ' unusual' : '';
  if (ratio === null) return `not reached${unusual}`;
  return `${differenceText(series, ratio, low, high)}${unusual}`;
}

export const RECOVERY_TITLES = ['Recovered', 'Rounds', 'Share (95 %)', 'Median (95 %)'] as const;

export interface PooledRow {
  readonly name: string;
  readonly rounds: string;
  readonly share: string;
  readonly median: string;
  readonly tone: Tone;
}

/**
 * Of the last nights, the worst first: there is no score that could hide it. Of folded series only those of
 * which a round did not recover.
 */
export function pooledRows({ series }: Trend): readonly PooledRow[] {
  const shares = series.flatMap(({ kind, id, pooled, isHeadline }) =>
    kind === 'recovered-share' && pooled !== null && (isHeadline || pooled.recovered < pooled.rounds)
      ? [{ name: id.replace(/ recovered$/, ''), pooled }]
      : [],
  );
  const order = ({ recovered, rounds, medianMs }: PooledRecovery): readonly [number, number] => [
    recovered / rounds,
    -(medianMs ?? Number.MAX_VALUE),
  ];
  return shares
    .toSorted((a, b) => {
      const [[share, time], [otherShare, otherTime]] = [order(a.pooled), order(b.pooled)];
      return share - otherShare || time - otherTime;
    })
    .map(({ name, pooled }) => ({ name, ...pooledCells(pooled) }));
}

function pooledCells(pooled: PooledRecovery): Omit<PooledRow, 'name'> {
  const { rounds, recovered, shareLow, shareHigh, medianMs, medianLowMs, medianHighMs, watchMs } = pooled;
  const bounds = `${medianLowMs === null ? '?' : secondsText(medianLowMs)} to ${medianHighMs === null ? `> ${secondsText(watchMs)}` : secondsText(medianHighMs)}`;
  return {
    rounds: `${recovered} of ${rounds}`,
    share: `${formatRatio(recovered / rounds)} (${formatRatio(shareLow)} to ${formatRatio(shareHigh)})`,
    median: medianMs === null ? `not reached ${notReached(watchMs)}` : `${secondsText(medianMs)} (${bounds})`,
    tone: medianMs === null ? 'bad' : recovered < rounds ? 'warn' : 'good',
  };
}

/** Newest first. */
export function changeLines(trend: Trend): readonly string[] {
  const at = new Map(trend.nights.map((one, index) => [one.id, index]));
  return trend.series
    .flatMap(({ id, changes }) => changes.map((change) => ({ id, change })))
    .sort((a, b) => (at.get(b.change.at) ?? -1) - (at.get(a.change.at) ?? -1))
    .map(({ id, change }) => {
      const { state, isWorse, isNew, fewerRecover } = change;
      const told = state === 'confirmed' ? `, ${isNew ? 'new' : 'told before'}` : '';
      return `${dayOf(trend, change.at)} ${id}: ${change.text}, ${isWorse ? 'worse' : fewerRecover ? 'no improvement' : 'better'}, ${state}${told}`;
    });
}

/** Without the first, of which nothing changed. */
export const segmentLines = (trend: Trend): readonly string[] =>
  trend.segments.flatMap(({ from, because, only }) =>
    because === null
      ? []
      : [`${dayOf(trend, from)} ${because}${only === undefined ? '' : ' (recoveries alone)'}`],
  );

export const quarantineLines = ({ quarantine }: Trend): readonly string[] =>
  quarantine.map(
    ({ fault, sli, owner, reason, since, until }) =>
      `${fault}: ${sli} since ${since.slice(0, 10)} until ${until.slice(0, 10)}, ${owner}: ${reason}`,
  );

/** Of the last nights: why they have no value anywhere. */
export const gapLines = ({ nights }: Trend): readonly string[] =>
  nights
    .slice(-20)
    .filter((one) => !['PASS', 'FAIL', 'INCONCLUSIVE'].includes(one.runStatus))
    .map(({ startedAt, runStatus, reasons }) => {
      const why = reasons.find((one) => one.status === runStatus)?.text;
      return `${startedAt.slice(0, 10)} ${runStatus}${why === undefined ? '' : `: ${why}`}`;
    });

/** `31 nights of nightly on staging-1, 2026-01-01 to 2026-01-31; pinned: 2026-01-03`. */
export function spanText(trend: Trend): string {
  const { nights, campaign, environment, pinned } = trend;
  const [first, last] = [nights[0], nights.at(-1)];
  if (first === undefined || last === undefined) return 'no nights';
  const count = `${nights.length} night${nights.length === 1 ? '' : 's'}`;
  const reference = pinned === null ? 'none' : dayOf(trend, pinned);
  return `${count} of ${campaign} on ${environment}, ${first.startedAt.slice(0, 10)} to ${last.startedAt.slice(0, 10)}; pinned: ${reference}`;
}
