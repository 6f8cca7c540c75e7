/**
 * The ledger of records: what good answers promise to be in Kafka, and what was there. An id names one
 * iteration of the load, so nothing but numbers is kept of it.
 */
import type { Correlation } from './system.ts';

/** Where the records of a run are, and where each carries its id. */
export interface RecordsPlan {
  /** The service that keeps them. */
  readonly service: string;
  readonly topics: readonly { readonly name: string; readonly correlation: Correlation }[];
}

/** What became of the requests of one flow, by the time at which they were due. */
export interface RecordCounts {
  /** Requests that were sent: `acked`, and those with any other end. */
  readonly sent: number;
  /** With a good answer. */
  readonly acked: number;
  /** With a good answer, and no record. */
  readonly lost: number;
  /** Without a good answer, and with a record. */
  readonly late: number;
  /** With more than one record. */
  readonly duplicated: number;
}

/** Of one partition, what was committed during the run. */
export interface PartitionRecords {
  /** From the offset noted at the start of the run, up to this one. */
  readonly from: number;
  readonly to: number;
  /** With an id of this run. */
  readonly own: number;
  /** Of those, the first record of a request without a good answer. */
  readonly late: number;
  /** Of those, records of a request that had one already. */
  readonly again: number;
  /** With an id that is not of this run. */
  readonly foreign: number;
  /** Without an id. */
  readonly without: number;
  /** Of transactions that were aborted: they count as not committed. */
  readonly aborted: number;
}

export interface RecordsResult {
  /** By flow, over the whole run. */
  readonly flows: Readonly<Record<string, RecordCounts>>;
  /** By flow and phase. What was due outside of every phase is in `flows` only. */
  readonly phases: Readonly<Record<string, Readonly<Record<string, RecordCounts>>>>;
  /** By `topic/partition`. */
  readonly partitions: Readonly<Record<string, PartitionRecords>>;
  /** How the late requests had ended, most frequent first: `timeout`, `http-503`, `interrupted`. */
  readonly lateAs: Readonly<Record<string, number>>;
  /** The ids of some lost requests, in the order in which they were due. */
  readonly lostIds: readonly string[];
  /** Why the ledger is not closed: what was not read may hold what is missing. Empty: everything was read. */
  readonly open: readonly string[];
}

/** One line of `answers.ndjson`: requests of one flow that were due in one second, by their end. */
export interface AnswerIncrement {
  readonly flow: string;
  /** Whole epoch seconds. */
  readonly second: number;
  /** Triples: VU, its iteration, ms within the second. */
  readonly good: readonly number[];
  /** The same, by the outcome that was not good. */
  readonly bad: Readonly<Record<string, readonly number[]>>;
}

/** From where a partition was read, and to where. */
export interface OffsetRow {
  readonly kind: 'from' | 'to';
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** The lines of `records.ndjson`. */
export type RecordRow =
  | OffsetRow
  | {
      readonly kind: 'read';
      readonly topic: string;
      readonly partition: number;
      /** By flow, pairs: VU and iteration. One pair a record. */
      readonly own: Readonly<Record<string, readonly number[]>>;
      readonly foreign: number;
      readonly without: number;
      readonly aborted: number;
    }
  /** Why something was not read. */
  | { readonly kind: 'open'; readonly why: string };

/**
 * The id of an iteration, as scenarios/gauntlet.ts makes it. VU and iteration are k6's own numbers, which its
 * rows carry too, so that no row has to carry the id.
 */
export const iterationId = (
  { run, seed }: RunOfIds,
  executor: string,
  { vu, iteration }: { readonly vu: number; readonly iteration: number },
): string => `${idPrefix({ run, seed })}${executor}/${vu}/${iteration}`;

export interface RunOfIds {
  readonly run: string;
  readonly seed: number;
}

const idPrefix = ({ run, seed }: RunOfIds): string => `${run}/${seed}/`;

export interface IterationOf {
  readonly executor: string;
  readonly vu: number;
  readonly iteration: number;
}

const OWN = /^(.+)\/(\d{1,7})\/(\d{1,9})$/;

/** Undefined: it is not an id of this run. A script may write words before the id. */
export function iterationOf(id: string, run: RunOfIds): IterationOf | undefined {
  const prefix = idPrefix(run);
  const at = id.indexOf(prefix);
  if (at < 0) return undefined;
  const [, executor, vu, iteration] = OWN.exec(id.slice(at + prefix.length)) ?? [];
  if (executor === undefined) return undefined;
  return { executor, vu: Number(vu), iteration: Number(iteration) };
}
