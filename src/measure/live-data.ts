/**
 * The part of its own past that a run still needs while it continues: the steady state before the faults, and
 * the slices of a fault that is being watched. Memory is bounded by how far back the plan can look, not by
 * the length of the run; everything is also on disk and is judged from there
 * (docs/decisions/018-flat-memory.md).
 */
import { GauntletError } from '../core/errors.ts';
import type { Phase } from '../core/result.ts';
import {
  type CountIncrement,
  type Increments,
  type LatencyIncrement,
  SLICE_MS,
  type SliceIncrement,
  type SparseCounts,
} from '../core/samples.ts';
import { type EpochMs, epochMs, type Ms, type Us } from '../core/units.ts';
import { DenseCounts } from './latency-histogram.ts';
import { secondsOf } from './phase-seconds.ts';

/** An interval of a flow before any fault; the numbers equal those of RunData.flowPhase from the disk. */
export interface SteadyState {
  readonly due: number;
  /** Completed, but not good. */
  readonly failed: number;
  readonly dropped: number;
  /** Percentiles of the response; null without an arrival. */
  readonly p99Us: Us | null;
}

interface LiveSecond {
  due: number;
  failed: number;
  dropped: number;
  readonly responses: SparseCounts[];
}

type LiveSlice = { -readonly [K in keyof SliceIncrement]: SliceIncrement[K] };

interface FlowPast {
  readonly seconds: Map<number, LiveSecond>;
  readonly slices: Map<number, LiveSlice>;
}

export class LiveData {
  readonly #retentionMs: Ms;
  readonly #flows = new Map<string, FlowPast>();
  readonly #holds = new Set<EpochMs>();
  /** Seconds due before this one are dropped; whole seconds. */
  #oldest = epochMs(0);

  /** @param retentionMs how far before the newest arrival data is kept. */
  constructor(retentionMs: Ms) {
    this.#retentionMs = retentionMs;
  }

  add(increments: Increments): void {
    for (const one of increments.counts) this.#addCounts(one);
    for (const one of increments.latency) if (one.clock === 'response') this.#addResponses(one);
    for (const one of increments.slices) this.#addSlice(one);
    this.#forget(increments.counts);
  }

  /**
   * Keeps slices from this instant on, until the returned function is called. Only slices that are still in
   * memory can be kept.
   */
  hold(from: EpochMs): () => void {
    this.#holds.add(from);
    return () => this.#holds.delete(from);
  }

  /** Seconds and slices in memory, for the harness's own memory report. */
  get kept(): number {
    return [...this.#flows.values()].reduce((sum, one) => sum + one.seconds.size + one.slices.size, 0);
  }

  /**
   * @throws GauntletError 'defect' for a phase that begins before the kept data: a partial answer would look
   * complete.
   */
  steady(flow: string, phase: Phase): SteadyState {
    const { from, to } = secondsOf(phase);
    this.#refuseForgotten(epochMs(from * 1000), this.#oldest);
    const total = { due: 0, failed: 0, dropped: 0 };
    const responses = new DenseCounts();
    for (let second = from; second < to; second += 1) {
      const one = this.#flows.get(flow)?.seconds.get(second);
      if (one === undefined) continue;
      total.due += one.due;
      total.failed += one.failed;
      total.dropped += one.dropped;
      for (const counts of one.responses) responses.addSparse(counts);
    }
    return { ...total, p99Us: responses.valueAtQuantile(0.99) };
  }

  /**
   * As RunData.slices.
   * @throws GauntletError 'defect' for a beginning that is neither held nor recent enough.
   */
  slices(flow: string, from: EpochMs, to: EpochMs): readonly SliceIncrement[] {
    this.#refuseForgotten(from, this.#oldestSlice());
    const kept = this.#flows.get(flow)?.slices.values() ?? [];
    return [...kept].filter(({ at }) => at >= from && at < to).sort((a, b) => a.at - b.at);
  }

  #addCounts({ flow, second, due, failed, dropped }: CountIncrement): void {
    if (this.#isForgotten(second)) return;
    const one = secondOf(this.#past(flow), second);
    one.due += due;
    one.failed += failed;
    one.dropped += dropped;
  }

  #addResponses({ flow, second, counts }: LatencyIncrement): void {
    if (!this.#isForgotten(second)) secondOf(this.#past(flow), second).responses.push(counts);
  }

  #addSlice(increment: SliceIncrement): void {
    const { slices } = this.#past(increment.flow);
    if (increment.at < this.#oldestSlice()) return;
    const slice = slices.get(increment.at);
    if (slice === undefined) {
      slices.set(increment.at, { ...increment });
      return;
    }
    slice.due += increment.due;
    slice.bad += increment.bad;
    slice.slow += increment.slow;
    slice.maxUs = Math.max(slice.maxUs, increment.maxUs);
  }

  #forget(counts: readonly CountIncrement[]): void {
    for (const { second } of counts) {
      const oldest = Math.floor((second * 1000 - this.#retentionMs) / 1000) * 1000;
      this.#oldest = epochMs(Math.max(this.#oldest, oldest));
    }
    const oldestSlice = this.#oldestSlice();
    for (const { seconds, slices } of this.#flows.values()) {
      for (const second of seconds.keys()) if (this.#isForgotten(second)) seconds.delete(second);
      for (const at of slices.keys()) if (at < oldestSlice) slices.delete(at);
    }
  }

  #isForgotten(second: number): boolean {
    return second * 1000 < this.#oldest;
  }

  #oldestSlice(): EpochMs {
    const oldest = Math.min(this.#oldest, ...this.#holds);
    return epochMs(Math.floor(oldest / SLICE_MS) * SLICE_MS);
  }

  #refuseForgotten(from: EpochMs, oldest: EpochMs): void {
    if (from >= oldest) return;
    const expected = `nothing before ${new Date(oldest).toISOString()}, which is no longer kept`;
    throw new GauntletError('defect', [
      { subject: 'live data', expected, got: new Date(from).toISOString() },
    ]);
  }

  #past(flow: string): FlowPast {
    let past = this.#flows.get(flow);
    if (past === undefined) {
      past = { seconds: new Map(), slices: new Map() };
      this.#flows.set(flow, past);
    }
    return past;
  }
}

function secondOf({ seconds }: FlowPast, second: number): LiveSecond {
  let one = seconds.get(second);
  if (one === undefined) {
    one = { due: 0, failed: 0, dropped: 0, responses: [] };
    seconds.set(second, one);
  }
  return one;
}
