/** What people read before a campaign runs: its plan, and facts that the program checked. Data for a page. */
import type { FaultGroup, Plan } from './plan.ts';
import type { Ms } from './units.ts';

/**
 * `ok`: checked now. `missing`: checked, and it is not so. `not-checked`: it cannot be known before the run,
 * and the run checks it.
 */
export type FactStatus = 'ok' | 'missing' | 'not-checked';

/** Something that has to be so before a run. Never a promise of a person. */
export interface Fact {
  readonly subject: string;
  readonly status: FactStatus;
  readonly detail: string;
}

export interface Hypothesis {
  /** An objective as the campaign has it. */
  readonly objective: string;
  /** The document of its limit, or null. */
  readonly source: string | null;
}

/** A part that a fault disturbs, and who uses it. */
export interface PartUse {
  readonly part: string;
  /** Callers whose way to it is disturbed. */
  readonly callers: readonly string[];
  /** Callers whose way stays as it is. */
  readonly spared: readonly string[];
}

export interface RunbookFault {
  readonly name: string;
  /** What this kind of fault does. */
  readonly summary: string;
  /** Its parameters, as written. */
  readonly written: string;
  readonly group: FaultGroup | null;
  /** Null: it is over when it is done. */
  readonly holdMs: Ms | null;
  readonly hypotheses: readonly Hypothesis[];
  /** Whom it would take now. Null: not known before the target is up. */
  readonly victim: string | null;
  /** Links and instances. */
  readonly touches: readonly string[];
  readonly uses: readonly PartUse[];
  readonly timers: readonly string[];
  /** What must be seen before it counts as injected. */
  readonly proof: string;
  readonly undone: string;
  /** What a user would not expect, or null. */
  readonly limits: string | null;
}

export interface Runbook {
  readonly plan: Plan;
  readonly platform: string;
  /** ISO 8601, UTC. */
  readonly madeAt: string;
  readonly facts: readonly Fact[];
  readonly faults: readonly RunbookFault[];
  /** Flows with their rates; phases with their lengths; how long all of it takes. */
  readonly load: readonly string[];
  readonly timeline: readonly string[];
  readonly length: string;
  /** How long a fault outlives the harness at most before its platform or keeper ends it. */
  readonly leaseMs: number;
  /** As named by the person who made the page: the program cannot check it. */
  readonly approvedBy: readonly string[];
  /** What to type, as the person named campaign and target. */
  readonly campaign: string;
  readonly target: string;
}
