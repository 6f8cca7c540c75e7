/**
 * When a service level was back: pure estimation over 100 ms slices of arrivals by due time. An arrival that was due at t and
 * went bad says that the service was not back at t, whenever its answer came. Definitions: docs/measuring.md.
 */
import type { Recovery } from '../core/result.ts';
import { SLICE_MS } from '../core/samples.ts';

/** One slice: how many arrivals were due, and how many of them count against the level. */
export interface LevelSlice {
  /** Start, in epoch ms; a multiple of SLICE_MS. */
  readonly at: number;
  readonly due: number;
  readonly bad: number;
}

export interface RecoveryQuestion {
  /** In order of time, complete from `injectedAt` to `until`. */
  readonly slices: readonly LevelSlice[];
  readonly injectedAt: number;
  /** Null: not removed yet, or never proven to be. */
  readonly removedAt: number | null;
  /** Up to here everything is known. */
  readonly until: number;
  readonly holdMs: number;
  /** Share of bad arrivals in the baseline, 0 to 1. */
  readonly baselineRatio: number;
}

export interface RecoveryAnswer {
  readonly recovery: Recovery;
  /** True when more time cannot change it: the level has held long enough. False while `until` is too early. */
  readonly settled: boolean;
}

/** Enough arrivals for a share to mean something, in a window short enough to place an instant. */
const LEAST_DUE = 10;
const LONGEST_WINDOW_MS = 2000;
/** One failure in ten is chance at these sizes; a second one is not. */
const LEAST_BAD = 2;
/** Hysteresis: above `hi` a level is degraded, at or below `lo` it is good, between the two it stays what it was. */
const HI = { floor: 0.05, factor: 3 } as const;
const LO = { floor: 0.02, factor: 1.5 } as const;

export function estimateRecovery(question: RecoveryQuestion): RecoveryAnswer {
  const { injectedAt, until, holdMs, removedAt } = question;
  const seen = question.slices.filter((one) => one.at + SLICE_MS > injectedAt && one.at + SLICE_MS <= until);
  const rate = seen.reduce((sum, one) => sum + one.due, 0) / Math.max(1, (until - injectedAt) / 1000);
  const walk = walkWindows(seen, windowSlices(rate), question.baselineRatio);
  const lossSeconds = rate === 0 ? 0 : walk.lost / rate;
  const shared = { worst: walk.worst, lossSeconds, flaps: Math.max(0, walk.onsets - 1) };
  if (walk.onset === null) {
    const quietUntil = (removedAt ?? Number.POSITIVE_INFINITY) + holdMs;
    const isKnown = seen.length > 0 && until >= quietUntil;
    const none = { onsetMs: null, sinceInjectedMs: null, sinceRemovedMs: null, boundMs: SLICE_MS };
    return {
      settled: isKnown,
      recovery: { status: isKnown ? 'never-degraded' : 'censored', ...none, ...shared },
    };
  }
  const onsetMs = Math.max(0, walk.onset - injectedAt);
  const back = firstGoodAfter(seen, walk.lastBad);
  const isBack = back !== null && !walk.degraded && until - back >= holdMs && arrivalsSince(seen, back) > 0;
  const at = isBack ? back : until;
  return {
    settled: isBack,
    recovery: {
      status: isBack ? 'recovered' : 'censored',
      onsetMs,
      sinceInjectedMs: at - injectedAt,
      sinceRemovedMs: removedAt === null ? null : at - removedAt,
      // The truth is after the last bad arrival, which was due at the earliest at the start of its slice.
      boundMs: isBack ? at - walk.lastBad : 0,
      ...shared,
    },
  };
}

/** How many slices a window has so that some ten arrivals are due in it. */
export function windowSlices(ratePerSecond: number): number {
  const wanted = (LEAST_DUE / Math.max(ratePerSecond, 1e-9)) * 1000;
  const bounded = Math.min(LONGEST_WINDOW_MS, Math.max(2 * SLICE_MS, wanted));
  return Math.ceil(bounded / SLICE_MS);
}

interface Walk {
  readonly onset: number | null;
  readonly onsets: number;
  /** Start of the last slice with a bad arrival in a window that was not good. */
  readonly lastBad: number;
  readonly degraded: boolean;
  readonly worst: number;
  readonly lost: number;
}

/** Slides a window over the slices, one slice at a time, and keeps the state of the level. */
function walkWindows(slices: readonly LevelSlice[], width: number, baselineRatio: number): Walk {
  const hi = Math.max(HI.floor, HI.factor * baselineRatio);
  const lo = Math.max(LO.floor, LO.factor * baselineRatio);
  let [due, bad, onsets, worst, lost] = [0, 0, 0, 0, 0];
  let [onset, lastBad, degraded]: [number | null, number, boolean] = [null, 0, false];
  let first = 0;
  for (const slice of slices) {
    due += slice.due;
    bad += slice.bad;
    lost += Math.max(0, slice.bad - baselineRatio * slice.due);
    // By time, not by number: slices in which nothing was due are not in the list.
    for (let old = slices[first]; old && old.at <= slice.at - width * SLICE_MS; old = slices[first]) {
      due -= old.due;
      bad -= old.bad;
      first += 1;
    }
    const share = due === 0 ? 0 : bad / due;
    if (!degraded && share > hi && bad >= LEAST_BAD) {
      degraded = true;
      onsets += 1;
      const began = slices.slice(first).find((one) => one.bad > 0)?.at ?? slice.at;
      onset ??= began;
    } else if (degraded && share <= lo) degraded = false;
    if (degraded && slice.bad > 0) lastBad = slice.at;
    if (degraded) worst = Math.max(worst, share);
  }
  return { onset, onsets, lastBad, degraded, worst, lost };
}

/** End of the first slice after the last bad one in which something was due: the first instant known to be good. */
function firstGoodAfter(slices: readonly LevelSlice[], lastBad: number): number | null {
  const next = slices.find((one) => one.at > lastBad && one.due > 0);
  return next === undefined ? null : next.at + SLICE_MS;
}

const arrivalsSince = (slices: readonly LevelSlice[], from: number): number =>
  slices.reduce((sum, one) => (one.at >= from ? sum + one.due : sum), 0);
