/**
 * A k6 script of somebody else as data: what k6 says about it before it runs, and what a plan keeps of it.
 * The script itself is never changed; k6 gets a generated entry that imports it (src/load/foreign-entry.ts).
 */
import type { Ms } from './units.ts';

/** Of k6 2: `externally-controlled` exists no more. */
export const EXECUTORS = [
  ...(['constant-arrival-rate', 'ramping-arrival-rate'] as const),
  ...(['constant-vus', 'ramping-vus', 'per-vu-iterations', 'shared-iterations'] as const),
];
export type ExecutorKind = (typeof EXECUTORS)[number];

/**
 * `open`: iterations are due at instants that the system cannot move. `closed`: a user waits for an answer
 * before the next iteration starts, so response = service, and the ones that a stall prevented are not seen.
 */
export type LoadModel = 'open' | 'closed';

/** The mark of a closed flow, with the same words in plan, result and report. */
export const CLOSED_MODEL = 'closed model: response = service, omission cannot be seen';

/** An arrival-rate schedule in k6's own whole numbers, so that its ticks are exact. */
export interface ArrivalNumbers {
  readonly unitMs: number;
  readonly startRate: number;
  /** Empty for a constant rate. */
  readonly targets: readonly number[];
  /** Of the stages, one for each target. */
  readonly durationsMs: readonly number[];
}

/** One executor of a script, which is one flow. */
export interface ForeignFlow {
  readonly kind: ExecutorKind;
  readonly model: LoadModel;
  /** The exported function that an iteration calls. */
  readonly exec: string;
  /** Absent: the flow follows the schedule of the campaign. */
  readonly own?: OwnSchedule;
}

/** When and how long k6 runs an executor by the script's own options. */
export interface OwnSchedule {
  /** Since the beginning of the test, after `setup`. */
  readonly startMs: Ms;
  /** Its duration; for executors with a number of iterations, the longest. */
  readonly lengthMs: Ms;
  /** Of executors that end by count: how many iterations in all. */
  readonly iterations?: number;
  /** Of the open model. */
  readonly arrivals?: ArrivalNumbers;
}

/** The part of a plan that makes a load a foreign script. */
export interface ForeignLoad {
  /** SHA-256 of the script and of every local file that it imports. */
  readonly digest: string;
  /** Functions that the entry wraps. */
  readonly functions: readonly string[];
  readonly hasSetup: boolean;
  readonly hasTeardown: boolean;
  /**
   * The script's own thresholds by metric: reported next to the objectives of the campaign, never instead.
   */
  readonly thresholds: Readonly<Record<string, readonly string[]>>;
  /** `group`, `name` or `tag:<key>`: how requests are grouped to steps. Absent: no steps. */
  readonly steps?: string;
  /** From names in the script's environment to variables of the caller that hold their secret values. */
  readonly secrets: Readonly<Record<string, string>>;
  /**
   * From the start of the first executor until the last one has ended and its last iteration was given up.
   */
  readonly totalMs: Ms;
  /** What a reader of the numbers should know, one sentence each. */
  readonly flags: readonly string[];
}

/** What k6 says about a script. */
export interface ReadScript extends Omit<ForeignLoad, 'steps' | 'secrets'> {
  /** Absolute. */
  readonly file: string;
  /** One for each executor; empty where the campaign gives the schedule. */
  readonly flows: readonly ReadFlow[];
}

export interface ReadFlow extends ForeignFlow {
  /** The name of the k6 scenario. */
  readonly executor: string;
  /** Its tag `flow`, or null. */
  readonly tag: string | null;
  readonly vus: number;
}

export type ScriptReading =
  | { readonly ok: true; readonly script: ReadScript }
  | { readonly ok: false; readonly expected: string; readonly got: string; readonly next?: string };

/** What a run knows about a script at its end; of a process that was killed, less. */
export interface ScriptEnd {
  /** Metrics whose thresholds were crossed; null: k6 did not come to judge them. */
  readonly crossed: readonly string[] | null;
  /** Requests of `setup` and `teardown`, which belong to no flow. */
  readonly setup: ApartRequests;
  readonly teardown: ApartRequests;
  /** By flow: iterations without any request. They count as arrivals of 0 ms. */
  readonly withoutRequest: Readonly<Record<string, number>>;
}

export interface ApartRequests {
  readonly requests: number;
  readonly failed: number;
}

/** One foreign script in a result. */
export interface ScriptFacts extends Partial<ScriptEnd> {
  readonly name: string;
  readonly script: string;
  readonly digest: string;
  readonly models: Readonly<Record<string, LoadModel>>;
  readonly thresholds: Readonly<Record<string, readonly string[]>>;
  readonly flags: readonly string[];
}
