/** One series against its own nights: what changed in it, and how it compares with the pinned night. */
import { type Rng, seededRng } from '../../core/rng.ts';
import type { SeriesChange } from '../../core/trend.ts';
import type { ChangePoint } from './change-points.ts';
import { type Examined, examineNights, type TrendAnswer } from './judge-trend.ts';
import { rankSumP } from './rank-sum.ts';
import { meaningOf } from './series-change.ts';
import type { PlannedSeries } from './series-nights.ts';

/** Of a night, among the series that are tested. */
export const FALSE_ALARMS = 0.05;
const LEAST_PERMUTATIONS = 999;
/** A change is dated within so many nights, so that it is told once. */
const SAME_CHANGE = 2;

/** So many that the smallest p they can show still counts when one series alone has changed. */
export const permutationsFor = (series: number): number =>
  Math.max(LEAST_PERMUTATIONS, Math.ceil((2 * series) / FALSE_ALARMS) - 1);

export function examineSeries({ plan, scaled }: PlannedSeries, seed: number, permutations: number): Examined {
  const rng = rngOf(seed, plan.id);
  return examineNights(scaled.values, rng, {
    permutations,
    ...(scaled.scale === 'rank' && { test: rankSumP }),
  });
}

/** Of its own, so that no other series and no gap changes what is drawn (FNV-1a). */
function rngOf(seed: number, id: string): Rng {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (const sign of id) hash = Math.imul(hash ^ (sign.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return seededRng(hash);
}

export const changesOf = (answer: TrendAnswer): readonly ChangePoint[] =>
  'changes' in answer ? answer.changes : [];

/** Whether the change is among the last nights, by index. */
export const isRecent = ({ at }: Pick<ChangePoint, 'at'>, nights: number, last: number): boolean =>
  at >= nights - last;

export interface Told {
  readonly series: string;
  /** Id of the night. */
  readonly at: string;
}

/** @param counts largest p of ranks that counts among all series. */
export function seriesChange(
  series: PlannedSeries,
  change: ChangePoint,
  counts: number,
  told: readonly Told[],
): SeriesChange {
  const { plan, compared } = series;
  const toldAt = told
    .filter((one) => one.series === plan.id)
    .map((one) => compared.findIndex(({ night }) => night.id === one.at));
  return {
    at: compared[change.at]?.night.id ?? '',
    state: change.confirmed && change.pRank <= counts ? 'confirmed' : 'suspected',
    ...meaningOf(series, change),
    ...{ pT: change.pT, pRank: change.pRank },
    isNew: !toldAt.some((at) => at >= 0 && Math.abs(at - change.at) <= SAME_CHANGE),
  };
}
