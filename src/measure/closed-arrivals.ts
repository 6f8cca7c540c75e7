/**
 * Iterations of a closed executor (constant-vus, ramping-vus, per-vu-iterations, shared-iterations) as
 * arrivals. Each is due when it starts, because nothing else says when a user wanted it: lateness is 0 and
 * response = service. The iterations that a stall prevented do not exist here.
 */
import { type EpochMs, epochMs } from '../core/units.ts';
import type { ArrivalSink, MatchEvidence, ResolvedArrival, Step } from './arrival.ts';
import type { FlowMatcher } from './flow-matcher.ts';

interface Open {
  readonly atNs: number;
  connectUs: number;
  steps?: Step[];
}

export class ClosedArrivals implements FlowMatcher {
  readonly #flow: string;
  readonly #sink: ArrivalSink;
  readonly #baseMs: number;
  readonly #openByVu = new Map<number, Open>();
  #firstNs: number | null = null;
  #watermarkNs = Number.NEGATIVE_INFINITY;
  #isOver = false;
  #events = 0;
  #orphans = 0;

  /** @param baseMs the instant, in epoch ms, at which the given nanoseconds are 0. */
  constructor(flow: string, sink: ArrivalSink, baseMs: number) {
    this.#flow = flow;
    this.#sink = sink;
    this.#baseMs = baseMs;
  }

  started(atNs: number, vu: number): void {
    const before = this.#openByVu.get(vu);
    // A VU runs one iteration at a time: when it starts another, the previous one will never be answered.
    if (before !== undefined) this.#interrupt(before, atNs);
    this.#openByVu.set(vu, { atNs, connectUs: 0 });
    this.#due(atNs, 'started');
  }

  /** k6 tells at the end how many iterations it did not come to: they had waited since the first one. */
  dropped(atNs: number): void {
    const waitedUs = (atNs - (this.#firstNs ?? atNs)) / 1000;
    this.#due(atNs, 'dropped');
    const none = { latenessUs: null, serviceUs: null, connectUs: null };
    this.#resolve(atNs, { kind: 'dropped', ...none, responseUs: Math.max(0, waitedUs), outcome: 'dropped' });
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
    const wholeUs = serviceUs + open.connectUs;
    this.#resolve(open.atNs, {
      ...{ kind: 'completed', latenessUs: 0, serviceUs: wholeUs, responseUs: wholeUs, outcome },
      connectUs: open.connectUs > 0 ? open.connectUs : null,
      ...(open.steps && { steps: open.steps }),
    });
  }

  advance(watermarkNs: number): void {
    this.#watermarkNs = Math.max(this.#watermarkNs, watermarkNs);
  }

  finish(endNs: number): void {
    for (const open of this.#openByVu.values()) this.#interrupt(open, Math.max(endNs, open.atNs));
    this.#openByVu.clear();
    this.#watermarkNs = Math.max(this.#watermarkNs, endNs);
    this.#isOver = true;
  }

  settledUntil(): EpochMs {
    if (this.#isOver) return this.#epoch(Number.POSITIVE_INFINITY);
    const opened = [...this.#openByVu.values()].map((open) => open.atNs);
    return this.#epoch(Math.min(this.#knownUntilNs(), ...opened));
  }

  unresolved(): EpochMs[] {
    return [...this.#openByVu.values()].map((open) => this.#epoch(open.atNs));
  }

  rankedUntil(): EpochMs {
    return this.#epoch(this.#knownUntilNs());
  }

  evidence(): MatchEvidence {
    const none = { stragglers: 0, early: 0, earliestNs: 0, surplus: 0 };
    return { startNs: this.#firstNs, events: this.#events, orphans: this.#orphans, ...none };
  }

  #knownUntilNs(): number {
    return this.#firstNs === null ? Number.NEGATIVE_INFINITY : this.#watermarkNs;
  }

  #due(atNs: number, how: 'started' | 'dropped'): void {
    this.#events += 1;
    this.#firstNs = Math.min(this.#firstNs ?? atNs, atNs);
    this.#sink.due(this.#flow, this.#epoch(atNs), how);
  }

  #interrupt(open: Open, goneNs: number): void {
    this.#resolve(open.atNs, {
      ...{ kind: 'interrupted', latenessUs: 0, serviceUs: null, connectUs: null, outcome: 'interrupted' },
      responseUs: (goneNs - open.atNs) / 1000,
      ...(open.steps && { steps: open.steps }),
    });
  }

  #resolve(atNs: number, arrival: Omit<ResolvedArrival, 'flow' | 'dueAt'>): void {
    this.#sink.resolved({ flow: this.#flow, dueAt: this.#epoch(atNs), ...arrival });
  }

  #epoch(ns: number): EpochMs {
    return epochMs(this.#baseMs + ns / 1e6);
  }
}
