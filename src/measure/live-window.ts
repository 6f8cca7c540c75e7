/**
 * The last minutes of one flow in slices, for abort limits and the live view. Bounded: older slices are
 * dropped. Unanswered arrivals are queried separately, because their age grows without any event.
 */
import { SLICE_MS } from '../core/samples.ts';
import { type EpochMs, type Us, us } from '../core/units.ts';
import type { ResolvedArrival } from './arrival.ts';
import { BucketList, bucketOf, HIGHEST_US } from './buckets.ts';
import { quantileOf, rankOf } from './latency-histogram.ts';
import { isGood } from './meter.ts';

interface LiveSlice {
  due: number;
  started: number;
  dropped: number;
  bad: number;
  /** Times of good answers and of arrivals that were never answered. */
  readonly responses: BucketList;
  /** Times of failed answers. */
  readonly failures: BucketList;
}

/** The statistics of one window of a flow. */
export interface Windowed {
  readonly due: number;
  readonly started: number;
  readonly dropped: number;
  /** Failed, dropped or interrupted. Excludes unanswered arrivals: they may still succeed. */
  readonly bad: number;
  /** Response of the window, with unanswered arrivals at their current age; null when nothing was due. */
  quantileUs(quantile: number): Us | null;
  /** The same for an objective: a failed answer is slower than any limit, Infinity. */
  judgedQuantileUs(quantile: number): number | null;
}

export class LiveWindow {
  readonly #keepMs: number;
  readonly #slices = new Map<number, LiveSlice>();

  /** @param keepMs the longest window that will be queried, in ms. */
  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  get keepMs(): number {
    return this.#keepMs;
  }

  due(dueAt: EpochMs, how: 'started' | 'dropped'): void {
    const slice = this.#slice(dueAt);
    slice.due += 1;
    slice[how] += 1;
    if (how === 'dropped') slice.bad += 1;
  }

  resolved(arrival: ResolvedArrival): void {
    // It is no evidence about the system.
    if (arrival.kind === 'stale') return;
    const slice = this.#slice(arrival.dueAt);
    const value = Math.round(arrival.responseUs);
    const isFailed = arrival.kind === 'completed' && !isGood(arrival);
    const list = isFailed ? slice.failures : slice.responses;
    list.push(bucketOf(value >= 0 && value <= HIGHEST_US ? value : value < 0 ? 0 : HIGHEST_US));
    if (arrival.kind !== 'dropped' && !isGood(arrival)) slice.bad += 1;
  }

  /**
   * The complete slices of the last `windowMs` before `until`. @param pending due times of arrivals without
   * an answer. @param now the instant at which their age is measured.
   */
  read(until: EpochMs, windowMs: number, pending: readonly EpochMs[], now: EpochMs): Windowed {
    const end = Math.floor(until / SLICE_MS);
    const first = end - Math.ceil(windowMs / SLICE_MS);
    const total = { due: 0, started: 0, dropped: 0, bad: 0 };
    const [responses, failures] = [new BucketList(), new BucketList()];
    for (const [key, slice] of this.#slices) {
      if (key < first || key >= end) continue;
      total.due += slice.due;
      total.started += slice.started;
      total.dropped += slice.dropped;
      total.bad += slice.bad;
      for (const bucket of slice.responses.values()) responses.push(bucket);
      for (const bucket of slice.failures.values()) failures.push(bucket);
    }
    for (const due of pending) {
      const key = Math.floor(due / SLICE_MS);
      if (key < first || key >= end) continue;
      responses.push(bucketOf(Math.min(HIGHEST_US, Math.max(0, Math.round((now - due) * 1000)))));
    }
    const quantileUs = (quantile: number): Us | null => {
      const all = new Uint16Array(responses.length + failures.length);
      all.set(responses.values());
      all.set(failures.values(), responses.length);
      const value = quantileOf(all, quantile);
      return value === null ? null : us(value);
    };
    const judgedQuantileUs = (quantile: number): number | null => {
      const times = responses.values();
      const count = times.length + failures.length;
      if (count === 0) return null;
      const rank = rankOf(quantile, count);
      return rank > times.length ? Number.POSITIVE_INFINITY : quantileOf(times, rank / times.length);
    };
    return { ...total, quantileUs, judgedQuantileUs };
  }

  /** Drops slices that no window can reach. */
  forget(until: EpochMs): void {
    const oldest = Math.floor(until / SLICE_MS) - Math.ceil(this.#keepMs / SLICE_MS) - 1;
    for (const key of this.#slices.keys()) if (key < oldest) this.#slices.delete(key);
  }

  #slice(dueAt: EpochMs): LiveSlice {
    const key = Math.floor(dueAt / SLICE_MS);
    let slice = this.#slices.get(key);
    if (slice === undefined) {
      const lists = { responses: new BucketList(), failures: new BucketList() };
      slice = { due: 0, started: 0, dropped: 0, bad: 0, ...lists };
      this.#slices.set(key, slice);
    }
    return slice;
  }
}
