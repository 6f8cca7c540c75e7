/**
 * All data of the load side of a run, and the queries of judges and reports. It is filled with increments
 * from the run directory, in any order: sums of whole numbers, so results are equal to the last bit. It grows
 * with the run; LiveData is the bounded store for queries during a run.
 */
import { STALE } from '../core/outcomes.ts';
import type { FlowPhase, Ledger, Phase, Quantiles, StepStats } from '../core/result.ts';
import {
  type CountIncrement,
  type Increments,
  type LatencyClock,
  type LatencyIncrement,
  SLICE_MS,
  type SliceIncrement,
  stepOf,
} from '../core/samples.ts';
import { type EpochMs, epochMs } from '../core/units.ts';
import { Columns } from './columns.ts';
import { DenseCounts, type LatencyHistogram, msAt, quantilesOf } from './latency-histogram.ts';
import { LatencyStore } from './latency-store.ts';
import { balance, type ExpectedDue, type Totals } from './ledger.ts';
import { mostFirst, OutcomeStore } from './outcome-store.ts';
import { eachSecond, type Seconds, secondsOf } from './phase-seconds.ts';

const COUNTS = ['due', 'started', 'dropped', 'completed', 'interrupted', 'failed', 'stale'] as const;
type CountName = (typeof COUNTS)[number];
const SLICES = { due: 0, bad: 1, slow: 2, maxUs: 3 } as const;

/** One second of one flow, for charts. Quantiles of the response, in ms; null without arrivals. */
export interface SecondOfFlow {
  /** Whole epoch seconds. */
  readonly second: number;
  readonly due: number;
  readonly started: number;
  readonly dropped: number;
  readonly interrupted: number;
  readonly failed: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

export class RunData {
  readonly #latency = new LatencyStore();
  readonly #counts = new Map<string, Columns>();
  readonly #slices = new Map<string, Columns>();
  readonly #outcomes = new OutcomeStore();

  add(increments: Increments): void {
    for (const one of increments.latency) this.addLatency(one);
    for (const one of increments.counts) this.addCounts(one);
    for (const one of increments.slices) this.addSlice(one);
  }

  addLatency(increment: LatencyIncrement): void {
    this.#latency.add(increment);
  }

  addCounts(increment: CountIncrement): void {
    const columns = columnsOf(this.#counts, increment.flow, COUNTS.length);
    COUNTS.forEach((name, column) => {
      columns.add(increment.second, column, increment[name] ?? 0);
    });
    const { flow, second, failed, outcomes } = increment;
    this.#outcomes.add(flow, second, failed, outcomes);
  }

  addSlice(increment: SliceIncrement): void {
    const columns = columnsOf(this.#slices, increment.flow, 4);
    const key = Math.floor(increment.at / SLICE_MS);
    columns.add(key, SLICES.due, increment.due);
    columns.add(key, SLICES.bad, increment.bad);
    columns.add(key, SLICES.slow, increment.slow);
    columns.set(key, SLICES.maxUs, Math.max(columns.get(key, SLICES.maxUs), increment.maxUs));
  }

  /** Flows with at least one arrival, in alphabetical order. */
  flows(): string[] {
    return [...this.#counts.keys()].sort();
  }

  /** The range of seconds in which any flow had an arrival due; empty (from = to = 0) when there was none. */
  span(): Seconds {
    const columns = [...this.#counts.values()];
    if (columns.length === 0) return { from: 0, to: 0 };
    return {
      from: Math.min(...columns.map((one) => one.first)),
      to: Math.max(...columns.map((one) => one.end)),
    };
  }

  /** Several phases are taken as one. phase-seconds.ts defines which seconds belong to a phase. */
  flowPhase(flow: string, ...phases: readonly Phase[]): FlowPhase {
    const spans = phases.map(secondsOf);
    const length = spans.reduce((total, { from, to }) => total + to - from, 0);
    const sum = (name: CountName): number =>
      spans.reduce((total, seconds) => total + this.#sum(flow, name, seconds), 0);
    const rate = (count: number): number => (length === 0 ? 0 : count / length);
    const due = sum('due');
    const merged = new DenseCounts();
    const quantiles = (clock: LatencyClock): Quantiles => {
      merged.clear();
      for (const seconds of spans) this.#latency.addTo(merged, flow, clock, eachSecond(seconds));
      return quantilesOf(merged);
    };
    const steps = this.#steps(flow, spans);
    const connectMs = quantiles('connect');
    const connects = merged.count;
    const stale = sum('stale');
    const unanswered = { dropped: sum('dropped'), interrupted: sum('interrupted') };
    return {
      count: sum('completed'),
      failed: sum('failed'),
      dropped: sum('dropped'),
      due,
      seconds: length,
      dueRate: rate(due),
      attainedRate: rate(sum('started')),
      goodRate: rate(sum('completed') - sum('failed')),
      responseMs: quantiles('response'),
      goodMs: quantilesOf(this.good(flow, ...phases)),
      failedMs: quantiles('failed'),
      serviceMs: quantiles('service'),
      latenessMs: quantiles('lateness'),
      connectMs,
      connects,
      droppedMs: quantiles('dropped'),
      ...(steps && { steps }),
      ...(stale > 0 && { stale }),
      outcomes: this.#notGood(flow, spans, { ...unanswered, [STALE]: stale }),
    };
  }

  /** Slices that begin in `[from, to)` and in which something was due, in order of time. */
  slices(flow: string, from: EpochMs, to: EpochMs): SliceIncrement[] {
    const columns = this.#slices.get(flow);
    if (columns === undefined) return [];
    const found: SliceIncrement[] = [];
    const end = Math.min(columns.end, Math.ceil(to / SLICE_MS));
    for (let key = Math.max(columns.first, Math.ceil(from / SLICE_MS)); key < end; key += 1) {
      const due = columns.get(key, SLICES.due);
      if (due === 0) continue;
      found.push({
        flow,
        at: epochMs(key * SLICE_MS),
        due,
        bad: columns.get(key, SLICES.bad),
        slow: columns.get(key, SLICES.slow),
        maxUs: columns.get(key, SLICES.maxUs),
      });
    }
    return found;
  }

  /** Every second from the flow's first arrival to its last, including those in which nothing was due. */
  series(flow: string): SecondOfFlow[] {
    const columns = this.#counts.get(flow);
    if (columns === undefined) return [];
    const merged = new DenseCounts();
    const rows: SecondOfFlow[] = [];
    for (let second = columns.first; second < columns.end; second += 1) {
      merged.clear();
      this.#latency.addTo(merged, flow, 'response', [second]);
      const count = (name: CountName): number => columns.get(second, COUNTS.indexOf(name));
      rows.push({
        second,
        due: count('due'),
        started: count('started'),
        dropped: count('dropped'),
        interrupted: count('interrupted'),
        failed: count('failed'),
        p50: msAt(merged, 0.5),
        p95: msAt(merged, 0.95),
        p99: msAt(merged, 0.99),
      });
    }
    return rows;
  }

  /** @param seconds whole epoch seconds, in any order; a repeated one counts twice (a resampled block). */
  histogram(flow: string, clock: LatencyClock, seconds: Iterable<number>): LatencyHistogram {
    return this.#latency.histogram(flow, clock, seconds);
  }

  /**
   * Without failed answers, at whose time the user did not have what was requested: good answers, and on the
   * response clock the lower bounds of those that were never answered. In runs that did not record failure
   * times, the fastest answers are taken as the failed ones.
   * @param failed how many failed in these seconds.
   */
  notFailed(
    flow: string,
    clock: 'response' | 'service',
    seconds: Iterable<number>,
    failed: number,
  ): DenseCounts {
    const all = [...seconds];
    const left = this.#latency.histogram(flow, clock, all);
    const apart = this.#latency.histogram(flow, clock === 'response' ? 'failed' : 'failed-service', all);
    left.subtract(apart);
    left.dropLowest(failed - apart.count);
    return left;
  }

  /** Response times of the good answers alone. Several phases are taken as one. */
  good(flow: string, ...phases: readonly Phase[]): DenseCounts {
    const seconds = phases.flatMap((one) => [...eachSecond(secondsOf(one))]);
    const good = this.notFailed(flow, 'response', seconds, this.failedIn(flow, seconds));
    for (const clock of ['dropped', 'interrupted'] as const)
      good.subtract(this.#latency.histogram(flow, clock, seconds));
    return good;
  }

  totals(flow: string, seconds: Seconds = this.span()): Required<Totals> & { readonly failed: number } {
    const sum = (name: CountName): number => this.#sum(flow, name, seconds);
    return {
      due: sum('due'),
      started: sum('started'),
      dropped: sum('dropped'),
      completed: sum('completed'),
      interrupted: sum('interrupted'),
      failed: sum('failed'),
      stale: sum('stale'),
    };
  }

  /** Failed answers that were due in these seconds. */
  failedIn(flow: string, seconds: readonly number[]): number {
    const at = (from: number): number => this.#sum(flow, 'failed', { from, to: from + 1 });
    return seconds.reduce((total, second) => total + at(second), 0);
  }

  /** Bad outcomes of completed arrivals over the whole run, with their counts. */
  outcomes(flow: string): Readonly<Record<string, number>> {
    return Object.fromEntries(mostFirst(this.#outcomes.sum(flow, this.span())));
  }

  /** @param problems of the load session with this flow, see LoadEnd in src/load/load-end.ts. */
  ledger(flow: string, expected?: ExpectedDue, problems: readonly string[] = []): Ledger {
    return balance(this.totals(flow), expected, problems);
  }

  /** Undefined where iterations are one request. */
  #steps(flow: string, spans: readonly Seconds[]): Record<string, StepStats> | undefined {
    const found: Record<string, StepStats> = {};
    for (const series of this.#latency.names('service')) {
      const step = stepOf(flow, series);
      if (step === undefined) continue;
      const merged = new DenseCounts();
      for (const seconds of spans) this.#latency.addTo(merged, series, 'service', eachSecond(seconds));
      found[step] = { count: merged.count, serviceMs: quantilesOf(merged) };
    }
    return Object.keys(found).length === 0 ? undefined : found;
  }

  #notGood(
    flow: string,
    spans: readonly Seconds[],
    unanswered: Readonly<Record<string, number>>,
  ): Record<string, number> {
    const counts = new Map<string, number>();
    const found = spans.flatMap((seconds) => [...this.#outcomes.sum(flow, seconds)]);
    for (const [word, count] of [...found, ...Object.entries(unanswered)]) {
      if (count > 0) counts.set(word, (counts.get(word) ?? 0) + count);
    }
    return Object.fromEntries(mostFirst(counts));
  }

  #sum(flow: string, name: CountName, seconds: Seconds): number {
    const columns = this.#counts.get(flow);
    if (columns === undefined) return 0;
    const column = COUNTS.indexOf(name);
    let total = 0;
    const end = Math.min(seconds.to, columns.end);
    for (let second = Math.max(seconds.from, columns.first); second < end; second += 1) {
      total += columns.get(second, column);
    }
    return total;
  }
}

function columnsOf(map: Map<string, Columns>, flow: string, width: number): Columns {
  let columns = map.get(flow);
  if (columns === undefined) {
    columns = new Columns(width);
    map.set(flow, columns);
  }
  return columns;
}
