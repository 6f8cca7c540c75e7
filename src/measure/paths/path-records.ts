/**
 * The records of one path as they are read: a table for each stage and flow. Pure; lines come in any order.
 */
import { type PathPlan, STAGE_NUMBERS, type StageRow } from '../../core/paths.ts';
import { MOST_ITERATIONS } from '../records/iteration-table.ts';
import { type StageColumns, StageTable } from './stage-table.ts';

const MOST_VUS = 1_000_000;

export class PathRecords {
  readonly plan: PathPlan;
  readonly #bit: number;
  readonly #stages: readonly ReadonlyMap<string, StageTable>[];
  readonly #stageOf: ReadonlyMap<string, readonly number[]>;
  readonly #places = new Map<string, number>();
  /** Of topics in which a request has several records: which of them were seen. */
  readonly #seen = new Set<string>();
  readonly #open: string[] = [];
  #until: number | undefined;

  /** @param index of the path in the plan. */
  constructor(plan: PathPlan, index: number) {
    this.plan = plan;
    this.#bit = 2 ** index;
    this.#stages = plan.stages.map(() => new Map(plan.flows.map((flow) => [flow, new StageTable()])));
    const stageOf = new Map<string, number[]>();
    for (const [stage, { topics }] of plan.stages.entries())
      for (const { name } of topics) stageOf.set(name, [...(stageOf.get(name) ?? []), stage]);
    this.#stageOf = stageOf;
  }

  /** The instant at which the logs ended where they were read to; undefined: they were not. */
  get until(): number | undefined {
    return this.#until;
  }

  get open(): readonly string[] {
    return [
      ...this.#open,
      ...(this.#until === undefined && this.#open.length === 0
        ? ['the run ended before it read the records of its paths']
        : []),
    ];
  }

  /** @returns why the line is none of this run; null: it is one. */
  row(row: StageRow): string | null {
    if (row.kind === 'open') this.#open.push(row.why);
    if (row.kind === 'until') this.#until = Math.max(this.#until ?? 0, row.at);
    if (row.kind !== 'read') return null;
    for (const stage of this.#stageOf.get(row.topic) ?? [])
      for (const [flow, numbers] of Object.entries(row.own)) {
        const table = this.#stages[stage]?.get(flow);
        if (numbers.length % STAGE_NUMBERS !== 0) return 'its numbers are not six a record';
        // Another path may have it.
        if (table === undefined) continue;
        const why = this.#read(table, stage, flow, row, numbers);
        if (why !== null) return why;
      }
    return null;
  }

  table(stage: number, flow: string): StageTable | undefined {
    return this.#stages[stage]?.get(flow);
  }

  /** What is known of the requests of one VU, stage by stage. */
  columnsOf(flow: string, vu: number): readonly (StageColumns | undefined)[] {
    return this.#stages.map((one) => one.get(flow)?.columns(vu));
  }

  #read(
    table: StageTable,
    stage: number,
    flow: string,
    { topic, partition }: Extract<StageRow, { kind: 'read' }>,
    numbers: readonly number[],
  ): string | null {
    const place = this.#placeOf(`${topic}/${partition}`);
    for (let from = 0; from < numbers.length; from += STAGE_NUMBERS) {
      const vu = numbers[from] ?? 0;
      const iteration = numbers[from + 1] ?? 0;
      if (!(vu >= 0 && vu <= MOST_VUS && iteration >= 0 && iteration < MOST_ITERATIONS))
        return `${vu}, ${iteration} is no request of this run`;
      const mark = numbers[from + 4] ?? 0;
      table.add(vu, iteration, {
        place,
        offset: numbers[from + 2] ?? 0,
        at: numbers[from + 3] ?? 0,
        isOther: mark !== 0 && this.#isNew(`${stage} ${flow} ${vu} ${iteration} ${mark}`),
        isLast: Math.floor((numbers[from + 5] ?? 0) / this.#bit) % 2 === 1,
      });
    }
    return null;
  }

  #isNew(key: string): boolean {
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    return true;
  }

  #placeOf(name: string): number {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    this.#places.set(name, this.#places.size);
    return this.#places.size - 1;
  }
}
