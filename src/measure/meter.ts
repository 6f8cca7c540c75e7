/**
 * Collects arrivals into increments: sparse histograms, counts by second and slices, all by due time. Keeps
 * only the changes since the last flush, so its size does not grow with the run.
 */
import {
  type CountIncrement,
  type Increments,
  LATENCY_CLOCKS,
  type LatencyClock,
  type LatencyIncrement,
  SLICE_MS,
  type SliceIncrement,
  stepSeries,
} from '../core/samples.ts';
import { type EpochMs, epochMs, type Us } from '../core/units.ts';
import type { ArrivalSink, ResolvedArrival } from './arrival.ts';
import { BucketList, bucketOf, HIGHEST_US } from './buckets.ts';
import { sparseOf } from './latency-histogram.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

type Counting = Mutable<Omit<CountIncrement, 'outcomes'>> & { outcomes?: Record<string, number> };

/**
 * The number of outcomes of one flow that are distinguished: a script with unlimited words cannot grow a run.
 */
const MOST_WORDS = 32;
/** The outcome that all further words are counted as. */
const OTHER = 'other';

/** Values by due second. */
type SecondLists = Map<number, BucketList>;

interface FlowCounts {
  readonly counts: Map<number, Counting>;
  readonly slices: Map<number, Mutable<SliceIncrement>>;
  readonly latency: Readonly<Record<LatencyClock, SecondLists>>;
  /** Service times of single requests, by step; at most {@link MOST_WORDS} steps. */
  readonly steps: Map<string, SecondLists>;
  /** Outcomes seen so far, at most {@link MOST_WORDS}. */
  readonly words: Set<string>;
  slowUs: number;
}

/** Whether an arrival was good: completed, with `ok` as its outcome. */
export const isGood = (arrival: ResolvedArrival): boolean =>
  arrival.kind === 'completed' && arrival.outcome === 'ok';

export class Meter implements ArrivalSink {
  readonly #flows = new Map<string, FlowCounts>();
  #clamped = 0;

  /**
   * Latencies that were not a number, negative or above one hour: recorded at the end of the range, and
   * counted here.
   */
  get clamped(): number {
    return this.#clamped;
  }

  /** From now on, good arrivals with a response above the limit count as slow. 0 disables it. */
  setSlowLimit(flow: string, limit: Us): void {
    this.#flow(flow).slowUs = limit;
  }

  due(flow: string, dueAt: EpochMs, how: 'started' | 'dropped'): void {
    const kept = this.#flow(flow);
    const counts = countsOf(kept, flow, dueAt);
    const slice = sliceOf(kept, flow, dueAt);
    counts.due += 1;
    counts[how] += 1;
    slice.due += 1;
    if (how === 'dropped') slice.bad += 1;
  }

  resolved(arrival: ResolvedArrival): void {
    const kept = this.#flow(arrival.flow);
    const second = Math.floor(arrival.dueAt / 1000);
    if (arrival.kind === 'stale') {
      this.#record(kept.latency.lateness, second, arrival.latenessUs ?? 0);
      const counts = countsOf(kept, arrival.flow, arrival.dueAt);
      counts.stale = (counts.stale ?? 0) + 1;
      return;
    }
    const responseUs = this.#record(kept.latency.response, second, arrival.responseUs);
    if (arrival.latenessUs !== null) this.#record(kept.latency.lateness, second, arrival.latenessUs);
    if (arrival.serviceUs !== null) this.#record(kept.latency.service, second, arrival.serviceUs);
    if (arrival.connectUs !== null) this.#record(kept.latency.connect, second, arrival.connectUs);
    for (const { name, serviceUs } of arrival.steps ?? [])
      this.#record(stepLists(kept, name), second, serviceUs);
    const slice = sliceOf(kept, arrival.flow, arrival.dueAt);
    slice.maxUs = Math.max(slice.maxUs, responseUs);
    if (arrival.kind === 'dropped') {
      this.#record(kept.latency.dropped, second, arrival.responseUs);
      return;
    }
    const counts = countsOf(kept, arrival.flow, arrival.dueAt);
    counts[arrival.kind] += 1;
    if (isGood(arrival)) {
      if (kept.slowUs > 0 && responseUs > kept.slowUs) slice.slow += 1;
      return;
    }
    slice.bad += 1;
    if (arrival.kind === 'interrupted') {
      this.#record(kept.latency.interrupted, second, arrival.responseUs);
      return;
    }
    this.#record(kept.latency.failed, second, arrival.responseUs);
    if (arrival.serviceUs !== null) this.#record(kept.latency['failed-service'], second, arrival.serviceUs);
    counts.failed += 1;
    const word = wordOf(kept, arrival.outcome);
    counts.outcomes ??= Object.create(null) as Record<string, number>;
    counts.outcomes[word] = (counts.outcomes[word] ?? 0) + 1;
  }

  /** Returns everything since the last flush, in a fixed order, and drops it. */
  flush(): Increments {
    const latency: LatencyIncrement[] = [];
    const counts: CountIncrement[] = [];
    const slices: SliceIncrement[] = [];
    for (const [flow, kept] of this.#flows) {
      for (const clock of LATENCY_CLOCKS) {
        for (const [second, list] of inOrder(kept.latency[clock])) {
          latency.push({ flow, clock, second, counts: sparseOf(list.values()) });
        }
        kept.latency[clock].clear();
      }
      for (const [step, lists] of kept.steps) {
        for (const [second, list] of inOrder(lists)) {
          const counts = sparseOf(list.values());
          latency.push({ flow: stepSeries(flow, step), clock: 'service', second, counts });
        }
        lists.clear();
      }
      for (const [, increment] of inOrder(kept.counts)) counts.push(increment);
      for (const [, increment] of inOrder(kept.slices)) slices.push(increment);
      kept.counts.clear();
      kept.slices.clear();
    }
    return { latency, counts, slices };
  }

  #record(lists: SecondLists, second: number, valueUs: number): number {
    let value = Math.round(valueUs);
    if (!(value >= 0 && value <= HIGHEST_US)) {
      this.#clamped += 1;
      // A value that is not a number goes to the slow end: a failed measurement must not look like a fast
      // one.
      value = value < 0 ? 0 : HIGHEST_US;
    }
    let list = lists.get(second);
    if (list === undefined) {
      list = new BucketList();
      lists.set(second, list);
    }
    list.push(bucketOf(value));
    return value;
  }

  #flow(flow: string): FlowCounts {
    let kept = this.#flows.get(flow);
    if (kept === undefined) {
      const latency = Object.fromEntries(LATENCY_CLOCKS.map((clock) => [clock, new Map()]));
      kept = {
        counts: new Map(),
        slices: new Map(),
        latency: latency as FlowCounts['latency'],
        steps: new Map(),
        words: new Set(),
        slowUs: 0,
      };
      this.#flows.set(flow, kept);
    }
    return kept;
  }
}

const inOrder = <T>(map: ReadonlyMap<number, T>): [number, T][] => [...map].sort((a, b) => a[0] - b[0]);

function wordOf({ words }: FlowCounts, outcome: string): string {
  if (words.has(outcome)) return outcome;
  if (words.size >= MOST_WORDS) return OTHER;
  words.add(outcome);
  return outcome;
}

function stepLists({ steps }: FlowCounts, name: string): SecondLists {
  const known = steps.has(name) || steps.size < MOST_WORDS ? name : OTHER;
  let lists = steps.get(known);
  if (lists === undefined) {
    lists = new Map();
    steps.set(known, lists);
  }
  return lists;
}

function countsOf(kept: FlowCounts, flow: string, dueAt: EpochMs): Counting {
  const second = Math.floor(dueAt / 1000);
  let counts = kept.counts.get(second);
  if (counts === undefined) {
    counts = { flow, second, due: 0, started: 0, dropped: 0, completed: 0, interrupted: 0, failed: 0 };
    kept.counts.set(second, counts);
  }
  return counts;
}

function sliceOf(kept: FlowCounts, flow: string, dueAt: EpochMs): Mutable<SliceIncrement> {
  const at = Math.floor(dueAt / SLICE_MS) * SLICE_MS;
  let slice = kept.slices.get(at);
  if (slice === undefined) {
    slice = { flow, at: epochMs(at), due: 0, bad: 0, slow: 0, maxUs: 0 };
    kept.slices.set(at, slice);
  }
  return slice;
}
