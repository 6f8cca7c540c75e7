/**
 * Recovery times of which some were cut off by the end of the watch (Kaplan and Meier 1958). Never a mean of
 * those that recovered: it gets better when slow ones stop recovering at all.
 */

export interface Watched {
  /** From the fault to the recovery, or to the end of the watch. */
  readonly timeMs: number;
  readonly recovered: boolean;
}

export interface SurvivalStep {
  readonly timeMs: number;
  /** Share not yet recovered after this time, with its interval. */
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/** A product of fractions that is one half may be above it by this. */
const ROUNDING = 1e-12;

/** Two-sided 95 %. */
const Z = 1.959963984540054;

/**
 * One step for each time at which something recovered, rising. The interval is that of log(-log S) by
 * Greenwood's variance, which stays within 0 to 1 (Kalbfleisch and Prentice, §1.4). A recovery and an end of
 * the watch at the same time: the recovery came first.
 */
export function kaplanMeier(watched: readonly Watched[]): readonly SurvivalStep[] {
  const times = [...new Set(watched.filter((one) => one.recovered).map((one) => one.timeMs))].sort(
    (a, b) => a - b,
  );
  let share = 1;
  let greenwood = 0;
  return times.map((timeMs) => {
    const atRisk = watched.filter((one) => one.timeMs >= timeMs).length;
    const recovered = watched.filter((one) => one.recovered && one.timeMs === timeMs).length;
    share *= 1 - recovered / atRisk;
    greenwood += recovered / (atRisk * (atRisk - recovered));
    return { timeMs, share, ...intervalOf(share, greenwood) };
  });
}

function intervalOf(share: number, greenwood: number): { readonly low: number; readonly high: number } {
  if (share <= 0) return { low: 0, high: 0 };
  const log = Math.log(share);
  const half = (Z * Math.sqrt(greenwood)) / log;
  return { low: share ** Math.exp(-half), high: share ** Math.exp(half) };
}

export interface MedianTime {
  /** Null: fewer than half recovered while they were watched. */
  readonly ms: number | null;
  readonly lowMs: number | null;
  /** Null: the upper end was not reached. */
  readonly highMs: number | null;
}

/**
 * The first time at which at most half have not recovered; its interval is where the interval of the share
 * crosses one half.
 */
export function medianTime(steps: readonly SurvivalStep[]): MedianTime {
  const first = (of: (step: SurvivalStep) => number): number | null =>
    steps.find((step) => of(step) <= 0.5 + ROUNDING)?.timeMs ?? null;
  return { ms: first((one) => one.share), lowMs: first((one) => one.low), highMs: first((one) => one.high) };
}
