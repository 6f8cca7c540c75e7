/**
 * One night of a history: what a run of `gauntlet nightly` found, in one file, schema `gauntlet.night/1`.
 * It is written once and never changed. Fixed names: extend, never rename.
 */
import type { Comparison } from './objective.ts';
import type { FaultRecord, RecoveryStatus } from './result.ts';
import type { Reason, VerdictStatus } from './verdict.ts';

export const NIGHT_SCHEMA = 'gauntlet.night/1';

/** Milliseconds, or a share from 0 to 1 (then every arrival is one sample); null: too few samples. */
export interface Estimate {
  readonly value: number | null;
  /** Bounds of the 95 % interval; null where it reaches beyond what was measured. */
  readonly low: number | null;
  readonly high: number | null;
}

export interface NightFlow {
  readonly due: number;
  readonly failed: number;
  /** Dropped and interrupted: never answered. */
  readonly unanswered: number;
  readonly seconds: number;
  /** Share of the due arrivals that had no good answer. */
  readonly bad: Estimate;
  /** Response times of good answers, from due time. */
  readonly goodMs: Readonly<Record<'p50' | 'p95' | 'p99', Estimate>>;
  /** Of the baseline phase: HDR histogram of the good answers, compressed, base64. Absent: other phases. */
  readonly histogram?: string;
}

/** One fault × service level (or probe connection) in one round. */
export interface NightRecovery {
  /** Without its round. */
  readonly fault: string;
  readonly sli: string;
  readonly round: number;
  readonly status: RecoveryStatus;
  /** Since injection: upper end of the interval; of a censored one the watched time. Null: no time. */
  readonly sinceInjectedMs: number | null;
  readonly boundMs: number;
  readonly lossSeconds: number;
  readonly flaps: number;
}

export interface NightFault extends Pick<FaultRecord, 'name' | 'kind' | 'victim' | 'status'> {
  /** When it was done, which is before it was proven; epoch ms. Absent: nights that did not record it. */
  readonly appliedAt?: number | null;
  readonly injectedAt: number | null;
  readonly removedAt: number | null;
  /** Null: it counts. */
  readonly whyNotInjected: string | null;
  /** The service that was broken, as its parameters name it. Absent: they name none. */
  readonly service?: string;
  /** How many instances or links it had at once. Absent: it was not resolved. */
  readonly victims?: number;
}

export interface NightObjective {
  readonly name: string;
  /** As in `result.json`, before any quarantine. */
  readonly status: 'PASS' | 'FAIL' | 'INCONCLUSIVE' | 'NO-DATA';
  readonly observed: number | null;
  readonly interval: readonly [number, number] | null;
  readonly limit: number;
  readonly unit: 'ms' | 'ratio' | '/s' | 's' | 'findings' | 'instances' | 'count';
  /** Of `recovered … after FAULT`. Absent: other objectives. */
  readonly fault?: string;
  /** Beside `fault`: its service levels are `<flow> failed` and `<flow> slow`. */
  readonly flow?: string;
  /** Beside `fault`. */
  readonly comparison?: Comparison;
}

/** A fault × service level that does not decide for a time. */
export interface QuarantineInForce {
  readonly fault: string;
  readonly sli: string;
  readonly owner: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly since: string;
  readonly until: string;
}

/** Words that a target declares about where it runs; a change of any begins a new segment. */
export interface NightEnvironment {
  /**
   * The target's name, as a part of a path: the folder of its nights. It does not depend on the words: a
   * change of one begins a segment of the same history.
   */
  readonly key: string;
  readonly words: Readonly<Record<string, string>>;
}

/**
 * The load of the campaign in alternating blocks on tonight's target and on a reference that is up beside it:
 * what differs from night to night is then on both sides.
 */
export interface NightReference {
  /** Name of the reference. */
  readonly target: string;
  /** Of the gate that compared them. Null: none was run. */
  readonly run: string | null;
  readonly status: VerdictStatus;
  /** The answer of the gate, or why there is none. */
  readonly sentence: string;
  /** Response times of tonight's target to those of the reference: a ratio, with the bounds of the gate. */
  readonly ratios: readonly { readonly flow: string; readonly quantile: string; readonly ratio: Estimate }[];
}

export interface Night {
  readonly schema: typeof NIGHT_SCHEMA;
  /** `<run id>-<12 hexadecimal digits of the SHA-256 of all other fields>`. */
  readonly id: string;
  readonly run: string;
  readonly campaign: string;
  /**
   * Of what decides the numbers, as planned: load, lengths, faults with their parameters, rounds. Seed,
   * addresses and limits are no part of it. Another one begins a new segment.
   */
  readonly campaignHash: string;
  readonly target: string;
  readonly environment: NightEnvironment;
  readonly seed: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** Of our tools. */
  readonly versions: Readonly<Record<string, string>>;
  /** What was tested: commit or image digest by service. Empty: nobody told it. */
  readonly subject: Readonly<Record<string, string>>;
  /** After quarantine. */
  readonly status: VerdictStatus;
  /** As the run alone was judged. */
  readonly runStatus: VerdictStatus;
  readonly reasons: readonly Reason[];
  readonly flows: Readonly<Record<string, Readonly<Record<string, NightFlow>>>>;
  readonly faults: readonly NightFault[];
  readonly recoveries: readonly NightRecovery[];
  /** Watch after a fault; another one begins a new segment of recovery series. */
  readonly recoveryWatchMs: number;
  readonly objectives: readonly NightObjective[];
  /** Highest rate that held, by flow; null: none did. */
  readonly capacity: Readonly<Record<string, number | null>>;
  readonly generator: { readonly cpuRatio: number; readonly k6CpuRatio: number } | null;
  readonly quarantine: readonly QuarantineInForce[];
  /** Absent: none was asked for. */
  readonly reference?: NightReference;
  /** Where its report is kept, as it was told: a URL or a path. Null: nowhere. */
  readonly report: string | null;
}
