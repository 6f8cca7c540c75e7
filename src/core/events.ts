/**
 * The timeline of a run: one union, appended to `events.ndjson` as it happens. Everything that is shown live
 * or judged later is one of these or a count. A new kind that a reporter does not handle does not compile.
 */
import type { AuditSide, AuditSideName } from './audit.ts';
import type { FaultGroup } from './plan.ts';
import type { FaultRecord } from './result.ts';
import type { EpochMs } from './units.ts';
import type { Verdict } from './verdict.ts';

/**
 * Up to which instant a watch is complete, in epoch ms: each arrival of a flow due before it has ended and is
 * on disk, and each probe question asked before it has its answer. A flow without any data is missing.
 */
export interface WatchUntil {
  readonly flows: Readonly<Record<string, number>>;
  readonly probes: number;
}

export type RunEventBody =
  | {
      readonly kind: 'run-started';
      readonly id: string;
      readonly campaign: string;
      readonly target: string;
      readonly seed: number;
      /** Absent in runs of versions that did not record it. */
      readonly expectedMs?: number;
      readonly longestMs: number;
    }
  | { readonly kind: 'step'; readonly text: string }
  | { readonly kind: 'load-started'; readonly scenario: string; readonly pid: number }
  | {
      readonly kind: 'phase';
      readonly name: string;
      /**
       * Where it began, when that is known only later: an epoch ms before the event. Absent: at the event.
       */
      readonly from?: number;
    }
  | {
      readonly kind: 'baseline';
      readonly flow: string;
      readonly p99Us: number;
      readonly failedRatio: number;
      readonly slowUs: number;
    }
  | {
      readonly kind: 'fault-planned';
      readonly fault: string;
      readonly victims: readonly string[];
      readonly timers: readonly string[];
      /** Absent: a step of its own. */
      readonly group?: FaultGroup;
    }
  | { readonly kind: 'fault-applied'; readonly fault: string }
  | {
      readonly kind: 'fault-injected';
      readonly fault: string;
      readonly boundMs: number;
      readonly evidence: string;
    }
  | { readonly kind: 'fault-not-injected'; readonly fault: string; readonly evidence: string }
  | { readonly kind: 'fault-undoing'; readonly fault: string; readonly why: string }
  | {
      readonly kind: 'fault-removed';
      readonly fault: string;
      readonly boundMs: number;
      readonly evidence: string;
    }
  | { readonly kind: 'fault-residue'; readonly fault: string; readonly evidence: string }
  | {
      readonly kind: 'recovered';
      readonly fault: string;
      readonly sli: string;
      readonly sinceInjectedMs: number;
    }
  /** A recovery that was reported is bad again while the watch continues. */
  | {
      readonly kind: 'relapsed';
      readonly fault: string;
      readonly sli: string;
      readonly sinceInjectedMs: number;
    }
  /**
   * The watch after a step is over: everything has recovered, its time limit has passed, or the run ends. It
   * is judged up to these instants.
   */
  | {
      readonly kind: 'recovery-watched';
      /**
       * Per fault of the step, what has not recovered, as in FaultRecord.recovery; empty when everything has.
       */
      readonly notBack: Readonly<Record<string, readonly string[]>>;
      readonly until: WatchUntil;
    }
  | { readonly kind: 'fault-done'; readonly record: FaultRecord }
  | { readonly kind: 'audited'; readonly side: AuditSideName; readonly audit: AuditSide }
  | { readonly kind: 'abort'; readonly why: string }
  /**
   * After an `abort` by a limit, when the undo did not wait for it: the end of the first window in which the
   * limit was broken.
   */
  | { readonly kind: 'abort-condition-met'; readonly metAt: number }
  | {
      readonly kind: 'load-stopped';
      readonly scenario: string;
      readonly exitCode: number | null;
      readonly expected: boolean;
    }
  | {
      readonly kind: 'harness-usage';
      readonly harnessCpuMs: number;
      readonly k6CpuMs: number;
      readonly harnessRssMb: number;
      readonly k6RssMb: number;
      readonly spanMs: number;
    }
  /** So many instances of a service were ready from `since` on, by the platform's own events. */
  | {
      readonly kind: 'instances-ready';
      readonly service: string;
      readonly ready: number;
      readonly since: number;
    }
  /** Changes of it between these instants may be missing. `to` null: for the rest of the run. */
  | {
      readonly kind: 'instances-unwatched';
      readonly service: string;
      readonly from: number;
      readonly to: number | null;
      readonly why: string;
    }
  /** The watch of it has ended, and is complete up to this instant. */
  | { readonly kind: 'instances-watched'; readonly service: string; readonly until: number }
  | { readonly kind: 'clock-step'; readonly byMs: number }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'interrupted'; readonly signal: string }
  /**
   * The run ended regularly: load, faults and lease are closed. Without this event the run was cut off.
   * `evidence` names the file with the digests of the run directory; absent in run directories older than
   * that file.
   */
  | { readonly kind: 'closed'; readonly evidence?: string }
  | { readonly kind: 'run-ended'; readonly verdict: Verdict };

/** `at` is the run's clock in epoch ms, `wall` the wall clock at the same instant. */
export type RunEvent = RunEventBody & { readonly at: EpochMs; readonly wall: EpochMs };

export type EventOf<Kind extends RunEvent['kind']> = Extract<RunEvent, { kind: Kind }>;

/** The events of one kind, with that kind's type. */
export const eventsOf = <Kind extends RunEvent['kind']>(
  events: readonly RunEvent[],
  kind: Kind,
): readonly EventOf<Kind>[] => events.filter((event): event is EventOf<Kind> => event.kind === kind);
