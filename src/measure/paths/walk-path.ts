/**
 * Each request of a path with what became of it, stage by stage: what counts, times and recoveries are made
 * of.
 */
import type { IterationTable } from '../records/iteration-table.ts';
import { type Fate, Fates } from './fates.ts';
import { overtaken, requestKey } from './overtaken.ts';
import type { PathRecords } from './path-records.ts';

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
  const { flows, stages } = records.plan;
  const fates = new Fates(records, records.until ?? 0);
  const orders = stages.map((_, stage) => (stage === 0 ? new Set<string>() : overtaken(records, stage)));
  const isOvertaken = orders.some((one) => one.size > 0);
  for (const flow of flows)
    for (const { vu, iteration, dueAt, outcome } of requests(flow)?.requests() ?? []) {
      const stays = records.staysOf(flow, vu, iteration);
      const last = stays.findLastIndex((one) => one !== undefined);
      if (last < 0 && outcome !== GOOD) continue;
      const key = isOvertaken ? requestKey(flow, vu, iteration) : '';
      const atStages = stays.map((stay, stage): AtStage => {
        const before = stays[stage - 1];
        return {
          fate: stay ? 'arrived' : fateOf(stage),
          isEnd: stay !== undefined && (stay.isLast || stage === stages.length - 1),
          isDuplicated: (stay?.again ?? 0) > 0,
          isReordered: isOvertaken && (orders[stage]?.has(key) ?? false),
          since: stage === 0 ? dueAt : before?.at,
          at: stay?.at,
        };
      });
      yield { flow, vu, iteration, dueAt, stages: atStages };

      function fateOf(stage: number): StageFate {
        // A later record shows that there was one, and it is gone; so does the promise of a good answer.
        if (stage < last) return stage > 0 || outcome === GOOD ? 'lost' : 'not-expected';
        if (stage === 0) return 'lost';
        const stay = stays[last];
        if (stay === undefined || stage > last + 1 || stay.isLast) return 'not-expected';
        return fates.of(last, stay);
      }
    }
}
