/** Running totals per flow: six numbers each, for the ledger at the end. */
import type { Ledger } from '../core/result.ts';
import type { CountIncrement } from '../core/samples.ts';
import { balance, type ExpectedDue } from '../measure/ledger.ts';

interface Running {
  due: number;
  started: number;
  dropped: number;
  completed: number;
  interrupted: number;
  stale: number;
}

export class TotalsByFlow {
  readonly #flows = new Map<string, Running>();

  add(increments: readonly CountIncrement[]): void {
    for (const one of increments) {
      const total = this.#flow(one.flow);
      total.due += one.due;
      total.started += one.started;
      total.dropped += one.dropped;
      total.completed += one.completed;
      total.interrupted += one.interrupted;
      total.stale += one.stale ?? 0;
    }
  }

  ledger(flow: string, expected: ExpectedDue | undefined, problems: readonly string[]): Ledger {
    return balance(this.#flow(flow), expected, problems);
  }

  /** Arrivals for which no VU was free, so far. */
  dropped(flow: string): number {
    return this.#flows.get(flow)?.dropped ?? 0;
  }

  #flow(flow: string): Running {
    let total = this.#flows.get(flow);
    if (total === undefined) {
      total = { due: 0, started: 0, dropped: 0, completed: 0, interrupted: 0, stale: 0 };
      this.#flows.set(flow, total);
    }
    return total;
  }
}
