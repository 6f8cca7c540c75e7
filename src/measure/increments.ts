/** What one flush hands over: everything that became known since the last one, by the second an arrival was due. */
import type { CountIncrement, LatencyClock, SliceIncrement } from '../core/samples.ts';
import type { SparseCounts } from './latency-histogram.ts';

/** Latencies of one flow on one clock, due in one second (whole epoch seconds); several for one second add up. */
export interface LatencyIncrement {
  readonly flow: string;
  readonly clock: LatencyClock;
  readonly second: number;
  readonly counts: SparseCounts;
}

export interface Increments {
  readonly latency: readonly LatencyIncrement[];
  readonly counts: readonly CountIncrement[];
  readonly slices: readonly SliceIncrement[];
}
