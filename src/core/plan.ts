/**
 * A campaign resolved against a target: pure data, printable, seeded. It is written to `plan.json` before any
 * act on the target.
 */
import type { AuditPlan } from './audit.ts';
import type { GatePlan, GateSide } from './gate.ts';
import type { HistoryPlan } from './gate-history.ts';
import type { ScenarioLoad } from './load-plan.ts';
import type { AbortCondition, Objective } from './objective.ts';
import type { PathPlan } from './paths.ts';
import type { RateSearch } from './rate-search.ts';
import type { RecordsPlan } from './records.ts';
import type { LoadShape } from './shape.ts';
import type { Ms } from './units.ts';

/**
 * Faults that form one step of a campaign: `together`, in place at the same time, or `then`, one after
 * another. One recovery watch follows all of them.
 */
export interface FaultGroup {
  /** `a+b` for `together`, `a,b` for `then`; followed by its round, like the names of its members. */
  readonly name: string;
  readonly how: 'together' | 'then';
}

export interface PlannedFault {
  /** The name of its phase and rows: the fault's kind, followed by `#2` when a kind occurs twice. */
  readonly name: string;
  /** The registry name, such as `kill-pod`. */
  readonly kind: string;
  /** The parsed parameters of the fault; only the fault's own file reads them. */
  readonly spec: Readonly<Record<string, unknown>>;
  /** The parameters as written, for printing. */
  readonly written: string;
  /** How long the fault is held once it is proven; null for a fault that ends when it is done. */
  readonly holdMs: Ms | null;
  /** How long its end may take, where the author says so. Absent: as usual on the platform. */
  readonly endsInMs?: Ms;
}

/** One injection of a fault in a campaign. */
export interface FaultInRound extends PlannedFault {
  /** From 1; faults of later rounds have `@2`, ... after their name. */
  readonly round: number;
  /** Seeds the choices that this fault makes when it fires. */
  readonly seed: number;
  /** Absent: a step of its own. Members of a group are adjacent. */
  readonly group?: FaultGroup;
  /** Of a gate: to which of its targets it belongs; its round is then the number of its pair. */
  readonly side?: GateSide;
}

export interface Plan {
  readonly schema: 'gauntlet.plan/1';
  readonly id: string;
  readonly campaign: string;
  readonly target: string;
  readonly seed: number;
  /** Of our tools. */
  readonly versions: Readonly<Record<string, string>>;
  /** What is tested: commit or image digest by service. Absent: nobody told it. */
  readonly subject?: Readonly<Record<string, string>>;
  /** What the target's file says about where it runs. Absent: nothing. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The factor by which every rate of the campaign was multiplied. */
  readonly scale: number;
  /** Absent: every rate is as written in the campaign, times `scale`. */
  readonly rateSearch?: RateSearch;
  readonly load: readonly ScenarioLoad[];
  /** Of the same flows, in place of `load` while the faults of a gate are played. Absent: there are none. */
  readonly faultLoad?: readonly ScenarioLoad[];
  /** Null: warm-up, baseline, faults and a steady end, at constant rates or the stages of each scenario. */
  readonly shape: LoadShape | null;
  /** Absent: a run of one target. */
  readonly gate?: GatePlan;
  /** Absent: the run is compared with no earlier runs. */
  readonly history?: HistoryPlan;
  readonly warmupMs: Ms;
  readonly baselineMs: Ms;
  /**
   * The run lasts until the load has ended by itself: every load is a foreign script with its own schedule,
   * and the baseline is all of it after the warm-up. Absent: the run ends the load.
   */
  readonly untilLoadEnds?: boolean;
  /** Where the records that good answers promise are read. Absent: none are followed. */
  readonly records?: RecordsPlan;
  /** Those whose requests the load sends, of the same brokers. Absent: none are followed. */
  readonly paths?: readonly PathPlan[];
  readonly faults: readonly FaultInRound[];
  /** How often the whole list of faults is run. */
  readonly repeat: number;
  readonly recovery: { readonly holdMs: Ms; readonly timeoutMs: Ms };
  readonly abort: readonly AbortCondition[];
  readonly objectives: readonly Objective[];
  /** What its audits decide, and by which rules. Absent: the run makes none. */
  readonly audit?: AuditPlan;
  /**
   * From the first arrival to the end, if each fault takes effect at once and the system recovers soon after
   * it. Absent in older plans.
   */
  readonly expectedMs?: Ms;
  /** The same, if every proof, recovery watch and wait uses its whole time limit. */
  readonly longestMs: Ms;
  /**
   * After this the load ends by itself, whatever the state of the run. Absent in older plans: it was
   * `longestMs`.
   */
  readonly loadBoundMs?: Ms;
  /** Where this target differs from the campaign. Absent: nowhere. */
  readonly notes?: readonly string[];
  /** The services whose certificates are not checked, in their order. Absent: none. */
  readonly insecure?: readonly string[];
  /** Objectives that will lack samples, with the length that would be enough. Absent: none. */
  readonly warnings?: readonly string[];
}
