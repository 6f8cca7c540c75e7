/** The input and output of the injector. */
import type { RunEventBody } from '../../core/events.ts';
import type { PlannedFault } from '../../core/plan.ts';
import type { FaultPolicy } from '../../core/policy.ts';
import type { FaultEnd, FaultRecord } from '../../core/result.ts';
import type { ProbeFeed } from '../../core/samples.ts';
import { type EpochMs, type Ms, ms } from '../../core/units.ts';
import type { Fault } from '../fault.ts';
import type { Journal } from '../healing/journal.ts';
import type { Lease } from '../healing/lease.ts';
import type { World } from '../world.ts';
import type { Peers } from './peers.ts';

/** The default time limit of a removal (for `kill-pod`, of the successor). */
export const REMOVAL_TIMEOUT_MS = ms(60_000);

/** The longest time from the act until everything is undone, which must fit into the hours of a target. */
export const lastsMs = (
  { holdMs }: Pick<PlannedFault, 'holdMs'>,
  removalTimeoutMs: Ms = REMOVAL_TIMEOUT_MS,
): Ms => ms((holdMs ?? 0) + removalTimeoutMs);

export interface FaultRequest {
  readonly planned: PlannedFault;
  readonly world: World;
  readonly feed: ProbeFeed;
  readonly journal: Journal;
  readonly lease: Lease;
  readonly policy: FaultPolicy;
  /** Ends the fault early; everything is then undone. */
  readonly signal: AbortSignal;
  report(event: RunEventBody): unknown;
  /** Called once, at the proof. */
  readonly onInjected?: (at: EpochMs) => void;
  /** How long the proof may take. Default 5 s. */
  readonly proofTimeoutMs?: Ms;
  /** How long the removal may take; default {@link REMOVAL_TIMEOUT_MS}. */
  readonly removalTimeoutMs?: Ms;
  /** How long the probes must be good before the act. Default 1 s. */
  readonly baselineMs?: Ms;
  /** How long to wait for that. Default 15 s. */
  readonly baselineTimeoutMs?: Ms;
  /**
   * After this long without a renewal the platform ends the fault by itself. Default 3 s, renewed three times
   * as often.
   */
  readonly impairmentTtlMs?: Ms;
  /** For a fault that is in place only together with others. */
  readonly peers?: Peers;
  /** Default: the registry. */
  readonly faults?: readonly Fault[];
}

/** The record for the result, and why the fault did not last as planned (or null). */
export interface FaultOutcome extends FaultRecord {
  readonly cutShort: string | null;
  readonly endedBy: FaultEnd | null;
}
