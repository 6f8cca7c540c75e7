/**
 * Collects arrivals into increments: sparse histograms, counts by second and slices, all by the time an arrival was due.
 * Holds only what changed since the last flush, so that its size does not grow with the run.
 */
import {
  type CountIncrement,
  LATENCY_CLOCKS,
  type LatencyClock,
  SLICE_MS,
  type SliceIncrement,
} from '../core/samples.ts';
import { type EpochMs, epochMs, type Us } from '../core/units.ts';
import type { ArrivalSink, ResolvedArrival } from './arrival.ts';
import { BucketList } from './bucket-list.ts';
import { bucketOf, HIGHEST_US } from './buckets.ts';
import type { Increments, LatencyIncrement } from './increments.ts';
import { sparseOf } from './latency-histogram.ts';
import { stepSeries } from './steps.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

type Counting = Mutable<Omit<CountIncrement, 'outcomes'>> & { outcomes?: Record<string, number> };

/** Different outcomes of one flow that are told apart: a script with an endless number of words cannot grow a run. */
const MOST_WORDS = 32;
/** What every further outcome is counted as. */
const OTHER = 'other';

/** Values by due second. */
type SecondLists = Map<number, BucketList>;

interface FlowBook {
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
  readonly #books = new Map<string, FlowBook>();
  #clamped = 0;

  /** Latencies that were no number, negative or above one hour: recorded at the end of the range, and counted here. */
  get clamped(): number {
    return this.#clamped;
  }

  /** From now on, good arrivals with a response above the limit count as slow. 0 switches it off. */
  setSlowLimit(flow: string, limit: Us): void {
    this.#book(flow).slowUs = limit;
  }

  due(flow: string, dueAt: EpochMs, how: 'started' | 'dropped'): void {
    const book = this.#book(flow);
    const counts = countsOf(book, flow, dueAt);
    const slice = sliceOf(book, flow, dueAt);
    counts.due += 1;
    counts[how] += 1;
    slice.due += 1;
    if (how === 'dropped') slice.bad += 1;
  }

  resolved(arrival: ResolvedArrival): void {
    const book = this.#book(arrival.flow);
    const second = Math.floor(arrival.dueAt / 1000);
    if (arrival.kind === 'stale') {
      this.#record(book.latency.lateness, second, arrival.latenessUs ?? 0);
      const counts = countsOf(book, arrival.flow, arrival.dueAt);
      counts.stale = (counts.stale ?? 0) + 1;
      return;
    }
    const responseUs = this.#record(book.latency.response, second, arrival.responseUs);
    if (arrival.latenessUs !== null) this.#record(book.latency.lateness, second, arrival.latenessUs);
    if (arrival.serviceUs !== null) this.#record(book.latency.service, second, arrival.serviceUs);
    if (arrival.connectUs !== null) this.#record(book.latency.connect, second, arrival.connectUs);
    for (const { name, serviceUs } of arrival.steps ?? [])
      this.#record(stepLists(book, name), second, serviceUs);
    const slice = sliceOf(book, arrival.flow, arrival.dueAt);
    slice.maxUs = Math.max(slice.maxUs, responseUs);
    if (arrival.kind === 'dropped') {
      this.#record(book.latency.dropped, second, arrival.responseUs);
      return;
    }
    const counts = countsOf(book, arrival.flow, arrival.dueAt);
    counts[arrival.kind] += 1;
    if (isGood(arrival)) {
      if (book.slowUs > 0 && responseUs > book.slowUs) slice.slow += 1;
      return;
    }
    slice.bad += 1;
    if (arrival.kind === 'interrupted') {
      this.#record(book.latency.interrupted, second, arrival.responseUs);
      return;
    }
    this.#record(book.latency.failed, second, arrival.responseUs);
    if (arrival.serviceUs !== null) this.#record(book.latency['failed-service'], second, arrival.serviceUs);
    counts.failed += 1;
    const word = wordOf(book, arrival.outcome);
    counts.outcomes ??= Object.create(null) as Record<string, number>;
    counts.outcomes[word] = (counts.outcomes[word] ?? 0) + 1;
  }

  /** Hands over everything since the last flush, in a fixed order, and forgets it. */
  flush(): Increments {
    const latency: LatencyIncrement[] = [];
    const counts: CountIncrement[] = [];
    const slices: SliceIncrement[] = [];
    for (const [flow, book] of this.#books) {
      for (const clock of LATENCY_CLOCKS) {
        for (const [second, list] of inOrder(book.latency[clock])) {
          latency.push({ flow, clock, second, counts: sparseOf(list.values()) });
        }
        book.latency[clock].clear();
      }
      for (const [step, lists] of book.steps) {
        for (const [second, list] of inOrder(lists)) {
          const counts = sparseOf(list.values());
          latency.push({ flow: stepSeries(flow, step), clock: 'service', second, counts });
        }
        lists.clear();
      }
      for (const [, increment] of inOrder(book.counts)) counts.push(increment);
      for (const [, increment] of inOrder(book.slices)) slices.push(increment);
      book.counts.clear();
      book.slices.clear();
    }
    return { latency, counts, slices };
  }

  #record(lists: SecondLists, second: number, valueUs: number): number {
    let value = Math.round(valueUs);
    if (!(value >= 0 && value <= HIGHEST_US)) {
      this.#clamped += 1;
      // What is not a number goes to the slow end: a measurement that failed must not look like a fast one.
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

  #book(flow: string): FlowBook {
    let book = this.#books.get(flow);
    if (book === undefined) {
      const latency = Object.fromEntries(LATENCY_CLOCKS.map((clock) => [clock, new Map()]));
      book = {
        counts: new Map(),
        slices: new Map(),
        latency: latency as FlowBook['latency'],
        steps: new Map(),
        words: new Set(),
        slowUs: 0,
      };
      this.#books.set(flow, book);
    }
    return book;
  }
}

const inOrder = <T>(map: ReadonlyMap<number, T>): [number, T][] => [...map].sort((a, b) => a[0] - b[0]);

function wordOf({ words }: FlowBook, outcome: string): string {
  if (words.has(outcome)) return outcome;
  if (words.size >= MOST_WORDS) return OTHER;
  words.add(outcome);
  return outcome;
}

function stepLists({ steps }: FlowBook, name: string): SecondLists {
  const known = steps.has(name) || steps.size < MOST_WORDS ? name : OTHER;
  let lists = steps.get(known);
  if (lists === undefined) {
    lists = new Map();
    steps.set(known, lists);
  }
  return lists;
}

function countsOf(book: FlowBook, flow: string, dueAt: EpochMs): Counting {
  const second = Math.floor(dueAt / 1000);
  let counts = book.counts.get(second);
  if (counts === undefined) {
    counts = { flow, second, due: 0, started: 0, dropped: 0, completed: 0, interrupted: 0, failed: 0 };
    book.counts.set(second, counts);
  }
  return counts;
}

function sliceOf(book: FlowBook, flow: string, dueAt: EpochMs): Mutable<SliceIncrement> {
  const at = Math.floor(dueAt / SLICE_MS) * SLICE_MS;
  let slice = book.slices.get(at);
  if (slice === undefined) {
    slice = { flow, at: epochMs(at), due: 0, bad: 0, slow: 0, maxUs: 0 };
    book.slices.set(at, slice);
  }
  return slice;
}
