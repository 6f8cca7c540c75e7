/**
 * Sliding windows over slices, and which of them are evidence against a service level. A window must exceed
 * the limit and also exceed what chance can cause at the baseline's share: two failures among ten arrivals
 * are 20 %, and at a baseline of 2 % they are chance.
 */
import { SLICE_MS } from '../core/samples.ts';
import { tailAtLeast } from './statistics.ts';

/** One slice: how many arrivals were due, and how many of them were bad for the level. */
export interface LevelSlice {
  /** Start, in epoch ms; a multiple of SLICE_MS. */
  readonly at: number;
  readonly due: number;
  readonly bad: number;
}

/** The state of the window that ends with a slice. `silent`: nothing was due, so nothing is known. */
export type WindowState = 'good' | 'uneasy' | 'degraded' | 'silent';

export interface LevelWindow {
  readonly state: WindowState;
  readonly share: number;
}

/** Enough arrivals for a meaningful share, in a window short enough to locate an instant. */
const LEAST_DUE = 10;
const LONGEST_WINDOW_MS = 2000;

/**
 * Hysteresis: `hi` makes a level degraded, `lo` prevents it from being recovered. `chance`: how unlikely the
 * window must be at the baseline's share. A watch of a minute examines 600 windows and a hold of 5 s examines
 * 50, so a quiet system is called degraded in about one of a hundred watches, and its recovery is delayed in
 * about one of a hundred.
 */
const HI = { floor: 0.05, factor: 3, chance: 2e-5 } as const;
const LO = { floor: 0.02, factor: 1.5, chance: 2e-4 } as const;
/**
 * A baseline without a failure does not prove a share of 0: 1,500 arrivals exclude 0.2 % with 95 %
 * confidence.
 */
const LEAST_BASELINE = 0.002;

export const baselineShare = (ratio: number): number => Math.min(0.999, Math.max(LEAST_BASELINE, ratio));

/**
 * How many slices a window needs so that ten arrivals are due in it, at most 2 s. `ratePerSecond` above 0.
 */
export function windowSlices(ratePerSecond: number): number {
  const wanted = (LEAST_DUE / Math.max(ratePerSecond, 1e-9)) * 1000;
  // 10 / 100 × 1000 is 100.00000000000001 for some rates, and must give one slice.
  return Math.ceil(Math.min(LONGEST_WINDOW_MS, Math.max(SLICE_MS, wanted)) / SLICE_MS - 1e-9);
}

/**
 * Every slice of `[from, to)` in order of time, including those in which nothing was due. Both are multiples
 * of SLICE_MS.
 */
export function everySlice(slices: readonly LevelSlice[], from: number, to: number): LevelSlice[] {
  const length = Math.max(0, Math.round((to - from) / SLICE_MS));
  const all = Array.from({ length }, (_, index) => ({ at: from + index * SLICE_MS, due: 0, bad: 0 }));
  for (const { at, due, bad } of slices) {
    const place = all[Math.floor((at - from) / SLICE_MS)];
    if (place === undefined || at < from) continue;
    place.due += due;
    place.bad += bad;
  }
  return all;
}

/** The window that ends with each slice; the first ones are shorter. @param width in slices. */
export function windowsOf(
  slices: readonly LevelSlice[],
  width: number,
  baselineRatio: number,
): LevelWindow[] {
  let [due, bad] = [0, 0];
  return slices.map((slice, index) => {
    const gone = slices[index - width];
    due += slice.due - (gone?.due ?? 0);
    bad += slice.bad - (gone?.bad ?? 0);
    return { state: stateOf(due, bad, baselineRatio), share: due === 0 ? 0 : bad / due };
  });
}

function stateOf(due: number, bad: number, baselineRatio: number): WindowState {
  if (due === 0) return 'silent';
  const share = bad / due;
  if (share <= Math.max(LO.floor, LO.factor * baselineRatio)) return 'good';
  const luck = tailAtLeast(bad, due, baselineShare(baselineRatio));
  if (share > Math.max(HI.floor, HI.factor * baselineRatio) && luck < HI.chance) return 'degraded';
  return luck < LO.chance ? 'uneasy' : 'good';
}
