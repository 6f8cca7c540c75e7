/**
 * Change points of a series of nights: E-divisive cuts, kept where a t-test between their two segments is
 * sure (as Hunter and Otava do, Fleming and others 2023), and confirmed by ranks: a permutation test that a
 * few wild nights do not mislead.
 */
import type { Rng } from '../../core/rng.ts';
import { studentCdf } from '../gate/normal.ts';
import { bestCut } from './energy.ts';
import { ranksOf } from './rank-sum.ts';

/**
 * Cuts are looked for within so many values, and those that are not sure within their neighbours are taken
 * back.
 */
const WINDOW = 50;
/** Below it a spike of one or two nights would be a change. */
const LEAST_SEGMENT = 3;
const WEAK_P = 0.01;
const FINAL_P = 0.001;
const CONFIRM_P = 0.01;
const PERMUTATIONS = 999;

export interface ChangePoint {
  /** Index of the first value after the change. */
  readonly at: number;
  /** Its segments are the values from here to `at`, and from `at` to before `to`. */
  readonly from: number;
  readonly to: number;
  /** Of the test between the segments on both sides. */
  readonly pT: number;
  /** Of the permutation of ranks within both segments. */
  readonly pRank: number;
  readonly confirmed: boolean;
  /** Mean after less mean before: of log values, the log of a ratio. */
  readonly shift: number;
}

/** Two-sided p that both sides are alike. */
export type TwoSides = (before: readonly number[], after: readonly number[]) => number;

export interface ChangeOptions {
  /** Keeps a cut or takes it back; absent: Student's t. Times that are cut off need one by ranks. */
  readonly test?: TwoSides;
  /** Of the confirmation; a p below 1/(permutations + 1) cannot be seen. Absent: 999. */
  readonly permutations?: number;
}

/** @param values one a night, oldest first; logarithms of times, so that a change is a ratio. */
export function changePoints(
  values: readonly number[],
  rng: Rng,
  { test = studentP, permutations = PERMUTATIONS }: ChangeOptions = {},
): readonly ChangePoint[] {
  const cuts = takeBackWeak(values, split(values, test), test);
  return cuts.map((at, index) => {
    const [before, after] = sides(values, cuts, index);
    const pRank = rankP(before, after, rng, permutations);
    return {
      at,
      from: at - before.length,
      to: at + after.length,
      pT: test(before, after),
      pRank,
      confirmed: pRank < CONFIRM_P,
      shift: meanOf(after) - meanOf(before),
    };
  });
}

/**
 * Cuts in windows, each cut splitting what it leaves again. The next window begins at the last cut, else half
 * a window later: one that began just before a cut would find it too late.
 */
function split(values: readonly number[], test: TwoSides): number[] {
  const found = new Set<number>();
  for (let from = 0; ; ) {
    const to = Math.min(values.length, from + WINDOW);
    const cuts = splitWindow(values.slice(from, to), test).map((at) => from + at);
    for (const at of cuts) found.add(at);
    if (to === values.length) return [...found].sort((a, b) => a - b);
    from = Math.max(from + WINDOW / 2, ...cuts);
  }
}

function splitWindow(values: readonly number[], test: TwoSides): number[] {
  const cut = bestCut(values, LEAST_SEGMENT);
  if (cut === null) return [];
  const [before, after] = [values.slice(0, cut.at), values.slice(cut.at)];
  if (test(before, after) > WEAK_P) return [];
  return [...splitWindow(before, test), cut.at, ...splitWindow(after, test).map((at) => cut.at + at)];
}

function takeBackWeak(values: readonly number[], found: readonly number[], test: TwoSides): number[] {
  const cuts = [...found];
  while (cuts.length > 0) {
    const chances = cuts.map((_, index) => {
      const [before, after] = sides(values, cuts, index);
      return Math.min(before.length, after.length) < LEAST_SEGMENT ? 1 : test(before, after);
    });
    const highest = Math.max(...chances);
    if (highest <= FINAL_P) break;
    // The first of equal ones, whatever floating point makes of them.
    const weakest = chances.findIndex((chance) => chance >= highest * (1 - 1e-6));
    cuts.splice(weakest, 1);
  }
  return cuts;
}

function sides(
  values: readonly number[],
  cuts: readonly number[],
  index: number,
): readonly [number[], number[]] {
  const at = cuts[index] ?? 0;
  return [values.slice(cuts[index - 1] ?? 0, at), values.slice(at, cuts[index + 1] ?? values.length)];
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, one) => sum + one, 0) / values.length;
const varianceOf = (values: readonly number[]): number => {
  const mean = meanOf(values);
  return values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (values.length - 1);
};

/**
 * Two-sided p of Student's t with pooled variance, as Otava's; values without any spread differ surely or not
 * at all.
 */
function studentP(one: readonly number[], other: readonly number[]): number {
  const freedom = one.length + other.length - 2;
  if (freedom < 1) return 1;
  const pooled = (varianceOf(one) * (one.length - 1) + varianceOf(other) * (other.length - 1)) / freedom;
  const difference = meanOf(other) - meanOf(one);
  if (!(pooled > 1e-24)) return Math.abs(difference) > 1e-12 ? 0 : 1;
  const t = difference / Math.sqrt(pooled * (1 / one.length + 1 / other.length));
  return 2 * studentCdf(-Math.abs(t), freedom);
}

/**
 * How often a random order of both segments has a cut whose rank sum is as far off as the best one here. Ends
 * as soon as it is sure that the change is not confirmed (Besag and Clifford 1991).
 */
function rankP(before: readonly number[], after: readonly number[], rng: Rng, permutations: number): number {
  const ranks = ranksOf([...before, ...after]);
  const furthest = furthestOf(ranks);
  const observed = furthest(ranks) - 1e-9;
  const enough = CONFIRM_P * (permutations + 1);
  let asFar = 0;
  for (let round = 1; round <= permutations; round += 1) {
    for (let at = ranks.length - 1; at > 0; at -= 1) {
      const other = rng.below(at + 1);
      const moved = ranks[at] as number;
      ranks[at] = ranks[other] as number;
      ranks[other] = moved;
    }
    if (furthest(ranks) >= observed) asFar += 1;
    if (asFar >= enough) return asFar / round;
  }
  return (asFar + 1) / (permutations + 1);
}

/** The largest standardised rank sum over all cuts. Ties: all orders have the same ones. */
function furthestOf({ length: n }: Float64Array): (ranks: Float64Array) => number {
  const scale = Float64Array.from({ length: n }, (_, t) => 1 / Math.sqrt((t * (n - t) * (n + 1)) / 12));
  return (ranks) => {
    let sum = 0;
    let furthest = 0;
    for (let t = 1; t <= n - LEAST_SEGMENT; t += 1) {
      sum += ranks[t - 1] as number;
      if (t < LEAST_SEGMENT) continue;
      const distance = Math.abs(sum - (t * (n + 1)) / 2) * (scale[t] as number);
      if (distance > furthest) furthest = distance;
    }
    return furthest;
  };
}
