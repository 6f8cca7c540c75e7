/**
 * When a service level recovered: pure estimation over 100 ms slices of arrivals by due time. An arrival that
 * was due at t and went bad proves that the service had not recovered at t, whenever its answer came.
 * Definitions: docs/measuring.md.
 */
import type { Recovery } from '../core/result.ts';
import { SLICE_MS } from '../core/samples.ts';
import { edgeOf } from './recovery-edge.ts';
import {
  everySlice,
  type LevelSlice,
  type LevelWindow,
  windowSlices,
  windowsOf,
} from './recovery-windows.ts';

export interface RecoveryQuestion {
  /** In order of time, complete from `injectedAt` to `until`; slices without arrivals may be missing. */
  readonly slices: readonly LevelSlice[];
  readonly injectedAt: number;
  /** Null: not removed yet, or never proven to be. */
  readonly removedAt: number | null;
  /** The data is complete up to here. */
  readonly until: number;
  readonly holdMs: number;
  /** Share of bad arrivals in the baseline, 0 to 1. */
  readonly baselineRatio: number;
}

export interface RecoveryAnswer {
  readonly recovery: Recovery;
  /** True when more time cannot change it, except by a relapse. False while `until` is too early. */
  readonly settled: boolean;
}

/**
 * Recovered at the first instant after which, for the hold time, no window is uneasy and every window
 * contains an arrival; a degraded window after that opens the question again.
 */
export function estimateRecovery(question: RecoveryQuestion): RecoveryAnswer {
  const { injectedAt, until, holdMs, removedAt, baselineRatio } = question;
  const begin = Math.floor(injectedAt / SLICE_MS) * SLICE_MS;
  const slices = everySlice(question.slices, begin, Math.floor(until / SLICE_MS) * SLICE_MS);
  const due = slices.reduce((sum, one) => sum + one.due, 0);
  const rate = due / Math.max(SLICE_MS / 1000, (slices.length * SLICE_MS) / 1000);
  const width = windowSlices(rate);
  const windows = windowsOf(slices, width, baselineRatio);
  const walk = walkWindows(windows, width, Math.ceil(holdMs / SLICE_MS));
  const worst = walk.onset === null ? worstFull(windows, width) : walk.worst;
  const loss = (last: number): number => lossSeconds(slices.slice(0, last), baselineRatio, rate);
  if (walk.onset === null) {
    const isKnown =
      removedAt !== null &&
      until >= removedAt + holdMs &&
      isHeard(windows, width, removedAt + holdMs - begin);
    const none = { onsetMs: null, sinceInjectedMs: null, sinceRemovedMs: null, boundMs: SLICE_MS };
    const status = isKnown ? 'never-degraded' : 'censored';
    const lost = loss(slices.length);
    return { settled: isKnown, recovery: { status, ...none, worst, lossSeconds: lost, flaps: 0 } };
  }
  const began = slices.slice(Math.max(0, walk.onset - width + 1)).find((one) => one.bad > 0)?.at ?? begin;
  const back =
    walk.lastUneasy === null ? null : backAt(slices, windows, walk.lastUneasy, width, baselineRatio);
  const at = back?.to ?? until;
  return {
    settled: back !== null,
    recovery: {
      status: back === null ? 'censored' : 'recovered',
      onsetMs: Math.max(0, began - injectedAt),
      sinceInjectedMs: at - injectedAt,
      sinceRemovedMs: removedAt === null ? null : at - removedAt,
      boundMs: back === null ? 0 : back.to - back.from,
      worst,
      lossSeconds: loss(Math.ceil((at - begin) / SLICE_MS)),
      flaps: walk.flaps,
    },
  };
}

/**
 * How many windows around the last uneasy one are searched for the edge: where 30 % fail, one window in two
 * of ten arrivals can pass as chance, and the true end may be several windows later.
 */
const SEARCH = 6;

interface Walk {
  /** Index of the slice that ends the first degraded window. */
  readonly onset: number | null;
  /** Index of the slice that ends the last window before the level held; null while it has not held. */
  readonly lastUneasy: number | null;
  readonly worst: number;
  readonly flaps: number;
}

function walkWindows(windows: readonly LevelWindow[], width: number, hold: number): Walk {
  let [onset, lastUneasy]: [number | null, number | null] = [null, null];
  let [uneasyAt, worst, flaps] = [0, 0, 0];
  windows.forEach(({ state, share }, index) => {
    if (onset === null && state !== 'degraded') return;
    onset ??= index;
    if (state === 'degraded') {
      worst = Math.max(worst, share);
      // One window of quiet may be the bad slice leaving the window; three are a recovery, though a short
      // one.
      if (index - uneasyAt > 3 * width && index > onset) flaps += 1;
    }
    if (state === 'degraded' || (state !== 'good' && lastUneasy === null)) {
      uneasyAt = index;
      lastUneasy = null;
    } else if (lastUneasy === null && index - uneasyAt >= hold) lastUneasy = uneasyAt;
  });
  return { onset, lastUneasy, worst, flaps };
}

/** The edge around the last window that was bad for the level; later when nothing was due after it. */
function backAt(
  slices: readonly LevelSlice[],
  windows: readonly LevelWindow[],
  lastUneasy: number,
  width: number,
  baselineRatio: number,
): { readonly from: number; readonly to: number } | null {
  let bad = lastUneasy;
  while (bad > 0 && windows[bad]?.state === 'silent') bad -= 1;
  const edge = edgeOf(slices, bad - SEARCH * width + 1, lastUneasy + SEARCH * width, baselineRatio);
  const heard = slices.find((one, index) => index > bad - width && one.due > 0 && one.at >= (edge?.to ?? 0));
  if (edge === null) return null;
  if (bad === lastUneasy || heard === undefined) return edge;
  return { from: edge.from, to: Math.max(edge.to, heard.at + SLICE_MS) };
}

/** Only whole windows: at a low rate the first slices of a watch may be empty and prove nothing. */
function isHeard(windows: readonly LevelWindow[], width: number, forMs: number): boolean {
  const whole = windows.slice(width - 1, Math.ceil(forMs / SLICE_MS));
  return whole.length > 0 && whole.every((one) => one.state !== 'silent');
}

const worstFull = (windows: readonly LevelWindow[], width: number): number =>
  windows.slice(width - 1).reduce((worst, one) => Math.max(worst, one.share), 0);

/** Lost good arrivals over the rate of good ones in the baseline: seconds of lost service. */
function lossSeconds(slices: readonly LevelSlice[], baselineRatio: number, rate: number): number {
  const lost = slices.reduce((sum, one) => sum + one.bad - baselineRatio * one.due, 0);
  const goodRate = rate * (1 - baselineRatio);
  return goodRate <= 0 ? 0 : Math.max(0, lost / goodRate);
}
