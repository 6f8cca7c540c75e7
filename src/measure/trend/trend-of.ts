/**
 * What the nights of one campaign on one target say together. Pure, and the same for the same nights and
 * seed: it is derived again whenever it is shown.
 */
import type { Night } from '../../core/night.ts';
import { isMoreBetter, type Trend, type TrendSeries } from '../../core/trend.ts';
import { largestThatCounts } from './benjamini-hochberg.ts';
import { comparePin } from './compare-pin.ts';
import { compareRecent } from './compare-recent.ts';
import {
  changesOf,
  examineSeries,
  FALSE_ALARMS,
  isRecent,
  permutationsFor,
  seriesChange,
  type Told,
} from './judge-series.ts';
import { answerOfNights, LAG_LEVEL, LEAST_NIGHTS, lagChance, type TrendAnswer } from './judge-trend.ts';
import { poolRecoveries } from './pool-recoveries.ts';
import { type PlannedSeries, plannedSeries } from './series-nights.ts';
import { seriesOf } from './series-of.ts';
import { seriesSentence } from './series-sentence.ts';
import { type JudgedSeries, trendAnswer } from './trend-answer.ts';
import { segmentsOf, startOfPresent } from './trend-segments.ts';

export interface TrendOptions {
  /** Id of the night that all are compared with; null: none. */
  readonly pinned: string | null;
  /** Changes that earlier nights have told. */
  readonly told: readonly Told[];
  /** Of the permutations. */
  readonly seed: number;
  /** A change among so many comparable nights makes the state of a series. Absent: 20. */
  readonly last?: number;
  /** How far a time may be above the pinned night, and a rate below it: 0.1 is 10 %. Absent: 0.1. */
  readonly allow?: number;
}

/** @param nights of one campaign on one target, in any order. */
export function trendOf(nights: readonly Night[], options: TrendOptions): Trend {
  const sorted = inOrder(nights);
  const segments = segmentsOf(sorted);
  const planned = seriesOf(sorted).map((plan) =>
    plannedSeries(plan, sorted, startOfPresent(sorted, segments, plan.recovery !== undefined)),
  );
  const judged = judgeAll(planned, sorted, options);
  const newest = sorted.at(-1);
  const quarantine = newest?.quarantine ?? [];
  return {
    campaign: newest?.campaign ?? '',
    environment: newest?.environment.key ?? '',
    nights: sorted,
    segments,
    pinned: options.pinned,
    series: judged.map((one) => one.series),
    quarantine,
    ...trendAnswer(judged, sorted, { segments, quarantine, allow: options.allow ?? ALLOW }),
  };
}

const LAST = 20;
const ALLOW = 0.1;

/** By time; the record of a night is written once, so that a second one of it is the same. */
function inOrder(nights: readonly Night[]): readonly Night[] {
  const byId = new Map(nights.map((one) => [one.id, one]));
  const key = ({ startedAt, id }: Night): string => `${startedAt} ${id}`;
  return [...byId.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function judgeAll(
  planned: readonly PlannedSeries[],
  nights: readonly Night[],
  options: TrendOptions,
): readonly JudgedSeries[] {
  const last = options.last ?? LAST;
  const enough = planned.filter((one) => one.compared.length >= LEAST_NIGHTS).length;
  const examined = planned.map((one) => examineSeries(one, options.seed, permutationsFor(enough)));
  const lags = examined.filter((one) => one.lag1 !== null).map(lagChance);
  const lagCounts = largestThatCounts(lags, LAG_LEVEL);
  const answers = examined.map((one) => answerOfNights(one, lagCounts));
  const chances = answers.filter(isTested).map((answer) =>
    Math.min(
      1,
      ...changesOf(answer)
        .filter((one) => isRecent(one, answer.nights, last))
        .map((one) => one.pRank),
    ),
  );
  // What a family of one alarm would let count, a family of several does too.
  const counts = Math.max(
    largestThatCounts(chances, FALSE_ALARMS),
    FALSE_ALARMS / Math.max(1, chances.length),
  );
  const days = new Map(nights.map((one) => [one.id, one.startedAt]));
  return planned.map((one, at) =>
    judgedSeries(one, answers[at] ?? { state: 'insufficient', nights: 0 }, {
      ...options,
      last,
      counts,
      days,
    }),
  );
}

const isTested = ({ state }: TrendAnswer): boolean => state !== 'insufficient' && state !== 'not-testable';

interface Circumstances extends TrendOptions {
  readonly last: number;
  readonly counts: number;
  readonly days: ReadonlyMap<string, string>;
}

function judgedSeries(series: PlannedSeries, answer: TrendAnswer, given: Circumstances): JudgedSeries {
  const { plan, compared, scaled } = series;
  const { last, counts, told, days } = given;
  const points = changesOf(answer);
  const changes = points.map((one) => seriesChange(series, one, counts, told));
  const recent = changes.filter((_, at) => isRecent(points[at] ?? { at: -1 }, answer.nights, last));
  const decisive = recent.findLast((one) => one.state === 'confirmed') ?? recent.at(-1) ?? null;
  const lag1 = answer.state === 'insufficient' ? null : answer.lag1;
  const values = compared.map((one) => one.value);
  const isNewest = values.at(-1)?.night === series.nights.at(-1)?.night;
  const said = {
    ...{ id: plan.id, kind: plan.kind, isHeadline: plan.isHeadline, nights: series.nights },
    state: isTested(answer) ? (decisive?.state ?? 'steady') : answer.state,
    comparable: answer.nights,
    lag1,
    changes,
    pin: comparePin(scaled, {
      night: given.pinned ?? '',
      at: compared.findIndex(({ night }) => night.id === given.pinned),
      ...{ lag1, allow: given.allow ?? ALLOW, isMoreWorse: !isMoreBetter(plan.kind) },
    }),
    recent: isNewest && plan.kind !== 'recovered-share' ? compareRecent(values, scaled, last) : null,
    pooled: poolOf(series, last),
  } satisfies Omit<TrendSeries, 'sentence'>;
  return {
    plan,
    recent: decisive,
    series: { ...said, sentence: seriesSentence(plan, said, decisive, days) },
  };
}

/** Of the last nights only: an old segment would hide what is new. */
function poolOf({ plan, compared }: PlannedSeries, last: number): TrendSeries['pooled'] {
  const { recovery } = plan;
  if (recovery === undefined) return null;
  const nights = compared.slice(-last).map((one) => one.night);
  return poolRecoveries(nights.flatMap(recovery.roundsOf), nights.at(-1)?.recoveryWatchMs ?? 0);
}
