/**
 * What a fight for the CPU costs a victim: the time that it waits for each ms of work, held against the time
 * before and a prediction.
 */
import { formatMs } from '../../../core/units.ts';

/** The scheduler's slice is about 3 ms, and a window must hold many. */
export const LEAST_WINDOW_MS = 300;
/** Less work than this is idle: a readiness probe alone costs as much. */
export const LEAST_CPU_MS = 1;
/** Waiting below this is what any busy machine has now and then. */
const LEAST_WAITED_MS = 10;
/** Of the prediction. A victim that sleeps now and then may be served before its fair turn. */
const SHARE_OF_PREDICTION = 0.5;

/** By the kernel's count, of all threads of a victim. */
export interface CpuDelta {
  readonly cpuMs: number;
  readonly waitedMs: number;
}

export interface Cost {
  readonly isSeen: boolean;
  /** It does so little that nothing could show. */
  readonly isIdle: boolean;
  readonly text: string;
}

/** @param predicted ms that each ms of work waits more while the fault is in place. */
export function costOf(
  name: string,
  now: CpuDelta,
  usual: CpuDelta,
  windowMs: number,
  predicted: number,
): Cost {
  if (now.cpuMs < LEAST_CPU_MS) {
    const used = `used ${formatMs(now.cpuMs)} of CPU in ${formatMs(windowMs)}`;
    return { isSeen: false, isIdle: true, text: `${name} is idle (${used}): nothing can show` };
  }
  // No work at all before: all of the waiting since is new.
  const usualCost = usual.cpuMs < LEAST_CPU_MS ? 0 : usual.waitedMs / usual.cpuMs;
  const cost = now.waitedMs / now.cpuMs;
  const least = usualCost + SHARE_OF_PREDICTION * predicted;
  const expected = Number.isInteger(predicted) ? String(predicted) : predicted.toFixed(1);
  const text =
    `${name} waited ${formatMs(now.waitedMs)} for ${formatMs(now.cpuMs)} of work, ` +
    `${cost.toFixed(1)} ms per ms (before ${usualCost.toFixed(1)}, predicted ${expected} more, seen from ${least.toFixed(1)})`;
  return { isSeen: cost >= least && now.waitedMs >= LEAST_WAITED_MS, isIdle: false, text };
}
