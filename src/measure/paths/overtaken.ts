/**
 * Records that were overtaken between two stages. Kafka keeps an order in a partition only, so two records
 * are compared where both were in one partition before and are in one partition after.
 */
import type { PathRecords } from './path-records.ts';

interface Passage {
  readonly flow: string;
  readonly vu: number;
  readonly iteration: number;
  /** Offsets. */
  readonly before: number;
  readonly after: number;
}

/** Of a path: their numbers are below this (see StageTable). */
const PLACES = 2 ** 16;

export const requestKey = (flow: string, vu: number, iteration: number): string =>
  `${flow} ${vu} ${iteration}`;

/** Of a stage after the first: the requests whose record comes behind that of one that was behind them. */
export function overtaken(records: PathRecords, stage: number): ReadonlySet<string> {
  // By the partition before and the one after.
  const ways = new Map<number, Passage[]>();
  for (const flow of records.plan.flows)
    for (const [vu, iteration, { place, offset }] of records.table(stage - 1, flow)?.stays() ?? []) {
      const next = records.table(stage, flow)?.find(vu, iteration);
      if (next === undefined) continue;
      const way = place * PLACES + next.place;
      const passages = ways.get(way) ?? [];
      passages.push({ flow, vu, iteration, before: offset, after: next.offset });
      ways.set(way, passages);
    }
  const found = new Set<string>();
  for (const passages of ways.values()) {
    let furthest = -1;
    for (const { flow, vu, iteration, before } of passages.sort((a, b) => a.after - b.after)) {
      if (before < furthest) found.add(requestKey(flow, vu, iteration));
      furthest = Math.max(furthest, before);
    }
  }
  return found;
}
