/**
 * The ledger of records: the end of each request against what was committed. Pure; from the lines of two
 * files, in any order of each.
 */

import type { AnswerIncrement, PartitionRecords, RecordRow } from '../../core/records.ts';
import { iterationId, type RecordCounts, type RecordsResult, type RunOfIds } from '../../core/records.ts';
import type { Phase } from '../../core/result.ts';
import { phaseAt } from '../phase-at.ts';
import { IterationTable, MOST_ITERATIONS } from './iteration-table.ts';

/** Enough to look some of them up. */
const SHOWN_IDS = 10;
const GOOD = 0;
/** Outcomes have a byte; a script with more words shares the last one. */
const LAST_OUTCOME = 255;
const MOST_VUS = 1_000_000;

export interface FollowedFlow {
  readonly flow: string;
  readonly executor: string;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

export class RecordMatcher {
  readonly #run: RunOfIds;
  readonly #flows: readonly FollowedFlow[];
  readonly #tables: ReadonlyMap<string, IterationTable>;
  readonly #outcomes: string[] = ['ok'];
  readonly #partitions = new Map<string, Mutable<PartitionRecords>>();
  readonly #open: string[] = [];
  #unknown = 0;
  #hasRead = false;

  constructor(run: RunOfIds, flows: readonly FollowedFlow[]) {
    this.#run = run;
    this.#flows = flows;
    this.#tables = new Map(flows.map(({ flow }) => [flow, new IterationTable()]));
  }

  /** The requests of a flow; undefined: its records are not followed. */
  requestsOf(flow: string): IterationTable | undefined {
    return this.#tables.get(flow);
  }

  /** All of them, before the first record. @returns why the line is none of this run; null: it is one. */
  answers({ flow, second, good, bad }: AnswerIncrement): string | null {
    const table = this.#tables.get(flow);
    if (table === undefined) return `flow ${flow} has no records that are followed`;
    const ends = [
      [GOOD, good] as const,
      ...Object.entries(bad).map(([w, t]) => [this.#numberOf(w), t] as const),
    ];
    for (const [outcome, triples] of ends) {
      if (triples.length % 3 !== 0) return 'its numbers are not triples';
      for (let at = 0; at < triples.length; at += 3) {
        const vu = triples[at] ?? 0;
        const iteration = triples[at + 1] ?? 0;
        const ms = triples[at + 2] ?? 0;
        if (vu > MOST_VUS || iteration >= MOST_ITERATIONS || ms >= 1000)
          return `${vu}, ${iteration}, ${ms} is no request of this run`;
        table.end(vu, iteration, second * 1000 + ms, outcome);
      }
    }
    return null;
  }

  /** @returns as `answers`. */
  row(row: RecordRow): string | null {
    if (row.kind === 'open') {
      this.#open.push(row.why);
      return null;
    }
    const place = this.#partition(row.topic, row.partition);
    if (row.kind !== 'read') {
      place[row.kind] = row.offset;
      this.#hasRead ||= row.kind === 'to';
      return null;
    }
    place.foreign += row.foreign;
    place.without += row.without;
    place.aborted += row.aborted;
    for (const [flow, pairs] of Object.entries(row.own)) {
      const table = this.#tables.get(flow);
      if (table === undefined) return `flow ${flow} has no records that are followed`;
      if (pairs.length % 2 !== 0) return 'its numbers are not pairs';
      for (let at = 0; at < pairs.length; at += 2)
        this.#record(table, place, pairs[at] ?? 0, pairs[at + 1] ?? 0);
    }
    return null;
  }

  /** Requests of a flow whose end was written. */
  sent(flow: string): number {
    let count = 0;
    for (const [, { due, length }] of this.#tables.get(flow)?.vus() ?? [])
      for (let iteration = 0; iteration < length; iteration += 1)
        if (!Number.isNaN(due[iteration] ?? Number.NaN)) count += 1;
    return count;
  }

  result(phases: readonly Phase[]): RecordsResult {
    const flows: Record<string, RecordCounts> = {};
    const inPhases: Record<string, Record<string, RecordCounts>> = {};
    const late = new Map<string, number>();
    const lost: { readonly dueAt: number; readonly id: string }[] = [];
    for (const { flow, executor } of this.#flows) {
      const whole = noRequests();
      const parts = phases.map(noRequests);
      for (const [vu, { due, outcome, records, length }] of this.#tables.get(flow)?.vus() ?? [])
        for (let iteration = 0; iteration < length; iteration += 1) {
          const dueAt = due[iteration] ?? Number.NaN;
          if (Number.isNaN(dueAt)) continue;
          const isGood = outcome[iteration] === GOOD;
          const count = records[iteration] ?? 0;
          add(whole, isGood, count);
          const part = parts[phaseAt(phases, dueAt)];
          if (part) add(part, isGood, count);
          if (isGood && count === 0)
            lost.push({ dueAt, id: iterationId(this.#run, executor, { vu, iteration }) });
          if (!isGood && count > 0) {
            const word = this.#outcomes[outcome[iteration] ?? 0] ?? '';
            late.set(word, (late.get(word) ?? 0) + 1);
          }
        }
      flows[flow] = whole;
      inPhases[flow] = Object.fromEntries(parts.map((part, index) => [phases[index]?.name, part]));
    }
    return {
      flows,
      phases: inPhases,
      partitions: Object.fromEntries([...this.#partitions].sort(([a], [b]) => (a < b ? -1 : 1))),
      lateAs: Object.fromEntries([...late].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))),
      lostIds: lost
        .sort((a, b) => a.dueAt - b.dueAt)
        .slice(0, SHOWN_IDS)
        .map((one) => one.id),
      open: this.open,
    };
  }

  /** See RecordsResult. */
  get open(): readonly string[] {
    const [own, without] = ['own', 'without'].map((key) =>
      [...this.#partitions.values()].reduce((sum, one) => sum + one[key as 'own' | 'without'], 0),
    );
    return [
      ...this.#open,
      ...(this.#hasRead || this.#open.length > 0 ? [] : ['the run ended before it read what was committed']),
      ...(own === 0 && (without ?? 0) > 0
        ? [`none of ${without} records has an id: see where the system's file says that topics carry it`]
        : []),
      ...(this.#unknown > 0
        ? [`${this.#unknown} records are of requests of this run whose end was not written`]
        : []),
    ];
  }

  #record(table: IterationTable, place: Mutable<PartitionRecords>, vu: number, iteration: number): void {
    place.own += 1;
    const found = table.record(vu, iteration);
    if (found === undefined) this.#unknown += 1;
    else if (found.before > 0) place.again += 1;
    else if (found.outcome !== GOOD) place.late += 1;
  }

  #partition(topic: string, partition: number): Mutable<PartitionRecords> {
    const key = `${topic}/${partition}`;
    let one = this.#partitions.get(key);
    if (one === undefined) {
      one = { from: 0, to: 0, own: 0, late: 0, again: 0, foreign: 0, without: 0, aborted: 0 };
      this.#partitions.set(key, one);
    }
    return one;
  }

  #numberOf(outcome: string): number {
    const known = this.#outcomes.indexOf(outcome, 1);
    if (known > 0) return known;
    if (this.#outcomes.length > LAST_OUTCOME) return LAST_OUTCOME;
    return this.#outcomes.push(outcome) - 1;
  }
}

const noRequests = (): Mutable<RecordCounts> => ({ sent: 0, acked: 0, lost: 0, late: 0, duplicated: 0 });

function add(counts: Mutable<RecordCounts>, isGood: boolean, records: number): void {
  counts.sent += 1;
  if (isGood) counts.acked += 1;
  if (isGood && records === 0) counts.lost += 1;
  if (!isGood && records > 0) counts.late += 1;
  if (records > 1) counts.duplicated += 1;
}
