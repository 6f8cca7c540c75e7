/**
 * How many instances of each service are ready, as every change with its instant: a caller that asks now and
 * then misses none. The supervisor's own events, so that nothing is sampled.
 */
import type { Clock } from '../../../../src/core/clock.ts';
import type { ReadyChange, ReadyChanges } from '../../../../src/system/sandbox/ready-changes.ts';
import type { Instance } from './instance.ts';

/** Of a service that flaps twice a second, the changes of an hour. */
const KEPT = 10_000;

export class ReadyLog {
  readonly #clock: Clock;
  readonly #instances: () => readonly Instance[];
  readonly #changes = new Map<string, ReadyChange[]>();
  /** Changes of each service that are not kept any more. */
  readonly #dropped = new Map<string, number>();

  /** @param instances all there are now; called again for each question. */
  constructor(instances: () => readonly Instance[], clock: Clock) {
    this.#instances = instances;
    this.#clock = clock;
  }

  /** To be called at each change of an instance. */
  changed(service: string): void {
    const ready = this.#instances().filter((one) => one.spec.service === service && one.ready).length;
    const changes = this.#changes.get(service) ?? [];
    this.#changes.set(service, changes);
    if (changes.at(-1)?.ready === ready) return;
    changes.push({ at: this.#clock.now(), ready });
    if (changes.length <= KEPT) return;
    changes.shift();
    this.#dropped.set(service, (this.#dropped.get(service) ?? 0) + 1);
  }

  /** The changes after so many; 0: the present number alone, as the first one. */
  since(service: string, seen: number): ReadyChanges {
    const changes = this.#changes.get(service) ?? [];
    const dropped = this.#dropped.get(service) ?? 0;
    const count = dropped + changes.length;
    const from = seen === 0 ? Math.max(0, count - 1) : seen;
    return {
      changes: changes.slice(Math.max(0, from - dropped)),
      seen: count,
      missed: Math.max(0, dropped - from),
      now: this.#clock.now(),
    };
  }
}
