/**
 * The effect of CPU stress on a victim: the time that it waits for each ms of work, compared with before and
 * with a prediction.
 */
import { formatMs } from '../../../core/units.ts';

/** The scheduler's slice is about 3 ms, and a window must contain many. */
export const LEAST_WINDOW_MS = 300;
/** Less work than this counts as idle: a readiness probe alone causes as much. */
const LEAST_CPU_MS = 1;
/**
 * Work that proves an effect on a victim that did none before: several slices of the scheduler. What a ms of
 * less work usually costs on this machine is not known, and on a busy one all of it waits.
 */
const LEAST_CPU_WITHOUT_USUAL_MS = 10;
/** Any busy machine occasionally waits up to this long. */
const LEAST_WAITED_MS = 10;
/** Share of the prediction. A victim that sleeps occasionally may be scheduled before its fair turn. */
const SHARE_OF_PREDICTION = 0.5;

/** The kernel's counters over all threads of a victim. */
export interface CpuDelta {
  readonly cpuMs: number;
  readonly waitedMs: number;
}

export interface Cost {
  readonly isSeen: boolean;
  readonly text: string;
}

/**
 * @param predicted additional ms of waiting for each ms of work while the fault is in place.
 * @param enough so much of it is proof, also where half of the prediction is more.
 */
export function costOf(
  name: string,
  now: CpuDelta,
  usual: CpuDelta,
  windowMs: number,
  predicted: number,
  enough = Number.POSITIVE_INFINITY,
): Cost {
  if (now.cpuMs < LEAST_CPU_MS) {
    const used = `used ${formatMs(now.cpuMs)} of CPU in ${formatMs(windowMs)}`;
    return { isSeen: false, text: `${name} is idle (${used}), so no effect can be measured` };
  }
  const hadWork = usual.cpuMs >= LEAST_CPU_MS;
  if (!hadWork && now.cpuMs < LEAST_CPU_WITHOUT_USUAL_MS) {
    const text =
      `${name} was idle before and used ${formatMs(now.cpuMs)} of CPU in ${formatMs(windowMs)} since: less than ` +
      `${formatMs(LEAST_CPU_WITHOUT_USUAL_MS)}, so no effect can be measured`;
    return { isSeen: false, text };
  }
  // There was no work before: all waiting since is new.
  const usualCost = hadWork ? usual.waitedMs / usual.cpuMs : 0;
  const cost = now.waitedMs / now.cpuMs;
  const least = usualCost + Math.min(SHARE_OF_PREDICTION * predicted, enough);
  const expected = Number.isInteger(predicted) ? String(predicted) : predicted.toFixed(1);
  const text =
    `${name} waited ${formatMs(now.waitedMs)} for ${formatMs(now.cpuMs)} of work, ` +
    `${cost.toFixed(1)} ms per ms (before ${usualCost.toFixed(1)}, predicted ${expected} more, seen from ${least.toFixed(1)})`;
  return { isSeen: cost >= least && now.waitedMs >= LEAST_WAITED_MS, text };
}
