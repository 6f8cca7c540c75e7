/**
 * What became of a request that has no record at a stage. A log shows no consumer, but it shows what came out
 * behind it: where a record that was behind this one in its partition came on, the service has passed it
 * over, and it is lost; where nothing at all has come on for as long as a request may stay, it is stuck.
 * Whatever came out lately shows a service that is slow, which may serve one partition after another: its
 * requests are waiting.
 */
import type { PathRecords } from './path-records.ts';
import type { Stay } from './stage-table.ts';

export type Fate = 'lost' | 'stuck' | 'waiting';

interface Outs {
  /** By partition, the highest offset of a record that came on. */
  readonly furthest: ReadonlyMap<number, number>;
  /** When the last one came on. */
  readonly last: number;
}

export class Fates {
  readonly #records: PathRecords;
  readonly #until: number;
  /** By stage. */
  readonly #outs: readonly Outs[];

  /** @param until epoch ms: what the logs had then is known. */
  constructor(records: PathRecords, until: number) {
    this.#records = records;
    this.#until = until;
    this.#outs = records.plan.stages.slice(1).map((_, stage) => outsOf(records, stage));
  }

  /** @param stay the last record that is known of it. @param stage where that is; not the last one. */
  of(stage: number, stay: Stay): Fate {
    const { withinMs } = this.#records.plan;
    if (this.#until - stay.at < withinMs) return 'waiting';
    const outs = this.#outs[stage];
    if ((outs?.furthest.get(stay.place) ?? -1) > stay.offset) return 'lost';
    return this.#until - (outs?.last ?? 0) < withinMs ? 'waiting' : 'stuck';
  }

  /** How many requests may still come on. */
  waiting(): number {
    const { stages, flows } = this.#records.plan;
    let count = 0;
    for (const [stage] of stages.slice(1).entries())
      for (const flow of flows)
        for (const [vu, iteration, stay] of this.#records.table(stage, flow)?.stays() ?? []) {
          if (stay.isLast || this.of(stage, stay) !== 'waiting') continue;
          const later = this.#records.staysOf(flow, vu, iteration).slice(stage + 1);
          if (later.every((one) => one === undefined)) count += 1;
        }
    return count;
  }
}

function outsOf(records: PathRecords, stage: number): Outs {
  const furthest = new Map<number, number>();
  let last = 0;
  for (const flow of records.plan.flows)
    for (const [vu, iteration, { place, offset }] of records.table(stage, flow)?.stays() ?? []) {
      const next = records.table(stage + 1, flow)?.find(vu, iteration);
      if (next === undefined) continue;
      furthest.set(place, Math.max(furthest.get(place) ?? -1, offset));
      last = Math.max(last, next.at);
    }
  return { furthest, last };
}
