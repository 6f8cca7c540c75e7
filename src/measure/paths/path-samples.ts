/** The times of a path or stage as a flow has them: what percentiles, failed shares and recoveries read. */
import type { Phase } from '../../core/result.ts';
import { SLICE_MS } from '../../core/samples.ts';
import { bucketOf, HIGHEST_US } from '../buckets.ts';
import { DenseCounts } from '../latency-histogram.ts';
import type { IntervalCounts } from '../phase-windows.ts';
import type { LevelSlice } from '../recovery-windows.ts';
import type { AtStage, Followed } from './walk-path.ts';

/** One request on its way to one stage, or to the end of the path. */
export interface Sample {
  /** When it was due there: from when its time counts. */
  readonly since: number;
  /** By when its request was due: the phase that it belongs to. */
  readonly dueAt: number;
  /** Null: it was lost or is stuck. Of one that is waiting, as long as it had waited. */
  readonly ms: number | null;
  readonly isWaiting: boolean;
}

/** The samples of the path and of each stage, taken while its requests go by: none of them is kept. */
export class PathSamples {
  readonly whole: Sample[] = [];
  readonly stages: readonly Sample[][];
  readonly #until: number;

  /** @param until when the logs were read. */
  constructor(stages: number, until: number) {
    this.stages = Array.from({ length: stages }, () => []);
    this.#until = until;
  }

  *seen(followed: Iterable<Followed>): Generator<Followed> {
    for (const one of followed) {
      const { dueAt, stages } = one;
      const whole = sampleOfPath(dueAt, stages, this.#until);
      if (whole) this.whole.push(whole);
      for (let stage = 0; stage < stages.length; stage += 1) {
        const at = stages[stage];
        const sample = at && sampleAt(dueAt, at, this.#until);
        if (sample) this.stages[stage]?.push(sample);
      }
      yield one;
    }
  }
}

function sampleAt(dueAt: number, { fate, since, at }: AtStage, until: number): Sample | undefined {
  if (fate === 'not-expected' || since === undefined) return undefined;
  const ms = fate === 'waiting' ? until - since : at === undefined ? null : Math.max(0, at - since);
  return { since, dueAt, ms, isWaiting: fate === 'waiting' };
}

/** A request that ended before the last stage has no time of the whole path. */
function sampleOfPath(dueAt: number, stages: readonly AtStage[], until: number): Sample | undefined {
  const last = stages.at(-1);
  const since = dueAt;
  if (last?.at !== undefined) return { since, dueAt, ms: Math.max(0, last.at - dueAt), isWaiting: false };
  if (stages.some((one) => one.fate === 'waiting'))
    return { since, dueAt, ms: until - dueAt, isWaiting: true };
  return stages.some((one) => one.isEnd) ? undefined : { since, dueAt, ms: null, isWaiting: false };
}

const within = ({ from, to }: Phase, { dueAt }: Sample): boolean => dueAt >= from && dueAt < to;

/** As of the arrivals of a flow: what never came has failed. */
export function intervalCounts(samples: readonly Sample[], phases: readonly Phase[]): IntervalCounts {
  const own = samples.filter((one) => phases.some((phase) => within(phase, one)));
  const failed = own.filter((one) => one.ms === null).length;
  const waiting = own.filter((one) => one.isWaiting).length;
  const seconds = phases.reduce((sum, { from, to }) => sum + (to - from) / 1000, 0);
  const count = own.length - waiting;
  return {
    due: own.length,
    count,
    failed,
    dropped: 0,
    goodRate: seconds > 0 ? (count - failed) / seconds : 0,
  };
}

/** Of what came, and of what is waiting with the time that it had waited. */
export function histogramOf(samples: readonly Sample[], phases: readonly Phase[]): DenseCounts {
  const counts = new DenseCounts();
  for (const one of samples)
    if (one.ms !== null && phases.some((phase) => within(phase, one)))
      counts.addBucket(bucketOf(Math.min(HIGHEST_US, Math.round(one.ms * 1000))), 1);
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
export function baselineOf(samples: readonly Sample[], baseline: readonly Phase[]): PathBaseline | null {
  const { due, failed } = intervalCounts(samples, baseline);
  const p99 = histogramOf(samples, baseline).valueAtQuantile(0.99);
  if (p99 === null || due === 0) return null;
  const p99Ms = p99 / 1000;
  return { failedRatio: failed / due, slowMs: Math.max(SLOW_FACTOR * p99Ms, p99Ms + SLOW_MARGIN_MS) };
}

/** By when each was due at its stage. `isBad`: lost, stuck, or (with a limit) slower than it. */
export function slicesOf(samples: readonly Sample[], slowMs: number | null): readonly LevelSlice[] {
  const slices = new Map<number, { at: number; due: number; bad: number }>();
  for (const { since, ms } of samples) {
    const at = Math.floor(since / SLICE_MS) * SLICE_MS;
    const slice = slices.get(at) ?? { at, due: 0, bad: 0 };
    slice.due += 1;
    if (ms === null || (slowMs !== null && ms > slowMs)) slice.bad += 1;
    slices.set(at, slice);
  }
  return [...slices.values()].sort((a, b) => a.at - b.at);
}
