/**
 * What became of a request that has no record at a stage. A log shows no consumer, but it shows what came out
 * behind it: where a record that was behind this one in its partition came on, the service has passed it
 * over, and it is lost; where nothing at all has come on for as long as a request may stay, it is stuck.
 * Whatever came out lately shows a service that is slow, which may serve one partition after another: its
 * requests are waiting.
 */
import type { PathRecords } from './path-records.ts';
import { cameAt, lastStage, type StageColumns } from './stage-table.ts';

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
  /** By stage, once something is missing behind it: in most runs nothing is. */
  readonly #outs = new Map<number, Outs>();

  /** @param until epoch ms: what the logs had then is known. */
  constructor(records: PathRecords, until: number) {
    this.#records = records;
    this.#until = until;
  }

  /**
   * @param stage where the last record is that is known of it; not the last stage. @param columns of its VU
   * there.
   */
  of(stage: number, columns: StageColumns, iteration: number): Fate {
    const { withinMs } = this.#records.plan;
    if (this.#until - (columns.at[iteration] ?? 0) < withinMs) return 'waiting';
    const outs = this.#outsOf(stage);
    const furthest = outs.furthest.get(columns.place[iteration] ?? 0) ?? -1;
    if (furthest > (columns.offset[iteration] ?? 0)) return 'lost';
    return this.#until - outs.last < withinMs ? 'waiting' : 'stuck';
  }

  /** How many requests may still come on. */
  waiting(): number {
    const { stages, flows } = this.#records.plan;
    let count = 0;
    for (const [stage] of stages.slice(1).entries())
      for (const flow of flows)
        for (const [vu, columns] of this.#records.table(stage, flow)?.vus() ?? [])
          count += this.#waitingIn(columns, stage, this.#records.columnsOf(flow, vu));
    return count;
  }

  /** Of one VU. @param all its columns by stage. */
  #waitingIn(columns: StageColumns, stage: number, all: readonly (StageColumns | undefined)[]): number {
    let count = 0;
    for (let one = 0; one < columns.at.length; one += 1) {
      if (cameAt(columns, one) === undefined || columns.isLast[one] === 1) continue;
      if (lastStage(all, one) === stage && this.of(stage, columns, one) === 'waiting') count += 1;
    }
    return count;
  }

  #outsOf(stage: number): Outs {
    const known = this.#outs.get(stage);
    if (known) return known;
    const made = outsOf(this.#records, stage);
    this.#outs.set(stage, made);
    return made;
  }
}

function outsOf(records: PathRecords, stage: number): Outs {
  const furthest = new Map<number, number>();
  let last = 0;
  for (const flow of records.plan.flows)
    for (const [vu, { at, place, offset }] of records.table(stage, flow)?.vus() ?? []) {
      const next = records.table(stage + 1, flow)?.columns(vu);
      if (next === undefined) continue;
      for (let one = 0; one < at.length; one += 1) {
        const came = cameAt(next, one);
        if (came === undefined || Number.isNaN(at[one])) continue;
        const partition = place[one] ?? 0;
        const own = offset[one] ?? 0;
        if (own > (furthest.get(partition) ?? -1)) furthest.set(partition, own);
        if (came > last) last = came;
      }
    }
  return { furthest, last };
}
