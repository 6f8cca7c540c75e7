/**
 * The paths of a run: each request followed over the topics that it crosses, by the id of its iteration. A
 * path is a flow of its own, and each of its stages is one.
 */
import type { OffsetRow } from './records.ts';
import type { CarriedIds, Correlation, WantedFields } from './system.ts';

export interface StageTopic {
  readonly name: string;
  readonly correlation: Correlation;
  /** See Topic. */
  readonly by?: string;
  readonly carries?: CarriedIds;
  /** See Topic. */
  readonly per?: Correlation;
}

export interface StagePlan {
  readonly name: string;
  readonly topics: readonly StageTopic[];
  /** See PathStage. Absent: no record is the last one. */
  readonly ends?: WantedFields;
}

export interface PathPlan {
  readonly name: string;
  readonly withinMs: number;
  /** The flows of the load whose requests begin there. */
  readonly flows: readonly string[];
  /** At least two. */
  readonly stages: readonly StagePlan[];
}

/** One stage of a path as a flow: its name in objectives, reports and recoveries. */
export const stageFlow = (path: string, stage: string): string => `${path}/${stage}`;

/** The path, and each of its stages. */
export const flowsOfPath = ({
  name,
  stages,
}: {
  readonly name: string;
  readonly stages: readonly { readonly name: string }[];
}): readonly string[] => [name, ...stages.map((stage) => stageFlow(name, stage.name))];

/** Numbers of one record in a line of `stages.ndjson`. */
export const STAGE_NUMBERS = 6;

/** The lines of `stages.ndjson`. */
export type StageRow =
  | OffsetRow
  | {
      readonly kind: 'read';
      readonly topic: string;
      readonly partition: number;
      /**
       * By flow, six numbers a record: VU, iteration, offset, epoch ms of the record, a digest of what `per`
       * names (0: nothing), and of which paths it is the last record (bit n: path n of the plan).
       */
      readonly own: Readonly<Record<string, readonly number[]>>;
      readonly foreign: number;
      readonly without: number;
    }
  /** Epoch ms. The log was read up to where it ended then. */
  | { readonly kind: 'until'; readonly at: number }
  /** Why something was not read. */
  | { readonly kind: 'open'; readonly why: string };

/** Milliseconds; null: no record came. */
export interface StageTimes {
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

/** Requests at one stage, or along the whole path, by the time at which they were due. */
export interface StageCounts {
  /**
   * Of the first stage: with a good answer. Of a later one: with a record at the stage before that was not
   * their last, or with one here. Of the path: with a good answer or any record.
   */
  readonly expected: number;
  /** With a record here; of the path: at its last stage. */
  readonly arrived: number;
  /** Whose last record is here, as the system's file says. */
  readonly ended: number;
  /** Without a record here, although others that were behind them at the stage before came on. */
  readonly lost: number;
  /** Without a record here, and nothing that was behind them came on. */
  readonly stuck: number;
  /** Without a record here, and not given up yet when the log was read. */
  readonly waiting: number;
  /** With more than one record here. */
  readonly duplicated: number;
  /** Whose record here is behind that of one that was behind them, in the same partitions of both stages. */
  readonly reordered: number;
  /** From the record at the stage before; of the first stage and of the path from when they were due. */
  readonly ms: StageTimes;
}

export interface PathCounts {
  readonly whole: StageCounts;
  /** In the order of the path. */
  readonly stages: readonly StageCounts[];
}

export interface PathResult {
  readonly stages: readonly string[];
  readonly withinMs: number;
  readonly run: PathCounts;
  readonly phases: Readonly<Record<string, PathCounts>>;
  /** Some of the ids, each with the stage that has no record of it. */
  readonly lostIds: readonly string[];
  readonly stuckIds: readonly string[];
  /** Times that were below zero and count as zero: the clocks of two producers differ. */
  readonly backwards: number;
  /** Why not everything was read. Empty: it was. */
  readonly open: readonly string[];
}
