/**
 * Assigns every start and every drop of one k6 executor its due time, by rank. The executor's loop is
 * sequential and each tick yields exactly one event, so the k-th event in time order is tick k, however late.
 * Times are nanoseconds relative to one base instant chosen by the caller (exact in a double for 100 days).
 */
import { STALE } from '../core/outcomes.ts';
import { type EpochMs, epochMs } from '../core/units.ts';
import type { ArrivalSink, MatchEvidence } from './arrival.ts';
import type { FlowMatcher } from './flow-matcher.ts';
import { iterationOf, type Open, type Waiting } from './open-arrival.ts';
import type { Ticks } from './schedule.ts';

/**
 * How long events are collected before the start of the schedule is fixed. The start is the lower envelope
 * min over k of (event k − offset k). It is late by the least delay of any of these events (timer, hand-over
 * to the VU, first lines of JavaScript: about 0.1 ms), and lateness is under-reported by exactly that much.
 */
export const FIT_NS = 3e9;
/**
 * An event earlier than its tick by less than this is noise of the fit; a lost start differs by a whole
 * period.
 */
const EARLY_NS = 2e6;

export class ArrivalMatcher implements FlowMatcher {
  readonly #flow: string;
  readonly #ticks: Ticks;
  readonly #sink: ArrivalSink;
  readonly #baseMs: number;
  readonly #openByVu = new Map<number, Open>();
  #waiting: Waiting[] = [];
  /** Drops whose bound is not known yet: the next start of this executor shows that a VU was free. */
  #drops: number[] = [];
  #startNs: number | null = null;
  #rank = 0;
  #lastRankedNs = Number.NEGATIVE_INFINITY;
  #watermarkNs = Number.NEGATIVE_INFINITY;
  #overNs: number | null = null;
  #stragglers = 0;
  #early = 0;
  #earliestNs = 0;
  #orphans = 0;
  #surplus = 0;

  /** @param baseMs the instant, in epoch ms, at which the given nanoseconds are 0. */
  constructor(flow: string, ticks: Ticks, sink: ArrivalSink, baseMs: number) {
    this.#flow = flow;
    this.#ticks = ticks;
    this.#sink = sink;
    this.#baseMs = baseMs;
  }

  /** @param vu in this process; in the whole test where several share the load. */
  started(atNs: number, vu: number, iteration = Number.NaN): void {
    const before = this.#openByVu.get(vu);
    // A VU runs one iteration at a time: when it starts another, the previous one will never be answered.
    if (before !== undefined) this.#giveUp(before, atNs);
    const open: Open = {
      atNs,
      vu,
      iteration,
      dueNs: Number.NaN,
      state: 'open',
      serviceUs: 0,
      connectUs: 0,
      outcome: '',
      goneNs: 0,
    };
    this.#openByVu.set(vu, open);
    this.#enqueue({ atNs, open });
  }

  dropped(atNs: number): void {
    this.#enqueue({ atNs, open: null });
  }

  connected(vu: number, tookUs: number): void {
    const open = this.#openByVu.get(vu);
    if (open !== undefined) open.connectUs += tookUs;
  }

  stepped(vu: number, serviceUs: number, name: string): void {
    const open = this.#openByVu.get(vu);
    if (open === undefined) return;
    open.steps ??= [];
    open.steps.push({ name, serviceUs });
  }

  answered(vu: number, serviceUs: number, outcome: string): void {
    const open = this.#openByVu.get(vu);
    if (open === undefined) {
      this.#orphans += 1;
      return;
    }
    this.#openByVu.delete(vu);
    open.state = 'answered';
    open.serviceUs = serviceUs + open.connectUs;
    open.outcome = outcome;
    if (!Number.isNaN(open.dueNs)) this.#complete(open);
  }

  /** Ranks every event up to the watermark: an instant before which no more events are expected. */
  advance(watermarkNs: number): void {
    this.#watermarkNs = Math.max(this.#watermarkNs, watermarkNs);
    const first = this.#waiting[0];
    if (first === undefined) return;
    if (this.#startNs === null) {
      if (watermarkNs < first.atNs + FIT_NS) return;
      this.#startNs = this.#fit(first.atNs + FIT_NS);
    }
    let done = 0;
    for (const event of this.#waiting) {
      if (event.atNs > watermarkNs) break;
      this.#rankNext(event, this.#startNs);
      done += 1;
    }
    if (done > 0) this.#waiting = this.#waiting.slice(done);
  }

  /**
   * The executor has ended: ranks the remaining events. Arrivals without an answer by `endNs` are
   * interrupted, or dropped until then.
   */
  finish(endNs: number): void {
    this.advance(Number.POSITIVE_INFINITY);
    for (const open of this.#openByVu.values()) this.#giveUp(open, Math.max(endNs, open.atNs));
    this.#openByVu.clear();
    this.#resolveDrops(endNs);
    this.#overNs = endNs;
  }

  /**
   * Every arrival that was due before this instant is resolved; Infinity once the executor has ended, because
   * nothing more is due.
   */
  settledUntil(): EpochMs {
    if (this.#overNs !== null) return this.#epoch(Number.POSITIVE_INFINITY);
    let settled = this.#rankedUntilNs();
    for (const open of this.#openByVu.values()) if (open.dueNs < settled) settled = open.dueNs;
    for (const due of this.#drops) if (due < settled) settled = due;
    return this.#epoch(settled);
  }

  /** Due times of arrivals that have no end yet. */
  unresolved(): EpochMs[] {
    const dues = [...this.#drops];
    for (const open of this.#openByVu.values()) if (!Number.isNaN(open.dueNs)) dues.push(open.dueNs);
    return dues.map((due) => this.#epoch(due));
  }

  /**
   * Every arrival due before this instant is known, though perhaps not resolved. -Infinity before the fit.
   */
  rankedUntil(): EpochMs {
    return this.#epoch(this.#rankedUntilNs());
  }

  evidence(): MatchEvidence {
    return {
      startNs: this.#startNs,
      events: this.#rank + this.#waiting.length,
      stragglers: this.#stragglers,
      early: this.#early,
      earliestNs: this.#earliestNs,
      orphans: this.#orphans,
      surplus: this.#surplus,
    };
  }

  /**
   * The next tick may be overdue, with an event that is late or still in transit: nothing after it is
   * certain.
   */
  #rankedUntilNs(): number {
    if (this.#overNs !== null) return this.#overNs;
    if (this.#startNs === null) return Number.NEGATIVE_INFINITY;
    return Math.min(this.#watermarkNs, this.#startNs + this.#ticks.offsetNs(this.#rank));
  }

  #enqueue(event: Waiting): void {
    if (event.atNs < this.#lastRankedNs) this.#stragglers += 1;
    const queue = this.#waiting;
    let place = queue.length;
    // Nearly sorted on arrival (k6 forwards samples in batches of 50 ms): at most a few steps back.
    while (place > 0 && (queue[place - 1]?.atNs ?? 0) > event.atNs) place -= 1;
    if (place === queue.length) queue.push(event);
    else queue.splice(place, 0, event);
  }

  #fit(untilNs: number): number {
    let start = Number.POSITIVE_INFINITY;
    this.#waiting.forEach((event, rank) => {
      if (event.atNs <= untilNs) start = Math.min(start, event.atNs - this.#ticks.offsetNs(rank));
    });
    return start;
  }

  #rankNext(event: Waiting, startNs: number): void {
    const offset = this.#ticks.offsetNs(this.#rank);
    const dueNs = Number.isFinite(offset) ? startNs + offset : event.atNs;
    if (!Number.isFinite(offset)) this.#surplus += 1;
    this.#noteEarly(event.atNs - dueNs);
    this.#rank += 1;
    this.#lastRankedNs = Math.max(this.#lastRankedNs, event.atNs);
    this.#sink.due(this.#flow, this.#epoch(dueNs), event.open === null ? 'dropped' : 'started');
    if (event.open === null) {
      this.#drops.push(dueNs);
      return;
    }
    this.#resolveDrops(event.atNs);
    event.open.dueNs = dueNs;
    if (event.open.state === 'answered') this.#complete(event.open);
    else if (event.open.state === 'gone') this.#interrupt(event.open);
  }

  #noteEarly(latenessNs: number): void {
    const period = this.#ticks.offsetNs(this.#rank + 1) - this.#ticks.offsetNs(this.#rank);
    const allowed = Math.max(EARLY_NS, Number.isFinite(period) ? period / 2 : 0);
    if (latenessNs >= -allowed) return;
    this.#early += 1;
    this.#earliestNs = Math.max(this.#earliestNs, -latenessNs);
  }

  #resolveDrops(freeNs: number): void {
    for (const dueNs of this.#drops) {
      const responseUs = Math.max(0, (freeNs - dueNs) / 1000);
      this.#sink.resolved({
        flow: this.#flow,
        dueAt: this.#epoch(dueNs),
        kind: 'dropped',
        latenessUs: null,
        serviceUs: null,
        connectUs: null,
        responseUs,
        outcome: 'dropped',
      });
    }
    this.#drops = [];
  }

  #giveUp(open: Open, goneNs: number): void {
    open.state = 'gone';
    open.goneNs = goneNs;
    if (!Number.isNaN(open.dueNs)) this.#interrupt(open);
  }

  #interrupt(open: Open): void {
    this.#sink.resolved({
      flow: this.#flow,
      dueAt: this.#epoch(open.dueNs),
      kind: 'interrupted',
      latenessUs: Math.max(0, (open.atNs - open.dueNs) / 1000),
      serviceUs: null,
      connectUs: null,
      ...(open.steps && { steps: open.steps }),
      responseUs: Math.max(0, (open.goneNs - open.dueNs) / 1000),
      outcome: 'interrupted',
      ...iterationOf(open),
    });
  }

  #complete(open: Open): void {
    // Within the noise of the fit an event can precede its tick slightly: it was on time.
    const latenessUs = Math.max(0, (open.atNs - open.dueNs) / 1000);
    const isStale = open.outcome === STALE;
    this.#sink.resolved({
      flow: this.#flow,
      dueAt: this.#epoch(open.dueNs),
      kind: isStale ? 'stale' : 'completed',
      latenessUs,
      serviceUs: isStale ? null : open.serviceUs,
      connectUs: open.connectUs > 0 && !isStale ? open.connectUs : null,
      ...(open.steps && { steps: open.steps }),
      responseUs: latenessUs + open.serviceUs,
      outcome: open.outcome,
      ...iterationOf(open),
    });
  }

  #epoch(ns: number): EpochMs {
    return epochMs(this.#baseMs + ns / 1e6);
  }
}
