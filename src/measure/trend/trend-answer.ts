/** The answer of all series together, and the first line of every report. */
import type { Night, QuarantineInForce } from '../../core/night.ts';
import type { Segment, SeriesChange, Trend, TrendSeries } from '../../core/trend.ts';
import { LEAST_NIGHTS } from './judge-trend.ts';
import { gapOfNight } from './night-gap.ts';
import type { SeriesPlan } from './series-plan.ts';
import { changeWords, pinWords, pooledWords } from './series-sentence.ts';
import { countWords, dayOf, sizeOf } from './trend-words.ts';

export interface JudgedSeries {
  readonly plan: SeriesPlan;
  readonly series: TrendSeries;
  /** The change that makes its state; null: none. */
  readonly recent: SeriesChange | null;
}

interface Around {
  readonly segments: readonly Segment[];
  readonly quarantine: readonly QuarantineInForce[];
  readonly allow: number;
}

export function trendAnswer(
  judged: readonly JudgedSeries[],
  nights: readonly Night[],
  around: Around,
): Pick<Trend, 'status' | 'headline'> {
  const { quarantine } = around;
  const days = new Map(nights.map((one) => [one.id, one.startedAt]));
  const decides = ({ plan }: JudgedSeries): boolean =>
    !quarantine.some((one) => one.fault === plan.recovery?.fault && one.sli === plan.recovery.sli);
  const deciding = judged.filter(decides);
  const [status, told] = answerOf(deciding, nights, around, days);
  const named = status ?? 'INSUFFICIENT-HISTORY';
  const parts = [
    `${named}: ${told}`,
    ...improvements(deciding, days),
    ...quarantineWords(nights, quarantine),
  ];
  return { status, headline: [...parts, ...newestGap(nights)].join('; ') };
}

type Days = ReadonlyMap<string, string>;

function answerOf(
  judged: readonly JudgedSeries[],
  nights: readonly Night[],
  around: Around,
  days: Days,
): readonly [Trend['status'], string] {
  const failing = judged.flatMap((one) => newlyWorse(one, days) ?? overPin(one, around, days) ?? []);
  if (failing.length > 0) return ['FAIL', firstOf(failing)];
  const headline = judged.filter((one) => one.series.isHeadline);
  const tested = judged.filter(({ series }) => series.state !== 'insufficient');
  if (tested.length === 0) return [null, insufficientWords(judged, nights, around.segments)];
  const open = headline.flatMap((one) => openWords(one, days));
  if (open.length > 0) return ['INCONCLUSIVE', firstOf(open)];
  const comparable = Math.max(...tested.map(({ series }) => series.comparable));
  const known = judged.flatMap((one) => knownWords(one, days));
  const said = known.length === 0 ? 'no series became worse' : `nothing new; already told: ${firstOf(known)}`;
  return ['PASS', `${said} (${tested.length} series over ${countWords(comparable, 'comparable night')})`];
}

const firstOf = ([first = '', ...others]: readonly string[]): string =>
  others.length === 0 ? first : `${first} (and ${others.length} more)`;

/** What came back is said with a worsening: a time that got better may hide that fewer recover. */
function withPooled(text: string, { pooled }: TrendSeries): string {
  return pooled === null ? text : `${text}; ${pooledWords(pooled)}`;
}

const changeSentence = ({ plan, series }: JudgedSeries, change: SeriesChange, days: Days): string =>
  withPooled(`${plan.name} ${changeWords(series.kind, change, days)}`, series);

function newlyWorse(one: JudgedSeries, days: Days): string | null {
  const { recent } = one;
  const isNew = recent?.state === 'confirmed' && recent.isWorse && recent.isNew;
  return recent && isNew ? changeSentence(one, recent, days) : null;
}

function overPin({ plan, series }: JudgedSeries, { allow }: Around, days: Days): string | null {
  if (series.pin?.status !== 'FAIL') return null;
  const allowed = series.kind === 'share' ? '0.5 points' : `${sizeOf(allow)} %`;
  return `${plan.name} is ${pinWords(series, days)}; allowed: ${allowed}`;
}

function openWords(one: JudgedSeries, days: Days): readonly string[] {
  const { series, recent, plan } = one;
  if (series.state === 'suspected' && recent?.isWorse === true) return [changeSentence(one, recent, days)];
  if (series.state !== 'not-testable' || series.pin?.status === 'PASS') return [];
  const next = series.pin === null ? 'pin a reference' : 'the pinned night does not decide it yet';
  return [
    `${plan.name}: nights are not independent (lag-1 correlation ${(series.lag1 ?? 0).toFixed(2)}): ${next}`,
  ];
}

function knownWords(one: JudgedSeries, days: Days): readonly string[] {
  const { recent } = one;
  const isKnown = recent?.state === 'confirmed' && recent.isWorse && !recent.isNew;
  return recent && isKnown ? [changeSentence(one, recent, days)] : [];
}

function improvements(judged: readonly JudgedSeries[], days: Days): readonly string[] {
  const better = judged.flatMap((one) =>
    one.recent?.state === 'confirmed' && !one.recent.isWorse && one.recent.isNew && !one.recent.fewerRecover
      ? [`${one.plan.name} ${changeWords(one.series.kind, one.recent, days)}`]
      : [],
  );
  return better.length === 0 ? [] : [`better: ${firstOf(better)}`];
}

function insufficientWords(
  judged: readonly JudgedSeries[],
  nights: readonly Night[],
  segments: readonly Segment[],
): string {
  if (nights.length === 0) return 'there is no night yet';
  const most = Math.max(0, ...judged.map(({ series }) => series.comparable));
  const present = segments.findLast((one) => one.only === undefined);
  const since = nights.find((one) => one.id === present?.from)?.startedAt;
  const because = present?.because ?? null;
  const where = because === null || since === undefined ? '' : ` since ${dayOf(since)} (${because})`;
  return `${most} of the ${LEAST_NIGHTS} comparable nights that a trend needs${where}`;
}

/** Of the newest night: each fault × service level. */
function quarantineWords(
  nights: readonly Night[],
  quarantine: readonly QuarantineInForce[],
): readonly string[] {
  if (quarantine.length === 0) return [];
  const units = new Set(nights.at(-1)?.recoveries.map((one) => JSON.stringify([one.fault, one.sli])));
  const out = quarantine.filter((one) => units.has(JSON.stringify([one.fault, one.sli]))).length;
  const since = quarantine.map((one) => one.since).sort()[0] ?? '';
  return [
    `${units.size - out} of ${units.size} recoveries judged, ${quarantine.length} in quarantine since ${dayOf(since)}`,
  ];
}

function newestGap(nights: readonly Night[]): readonly string[] {
  const newest = nights.at(-1);
  const why = newest === undefined ? null : gapOfNight(newest);
  return newest === undefined || why === null
    ? []
    : [`the night of ${dayOf(newest.startedAt)} is a gap, ${why}`];
}
