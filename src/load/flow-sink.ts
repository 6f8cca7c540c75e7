/**
 * The destination of the arrivals of all flows: the meter (stored) and the live windows (for queries during
 * the run).
 */

import type { LiveFlow } from '../core/live-flow.ts';
import type { EpochMs, Ms } from '../core/units.ts';
import type { ArrivalSink, ResolvedArrival } from '../measure/arrival.ts';
import { LiveWindow, type Windowed } from '../measure/live-window.ts';
import { Meter } from '../measure/meter.ts';
import { AnswerLog } from './answer-log.ts';

export class FlowSink implements ArrivalSink {
  readonly meter = new Meter();
  readonly answers = new AnswerLog();
  readonly #windows = new Map<string, LiveWindow>();
  readonly #keep: Ms;

  /** @param keep the longest window that will be queried. */
  constructor(keep: Ms) {
    this.#keep = keep;
  }

  due(flow: string, dueAt: EpochMs, how: 'started' | 'dropped'): void {
    this.meter.due(flow, dueAt, how);
    this.window(flow).due(dueAt, how);
  }

  resolved(arrival: ResolvedArrival): void {
    this.meter.resolved(arrival);
    this.answers.resolved(arrival);
    this.window(arrival.flow).resolved(arrival);
  }

  window(flow: string): LiveWindow {
    let window = this.#windows.get(flow);
    if (window === undefined) {
      window = new LiveWindow(this.#keep);
      this.#windows.set(flow, window);
    }
    return window;
  }
}

/** The last seconds of a flow for the live view, without the drops of the whole run. */
export function liveFlow(flow: string, window: Windowed, width: Ms): Omit<LiveFlow, 'droppedTotal'> {
  const inMs = (quantile: number): number | null => {
    const value = window.quantileUs(quantile);
    return value === null ? null : value / 1000;
  };
  return {
    flow,
    dueRate: (window.due * 1000) / width,
    attainedRate: (window.started * 1000) / width,
    p50: inMs(0.5),
    p95: inMs(0.95),
    p99: inMs(0.99),
    failedRatio: window.due === 0 ? null : window.bad / window.due,
  };
}
