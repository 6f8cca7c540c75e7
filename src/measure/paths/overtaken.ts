/**
 * Records that were overtaken between two stages. Kafka keeps an order in a partition only, so two records
 * are compared where both were in one partition before and are in one partition after.
 */
import type { PathRecords } from './path-records.ts';
import { cameAt, type StageColumns } from './stage-table.ts';

interface Passage {
  readonly flow: string;
  readonly vu: number;
  readonly iteration: number;
  /** Its offset. */
  readonly before: number;
}

/** Of a path: their numbers are below this (see StageTable). */
const PLACES = 2 ** 16;

export const requestKey = (flow: string, vu: number, iteration: number): string =>
  `${flow} ${vu} ${iteration}`;

/** Of a stage after the first: the requests whose record comes behind that of one that was behind them. */
export function overtaken(records: PathRecords, stage: number): ReadonlySet<string> {
  const found = new Set<string>();
  for (const passages of waysInto(records, stage).values()) {
    let furthest = -1;
    for (const after of new Float64Array([...passages.keys()]).sort()) {
      const { flow, vu, iteration, before } = passages.get(after) as Passage;
      if (before < furthest) found.add(requestKey(flow, vu, iteration));
      else furthest = before;
    }
  }
  return found;
}

/** By the partition before and the one after: by the offset that it has there, what went that way. */
type Ways = Map<number, Map<number, Passage>>;

function waysInto(records: PathRecords, stage: number): Ways {
  const ways: Ways = new Map();
  for (const flow of records.plan.flows)
    for (const [vu, before] of records.table(stage - 1, flow)?.vus() ?? []) {
      const after = records.table(stage, flow)?.columns(vu);
      if (after) gather(ways, { flow, vu, before, after });
    }
  return ways;
}

interface Step {
  readonly flow: string;
  readonly vu: number;
  readonly before: StageColumns;
  readonly after: StageColumns;
}

function gather(ways: Ways, { flow, vu, before, after }: Step): void {
  for (let iteration = 0; iteration < before.at.length; iteration += 1) {
    if (cameAt(before, iteration) === undefined || cameAt(after, iteration) === undefined) continue;
    const way = (before.place[iteration] ?? 0) * PLACES + (after.place[iteration] ?? 0);
    let passages = ways.get(way);
    if (passages === undefined) {
      passages = new Map();
      ways.set(way, passages);
    }
    const passage = { flow, vu, iteration, before: before.offset[iteration] ?? 0 };
    passages.set(after.offset[iteration] ?? 0, passage);
  }
}
