/** The times of a path or stage as a flow has them: what percentiles, failed shares and recoveries read. */
import type { Phase } from '../../core/result.ts';
import { SLICE_MS } from '../../core/samples.ts';
import { bucketOf, HIGHEST_US } from '../buckets.ts';
import { DenseCounts } from '../latency-histogram.ts';
import { phaseAt } from '../phase-at.ts';
import type { IntervalCounts } from '../phase-windows.ts';
import type { LevelSlice } from '../recovery-windows.ts';
import { Samples } from './samples.ts';
import type { AtStage, Followed } from './walk-path.ts';

/** The samples of the path and of each stage, taken while its requests go by: none of them is kept. */
export class PathSamples {
  readonly whole = new Samples();
  readonly stages: readonly Samples[];
  readonly #until: number;

  /** @param until when the logs were read. */
  constructor(stages: number, until: number) {
    this.stages = Array.from({ length: stages }, () => new Samples());
    this.#until = until;
  }

  *seen(followed: Iterable<Followed>): Generator<Followed> {
    for (const one of followed) {
      const { dueAt, stages } = one;
      this.#path(dueAt, stages);
      for (let stage = 0; stage < stages.length; stage += 1) {
        const at = stages[stage];
        const own = this.stages[stage];
        if (at && own) this.#stage(own, dueAt, at);
      }
      yield one;
    }
  }

  #stage(own: Samples, dueAt: number, { fate, since, at }: AtStage): void {
    if (fate === 'not-expected' || since === undefined) return;
    if (fate === 'waiting') own.waits(since, dueAt, this.#until - since);
    else if (at === undefined) own.never(since, dueAt);
    else own.came(since, dueAt, Math.max(0, at - since));
  }

  /** A request that ended before the last stage has no time of the whole path. */
  #path(dueAt: number, stages: readonly AtStage[]): void {
    const at = stages.at(-1)?.at;
    if (at !== undefined) this.whole.came(dueAt, dueAt, Math.max(0, at - dueAt));
    else if (stages.some((one) => one.fate === 'waiting'))
      this.whole.waits(dueAt, dueAt, this.#until - dueAt);
    else if (!stages.some((one) => one.isEnd)) this.whole.never(dueAt, dueAt);
  }
}

/** As of the arrivals of a flow: what never came has failed. */
export function intervalCounts(samples: Samples, phases: readonly Phase[]): IntervalCounts {
  let [due, failed, waiting] = [0, 0, 0];
  for (let one = 0; one < samples.length; one += 1) {
    if (phaseAt(phases, samples.dueAt(one)) < 0) continue;
    due += 1;
    if (samples.ms(one) === null) failed += 1;
    if (samples.isWaiting(one)) waiting += 1;
  }
  const seconds = phases.reduce((sum, { from, to }) => sum + (to - from) / 1000, 0);
  const count = due - waiting;
  return {
    due,
    count,
    failed,
    dropped: 0,
    goodRate: seconds > 0 ? (count - failed) / seconds : 0,
  };
}

/** Of what came, and of what is waiting with the time that it had waited. */
export function histogramOf(samples: Samples, phases: readonly Phase[]): DenseCounts {
  const counts = new DenseCounts();
  for (let one = 0; one < samples.length; one += 1) {
    const ms = samples.ms(one);
    if (ms !== null && phaseAt(phases, samples.dueAt(one)) >= 0)
      counts.addBucket(bucketOf(Math.min(HIGHEST_US, Math.round(ms * 1000))), 1);
  }
  return counts;
}

/** Twice the baseline's P99, and at least 100 ms above it, as for a flow. */
const SLOW_FACTOR = 2;
const SLOW_MARGIN_MS = 100;

export interface PathBaseline {
  readonly failedRatio: number;
  readonly slowMs: number;
}

/** Null: nothing came in the baseline, so nothing can be compared with it. */
export function baselineOf(samples: Samples, baseline: readonly Phase[]): PathBaseline | null {
  const { due, failed } = intervalCounts(samples, baseline);
  const p99 = histogramOf(samples, baseline).valueAtQuantile(0.99);
  if (p99 === null || due === 0) return null;
  const p99Ms = p99 / 1000;
  return { failedRatio: failed / due, slowMs: Math.max(SLOW_FACTOR * p99Ms, p99Ms + SLOW_MARGIN_MS) };
}

/** By when each was due at its stage. `isBad`: lost, stuck, or (with a limit) slower than it. */
export function slicesOf(samples: Samples, slowMs: number | null): readonly LevelSlice[] {
  const slices = new Map<number, { at: number; due: number; bad: number }>();
  for (let one = 0; one < samples.length; one += 1) {
    const ms = samples.ms(one);
    const at = Math.floor(samples.since(one) / SLICE_MS) * SLICE_MS;
    const slice = slices.get(at) ?? { at, due: 0, bad: 0 };
    slice.due += 1;
    if (ms === null || (slowMs !== null && ms > slowMs)) slice.bad += 1;
    slices.set(at, slice);
  }
  return [...slices.values()].sort((a, b) => a.at - b.at);
}
