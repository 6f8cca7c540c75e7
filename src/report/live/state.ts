/** The state of the live view at one moment: folded from events and live flows, without clock or effects. */
import type { RunEvent } from '../../core/events.ts';
import type { LiveFlow } from '../../core/live-flow.ts';
import type { FaultGroup } from '../../core/plan.ts';
import type { Verdict } from '../../core/verdict.ts';

export const FAULT_STAGES = ['planned', 'applied', 'injected', 'removed', 'recovered'] as const;
export type FaultStage = (typeof FAULT_STAGES)[number];

/** The fault that is being injected or removed. Times are epoch ms. */
export interface LiveFault {
  readonly name: string;
  readonly victims: readonly string[];
  /** Null: a step of its own. */
  readonly group: FaultGroup | null;
  readonly reached: Readonly<Partial<Record<FaultStage, number>>>;
  readonly undoing: boolean;
  /** A problem of the fault itself, in capitals where it matters. */
  readonly trouble: 'not injected' | 'residue' | null;
  /** SLIs that have recovered, with the time since the injection in ms. */
  readonly recovered: Readonly<Record<string, number>>;
  /** Null until its watch is over. */
  readonly done: 'recovered' | 'not recovered' | 'not degraded' | null;
}

export interface LiveState {
  readonly campaign: string | null;
  readonly target: string | null;
  readonly startedAt: number | null;
  readonly now: number;
  readonly longestMs: number | null;
  /** The usual duration; null where it is unknown. */
  readonly expectedMs: number | null;
  readonly faultsPlanned: number | null;
  readonly faultsSeen: number;
  readonly phase: string | null;
  readonly phaseSince: number | null;
  readonly flows: readonly LiveFlow[];
  readonly fault: LiveFault | null;
  /** The other faults that are in place at the same time. */
  readonly beside: readonly LiveFault[];
  readonly recent: readonly RunEvent[];
  /** Why the run is being stopped, or null while it continues. */
  readonly stopping: string | null;
  readonly verdict: Verdict | null;
}
