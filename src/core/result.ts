/** `result.json`, schema `gauntlet.result/1`: fixed names, relied on from outside; extend, never rename. */
import type { AuditResult } from './audit.ts';
import type { ScriptFacts } from './foreign-script.ts';
import type { GateResult } from './gate.ts';
import type { HistoryResult } from './gate-history.ts';
import type { KafkaRecovery } from './kafka-state.ts';
import type { PathResult } from './paths.ts';
import type { FaultGroup } from './plan.ts';
import type { RecordsResult } from './records.ts';
import type { EpochMs } from './units.ts';
import type { Verdict } from './verdict.ts';

/** `warmup`, `baseline`, `fault:<name>`, `recovery:<name>`, `steady`. */
export interface Phase {
  readonly name: string;
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** Milliseconds; null where there are no samples. */
export interface Quantiles {
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  readonly max: number | null;
}

export interface StepStats {
  /** Requests that were answered, or given up by their client. */
  readonly count: number;
  readonly serviceMs: Quantiles;
}

export interface FlowPhase {
  /** Completed arrivals due in the phase, good or failed. */
  readonly count: number;
  readonly failed: number;
  readonly dropped: number;
  /** Hit a connection that the server had closed for idling: in no latency, no failure. Absent: none. */
  readonly stale?: number;
  readonly due: number;
  readonly seconds: number;
  readonly dueRate: number;
  /** Arrivals started per second: what the generator did. */
  readonly attainedRate: number;
  /** Arrivals per second that had a good answer: what the users got. */
  readonly goodRate: number;
  /** From due time, of all arrivals: failed ones with the time they took, dropped ones with lower bounds. */
  readonly responseMs: Quantiles;
  /** From due time, of good answers alone. */
  readonly goodMs: Quantiles;
  /** From due time, of answers that were not good. */
  readonly failedMs: Quantiles;
  /** From send time: what the server and the network did. */
  readonly serviceMs: Quantiles;
  /** From due time to send time: what the generator did. */
  readonly latenessMs: Quantiles;
  /** The part of the service time that set up a connection, for the `connects` arrivals that needed one. */
  readonly connectMs: Quantiles;
  readonly connects: number;
  /** Lower bounds of the dropped arrivals alone. */
  readonly droppedMs: Quantiles;
  /**
   * For an iteration with several requests, each request by itself: from when it was sent, connecting
   * included. Absent where an iteration is one request.
   */
  readonly steps?: Readonly<Record<string, StepStats>>;
  /**
   * Why arrivals were not good, most frequent first: `timeout`, `grpc-14`, `http-500`, `duplicate`, ...,
   * `dropped`, `interrupted`. Sums to due - (count - failed).
   */
  readonly outcomes: Readonly<Record<string, number>>;
}

/** What the probes saw: on one connection held open, and on a new connection each time. */
export interface Receipt {
  readonly held: string;
  readonly fresh: string;
  /** The true instant is at most this long before the timestamp. */
  readonly boundMs: number;
  readonly evidence: string;
}

export type RecoveryStatus = 'recovered' | 'never-degraded' | 'censored';

export interface Recovery {
  readonly status: RecoveryStatus;
  /** From injection to the first degraded window, or null. */
  readonly onsetMs: number | null;
  /** Upper end: the true time is in (value - boundMs, value]. For `censored`: at least this. */
  readonly sinceInjectedMs: number | null;
  /** Negative when the system recovered before the fault was removed (fail-over). */
  readonly sinceRemovedMs: number | null;
  readonly boundMs: number;
  /** Worst share of bad arrivals in one window, 0 to 1; for probe clocks the longest silence in ms. */
  readonly worst: number;
  readonly lossSeconds: number;
  readonly flaps: number;
  /** Of a recovered connection that was bad again when the watch ended: from injection to that relapse. */
  readonly relapsedAtMs?: number;
  /** Probe answers that were left out: our own process did not run while they arrived. Absent: none. */
  readonly ownStalls?: number;
}

/** One segment of a pod's recovery timeline; the segments of one pod sum to the whole. */
export interface PodStretch {
  readonly name: string;
  readonly ms: number;
  /**
   * The instant that ends it is at most this long before the timestamp; absent when it is the platform's own
   * exact timestamp.
   */
  readonly boundMs?: number;
}

/** A member's part in its group. */
export interface GroupPart extends FaultGroup {
  /** Why the group as a whole was not as written, so that it counts as not injected; null when it was. */
  readonly spoiled: string | null;
}

/**
 * What ended a fault early, or prevented it: the run (an abort limit, a lost load, Ctrl-C), another member of
 * its group, a lost lease; `effect-lost`: the fault was no longer in place.
 */
export type FaultEnd = 'run' | 'group' | 'lease' | 'effect-lost';

export interface FaultRecord {
  readonly name: string;
  readonly kind: string;
  readonly victim: string;
  readonly plannedAt: number | null;
  readonly appliedAt: number | null;
  readonly injectedAt: number | null;
  readonly removedAt: number | null;
  readonly status: 'injected' | 'not-injected' | 'residue';
  readonly injection: Receipt | null;
  readonly removal: Receipt | null;
  readonly lease: { readonly ttlMs: number; readonly holder: string } | null;
  /** SLIs by `<flow> failed` / `<flow> slow`, and `held`, `fresh` for the two probe connections. */
  readonly recovery: Readonly<Record<string, Recovery>>;
  /** Of paths by stage, and of a fault on Kafka by layer: no verdict waits for them. Absent: unknown. */
  readonly layers?: Readonly<Record<string, Recovery>>;
  /** By Kafka service, its layers as parts of one recovery. Absent: none is known to have been away. */
  readonly kafka?: Readonly<Record<string, KafkaRecovery>>;
  readonly pod: { readonly phases: readonly PodStretch[] } | null;
  /** Dependencies whose probes can observe the fault. Absent in results of versions that inferred them. */
  readonly probes?: readonly string[];
  /** The timers of the platform that explain the recovery times. */
  readonly timers: readonly string[];
  /** Why it ended earlier than planned, or null. Absent in results of versions that did not record it. */
  readonly cutShort?: string | null;
  /**
   * What cut it short or prevented it; null: nothing. Absent in results of versions that wrote it as text.
   */
  readonly endedBy?: FaultEnd | null;
  /** Absent: the fault was a step of its own. */
  readonly group?: GroupPart;
}

/** Null: it counts. Otherwise why no measurement around it may be called its effect. */
export function whyNotInjected(fault: FaultRecord): string | null {
  if (fault.status === 'not-injected') return fault.injection?.evidence ?? 'no evidence';
  return fault.group?.spoiled ?? null;
}

export interface Ledger {
  readonly due: number;
  readonly started: number;
  readonly dropped: number;
  readonly completed: number;
  readonly interrupted: number;
  /** See FlowPhase. */
  readonly stale?: number;
  readonly balanced: boolean;
  readonly problems: readonly string[];
}

export type ObjectiveStatus = 'PASS' | 'FAIL' | 'INCONCLUSIVE' | 'NO-DATA';

export interface ObjectiveResult {
  readonly name: string;
  readonly flow: string;
  readonly phase: string;
  readonly expression: string;
  readonly observed: number | null;
  readonly interval: readonly [number, number] | null;
  readonly limit: number;
  readonly unit: 'ms' | 'ratio' | '/s' | 's' | 'findings' | 'instances' | 'count';
  readonly samples: number;
  readonly status: ObjectiveStatus;
  readonly source: string | null;
  readonly note: string | null;
}

/** The rounds of one repeated fault, for one service level or connection. Times since injection, in ms. */
export interface RepeatedRecovery {
  readonly fault: string;
  readonly sli: string;
  /** Rounds in which the fault was injected. */
  readonly rounds: number;
  /** Rounds whose time is only a lower bound. */
  readonly censored: number;
  /** In the order of the rounds; 0 where it never degraded. */
  readonly timesMs: readonly number[];
  /** Null: too few rounds for an estimate; the fields below give the number needed. */
  readonly medianMs: number | null;
  readonly medianIntervalMs: readonly [number, number] | null;
  /** One-sided 95 % upper bound of the 95th percentile. */
  readonly p95UpperMs: number | null;
  readonly roundsForMedian: number;
  readonly roundsForP95: number;
  readonly worstMs: number;
}

export interface CapacityStep {
  readonly phase: string;
  /** Arrivals that were due per second. */
  readonly rate: number;
  readonly status: 'held' | 'missed' | 'unclear' | 'generator-limited';
  readonly conditions: readonly ObjectiveResult[];
}

/** What a search for the highest sustainable rate found. Rates are per second. */
export interface Capacity {
  readonly segment: string;
  readonly flow: string;
  readonly conditions: readonly string[];
  /** The highest step up to which every condition certainly held; null when not even the first did. */
  readonly highest: number | null;
  /** The lowest step that certainly missed a condition; null when none did. */
  readonly ceiling: number | null;
  readonly steps: readonly CapacityStep[];
}

/** Why a run was ended early, and how fast. */
export interface AbortFacts {
  readonly why: string;
  /**
   * Epoch ms, by the due times of the arrivals, to 100 ms: the end of the first window in the unbroken series
   * of windows in which the condition held, with the data known when it was noticed. Null: it was not a
   * condition on the load.
   */
  readonly metAt: number | null;
  /** From `metAt` until the run noticed; null without it. */
  readonly detectedAfterMs: number | null;
  /**
   * From then until the last fault was proven gone; null when none was in place, or when one is not proven
   * gone.
   */
  readonly undoneAfterMs: number | null;
}

export interface Result {
  readonly schema: 'gauntlet.result/1';
  readonly run: {
    readonly id: string;
    readonly campaign: string;
    readonly target: string;
    readonly seed: number;
    readonly startedAt: string;
    readonly endedAt: string;
    readonly versions: Readonly<Record<string, string>>;
  };
  readonly verdict: Verdict;
  /** Null: the run was not aborted. Absent in results of versions that did not measure it. */
  readonly abort?: AbortFacts | null;
  readonly phases: readonly Phase[];
  readonly flows: Readonly<Record<string, Readonly<Record<string, FlowPhase>>>>;
  readonly faults: readonly FaultRecord[];
  readonly ledger: Ledger;
  readonly ledgers: Readonly<Record<string, Ledger>>;
  readonly objectives: readonly ObjectiveResult[];
  /** Results of faults that were injected in several rounds. */
  readonly repeats: readonly RepeatedRecovery[];
  /** One for each search of the campaign. */
  readonly capacity: readonly Capacity[];
  /** Absent: a run of one target. */
  readonly gate?: GateResult;
  /** Of a candidate that was compared with earlier runs. Absent: none were given. */
  readonly history?: HistoryResult;
  readonly audit?: AuditResult;
  /** Absent: no records were followed. */
  readonly records?: RecordsResult;
  /** By name. Absent: no path was followed. */
  readonly paths?: Readonly<Record<string, PathResult>>;
  /** Absent: the run had no foreign script. */
  readonly scripts?: readonly ScriptFacts[];
  /** CPU of the harness and of k6 as a share of one core, resident memory in MB. */
  readonly harness: {
    readonly cpuRatio: number;
    readonly k6CpuRatio: number;
    readonly rssMb: number;
    readonly k6RssMb: number;
  } | null;
}
