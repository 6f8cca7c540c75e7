/**
 * A phase cut into sliding windows of whole seconds. Each begins one second after the previous one, the
 * resolution of counts and latencies. A window loads its numbers only when it is judged, so that an hour of
 * windows needs no memory.
 */
import type { FlowPhase, Phase } from '../core/result.ts';
import type { Ms } from '../core/units.ts';
import type { LatencyHistogram } from './latency-histogram.ts';
import { eachSecond, secondsOf } from './phase-seconds.ts';
import type { RunData } from './run-data.ts';

/** What an objective needs from an interval besides its latencies. */
export type IntervalCounts = Pick<FlowPhase, 'due' | 'count' | 'failed' | 'dropped' | 'goodRate' | 'stale'> &
  Partial<Pick<FlowPhase, 'failedMs' | 'goodMs'>>;

/** The clocks that an objective can name. */
export type JudgedClock = 'response' | 'service' | 'lateness';

/**
 * The values that a percentile is judged by: lateness of all arrivals; for the other clocks, of those that
 * did not fail.
 */
export function judgedHistogram(
  data: RunData,
  flow: string,
  clock: JudgedClock,
  seconds: readonly number[],
): LatencyHistogram {
  if (clock === 'lateness') return data.histogram(flow, clock, seconds);
  return data.notFailed(flow, clock, seconds, data.failedIn(flow, seconds));
}

export interface PhaseWindow {
  /** Seconds since the first whole second of the phase. */
  readonly from: number;
  readonly to: number;
  counts(flow: string): IntervalCounts;
  /** Of response and service: without failed answers. */
  histogram(flow: string, clock: JudgedClock): LatencyHistogram;
}

/** @param lengthMs whole seconds. Empty when the phase is shorter than one window. */
export function phaseWindows(data: RunData, phase: Phase, lengthMs: Ms): PhaseWindow[] {
  const whole = secondsOf(phase);
  const length = lengthMs / 1000;
  // Array.from treats a negative length as 0.
  return Array.from({ length: whole.to - whole.from - length + 1 }, (_, from) => {
    const seconds = { from: whole.from + from, to: whole.from + from + length };
    return {
      ...{ from, to: from + length },
      counts(flow) {
        const { due, completed, failed, dropped, stale } = data.totals(flow, seconds);
        return { due, count: completed, failed, dropped, goodRate: (completed - failed) / length, stale };
      },
      histogram: (flow, clock) => judgedHistogram(data, flow, clock, [...eachSecond(seconds)]),
    };
  });
}
