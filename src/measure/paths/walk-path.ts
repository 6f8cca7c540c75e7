/**
 * Each request of a path with what became of it, stage by stage: what counts, times and recoveries are made
 * of.
 */
import type { IterationTable } from '../records/iteration-table.ts';
import { type Fate, Fates } from './fates.ts';
import { overtaken, requestKey } from './overtaken.ts';
import type { PathRecords } from './path-records.ts';
import { cameAt, lastStage, type StageColumns } from './stage-table.ts';

export type StageFate = 'arrived' | Fate | 'not-expected';

export interface AtStage {
  readonly fate: StageFate;
  /** Its record is the last one of its request, or the stage is. */
  readonly isEnd: boolean;
  readonly isDuplicated: boolean;
  readonly isReordered: boolean;
  /** When it was at the stage before; of the first stage when it was due. Undefined: it is not known. */
  readonly since: number | undefined;
  /** Of its record here. */
  readonly at: number | undefined;
}

export interface Followed {
  readonly flow: string;
  readonly vu: number;
  readonly iteration: number;
  readonly dueAt: number;
  readonly stages: readonly AtStage[];
}

const GOOD = 0;

/**
 * @param requests of a flow, with their ends. Requests without a good answer and without a record are left
 * out.
 */
export function* walkPath(
  records: PathRecords,
  requests: (flow: string) => IterationTable | undefined,
): Generator<Followed> {
  const { flows, stages: planned } = records.plan;
  const fates = new Fates(records, records.until ?? 0);
  const orders = planned.map((_, stage) => (stage === 0 ? new Set<string>() : overtaken(records, stage)));
  // Where the services keep the order, no key is made for each request.
  const isOvertaken = orders.some((one) => one.size > 0);
  for (const flow of flows)
    for (const [vu, { due, outcome, length }] of requests(flow)?.vus() ?? []) {
      const columns = records.columnsOf(flow, vu);
      for (let iteration = 0; iteration < length; iteration += 1) {
        const dueAt = due[iteration] ?? Number.NaN;
        const isGood = outcome[iteration] === GOOD;
        const last = lastStage(columns, iteration);
        if (Number.isNaN(dueAt) || (last < 0 && !isGood)) continue;
        const atStages = stagesOf({ columns, iteration, last, isGood, dueAt }, fates);
        const stages = isOvertaken ? withOrder(atStages, orders, requestKey(flow, vu, iteration)) : atStages;
        yield { flow, vu, iteration, dueAt, stages };
      }
    }
}

interface Request {
  /** Of its VU, by stage. */
  readonly columns: readonly (StageColumns | undefined)[];
  readonly iteration: number;
  /** See lastStage. */
  readonly last: number;
  readonly isGood: boolean;
  readonly dueAt: number;
}

function stagesOf(request: Request, fates: Fates): AtStage[] {
  const { columns, iteration, dueAt } = request;
  const stages: AtStage[] = [];
  let since: number | undefined = dueAt;
  for (let stage = 0; stage < columns.length; stage += 1) {
    const own = columns[stage];
    const at = cameAt(own, iteration);
    stages.push({
      fate: at === undefined ? fateOf(request, stage, fates) : 'arrived',
      isEnd: at !== undefined && (own?.isLast[iteration] === 1 || stage === columns.length - 1),
      isDuplicated: at !== undefined && (own?.again[iteration] ?? 0) > 0,
      isReordered: false,
      since,
      at,
    });
    since = at;
  }
  return stages;
}

/** Of a request that has no record at a stage. */
function fateOf({ columns, iteration, last, isGood }: Request, stage: number, fates: Fates): StageFate {
  // A later record shows that there was one, and it is gone; so does the promise of a good answer.
  if (stage < last) return stage > 0 || isGood ? 'lost' : 'not-expected';
  if (stage === 0) return 'lost';
  const before = columns[last];
  if (before === undefined || stage > last + 1 || before.isLast[iteration] === 1) return 'not-expected';
  return fates.of(last, before, iteration);
}

const withOrder = (
  stages: readonly AtStage[],
  orders: readonly ReadonlySet<string>[],
  key: string,
): readonly AtStage[] =>
  stages.map((one, stage) => ({ ...one, isReordered: orders[stage]?.has(key) ?? false }));
