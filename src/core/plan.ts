/**
 * A campaign resolved against a target: pure data, printable, seeded. Written to `plan.json` before anything
 * is touched.
 */
import type { GatePlan } from './gate.ts';
import type { ScenarioLoad } from './load-plan.ts';
import type { AbortCondition, Objective } from './objective.ts';
import type { RateSearch } from './rate-search.ts';
import type { LoadShape } from './shape.ts';
import type { Ms } from './units.ts';

/**
 * Faults that make one step of a campaign: `together`, in place at the same time, or `then`, one after
 * another. One watch of the recovery follows all of them.
 */
export interface FaultGroup {
  /** `a+b` for `together`, `a,b` for `then`; with its round behind it like the names of its members. */
  readonly name: string;
  readonly how: 'together' | 'then';
}

export interface PlannedFault {
  /** The name of its phase and rows: the fault's kind, with `#2` behind it when a kind stands twice. */
  readonly name: string;
  /** The registry name, such as `kill-pod`. */
  readonly kind: string;
  /** The parsed parameters of the fault; only its own file reads them. */
  readonly spec: Readonly<Record<string, unknown>>;
  /** What its author wrote, for printing. */
  readonly written: string;
  /** How long the fault is held once it is proven, or null for a fault that is over when it is done. */
  readonly holdMs: Ms | null;
}

/** One time that a fault is injected in a campaign. */
export interface FaultInRound extends PlannedFault {
  /** From 1; faults of later rounds have `@2`, ... behind their name. */
  readonly round: number;
  /** Of the choices that this fault makes when it fires. */
  readonly seed: number;
  /** Absent: a step of its own. Members of a group stand next to each other. */
  readonly group?: FaultGroup;
}

export interface Plan {
  readonly schema: 'gauntlet.plan/1';
  readonly id: string;
  readonly campaign: string;
  readonly target: string;
  readonly seed: number;
  readonly versions: Readonly<Record<string, string>>;
  /** By which every rate of the campaign was multiplied. */
  readonly scale: number;
  /** Absent: every rate is as the campaign wrote it, times `scale`. */
  readonly rateSearch?: RateSearch;
  readonly load: readonly ScenarioLoad[];
  /** Null: warm-up, baseline, faults and a steady end at constant rates or the stages of each scenario. */
  readonly shape: LoadShape | null;
  /** Absent: a run of one target. */
  readonly gate?: GatePlan;
  readonly warmupMs: Ms;
  readonly baselineMs: Ms;
  readonly faults: readonly FaultInRound[];
  /** How often the whole list of faults is gone through. */
  readonly repeat: number;
  readonly recovery: { readonly holdMs: Ms; readonly timeoutMs: Ms };
  readonly abort: readonly AbortCondition[];
  readonly objectives: readonly Objective[];
  /**
   * From the first arrival to the end, if each fault takes hold at once and the system is back soon after it.
   * Absent in older plans.
   */
  readonly expectedMs?: Ms;
  /** The same, if every proof, recovery watch and wait used its whole time limit. */
  readonly longestMs: Ms;
  /**
   * After this the load ends by itself, whatever has become of the run. Absent in older plans: it was
   * `longestMs`.
   */
  readonly loadBoundMs?: Ms;
  /** What differs on this target from what the campaign says. Absent: nothing. */
  readonly notes?: readonly string[];
  /** Objectives that will lack samples, with the length that would do. Absent: none. */
  readonly warnings?: readonly string[];
}
