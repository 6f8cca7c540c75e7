/** Traffic with a fault of known end: evenly due arrivals, of which a share fails until the script says stop. */
import type { Rng } from '../../../src/core/rng.ts';
import type { LevelSlice } from '../../../src/measure/recovery-windows.ts';

export interface ScriptedTrace {
  readonly slices: readonly LevelSlice[];
  readonly injectedAt: number;
  readonly endsAt: number;
  readonly until: number;
  readonly baselineRatio: number;
}

/** 5 to 300 arrivals a second, baseline failures up to 2 %, 30 % to 100 % failing for 1 to 15 s. */
export function scriptedTrace(rng: Rng): ScriptedTrace {
  const pick = (list: readonly number[]): number => list[rng.below(list.length)] ?? 0;
  const rate = pick([5, 10, 20, 50, 100, 300]);
  const baselineRatio = pick([0, 0, 0.002, 0.01, 0.02]);
  const failing = pick([0.3, 0.5, 0.7, 1, 1, 1]);
  const base = 1_800_000_000_000;
  const injectedAt = base + 1000 * rng.next();
  const startsAt = injectedAt + 300 * rng.next();
  const endsAt = startsAt + 1000 + 14_000 * rng.next();
  const until = endsAt + 12_000;
  const slices = new Map<number, { at: number; due: number; bad: number }>();
  for (let due = base + (1000 / rate) * rng.next(); due < until; due += 1000 / rate) {
    const isBad = rng.next() < (due >= startsAt && due < endsAt ? failing : baselineRatio);
    const at = Math.floor(due / 100) * 100;
    const slice = slices.get(at) ?? { at, due: 0, bad: 0 };
    slice.due += 1;
    slice.bad += isBad ? 1 : 0;
    slices.set(at, slice);
  }
  return { slices: [...slices.values()], injectedAt, endsAt, until, baselineRatio };
}
