/** Converts the course of a fault to its row of the result. */
import type { FaultEnd, PodStretch, Receipt } from '../../core/result.ts';
import type { EpochMs } from '../../core/units.ts';
import type { Proof } from '../fault.ts';
import type { Removal } from '../healing/removal.ts';
import type { FaultOutcome, FaultRequest } from './fault-request.ts';
import { faultEndOf, isEnding, type Unfit } from './group-end.ts';
import type { Prepared } from './prepare.ts';

/** What is known about the fault while it runs; each step fills in its part. */
export interface FaultProgress {
  readonly id: string;
  appliedAt: EpochMs | null;
  proof: Proof | null;
  /** Why it did not last as planned, or null. */
  cutShort: string | null;
  /** What ended it early, or null. */
  endedBy: FaultEnd | null;
  /** Lost for a reason that the run must learn of, not by its own signal. */
  abort: string | null;
  notBefore: EpochMs | null;
  readonly errors: unknown[];
}

export function record(
  request: FaultRequest,
  prepared: Prepared,
  course: FaultProgress,
  removal: Removal,
  pod: readonly PodStretch[],
): FaultOutcome {
  const { proof } = course;
  const isSeen = proof?.kind === 'seen';
  const injection: Receipt | null = proof && {
    held: proof.held,
    fresh: proof.fresh,
    boundMs: isSeen ? proof.boundMs : 0,
    evidence: proof.evidence,
  };
  return {
    ...common(request, prepared),
    appliedAt: course.appliedAt,
    injectedAt: isSeen ? proof.at : null,
    removedAt: removal.kind === 'removed' ? removal.at : null,
    status: removal.kind === 'residue' ? 'residue' : isSeen ? 'injected' : 'not-injected',
    injection,
    removal: removal.receipt,
    pod: pod.length === 0 ? null : { phases: pod },
    cutShort: course.cutShort,
    endedBy: course.endedBy,
  };
}

/** The target was not touched, and the record states why. */
export function untouched(request: FaultRequest, prepared: Prepared, { why, endedBy }: Unfit): FaultOutcome {
  const end = isEnding(request) ? faultEndOf(request) : null;
  request.report({ kind: 'fault-not-injected', fault: request.planned.name, evidence: why });
  return {
    ...common(request, prepared),
    appliedAt: null,
    injectedAt: null,
    removedAt: null,
    status: 'not-injected',
    injection: { held: 'not judged', fresh: 'not judged', boundMs: 0, evidence: why },
    removal: null,
    pod: null,
    cutShort: end?.why ?? null,
    endedBy: end?.endedBy ?? endedBy,
  };
}

const common = (request: FaultRequest, prepared: Prepared) => ({
  name: request.planned.name,
  kind: request.planned.kind,
  victim: prepared.plan.victim,
  plannedAt: prepared.plannedAt,
  lease: { ttlMs: request.lease.ttlMs, holder: request.lease.holder },
  recovery: {},
  timers: prepared.plan.timers,
  probes: prepared.plan.probes,
});
