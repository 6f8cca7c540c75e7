/**
 * How long a campaign takes, as far as it can be predicted: the usual time, and the time when every step
 * takes its maximum. The load lasts until the run ends it; the load's own bound is beyond the longest run, in
 * case the run can no longer end it.
 */

import type { Campaign } from '../../config/read-campaign.ts';
import { type Grouped, stepsOf } from '../../core/fault-steps.ts';
import type { FlowLoad } from '../../core/load-plan.ts';
import type { PlannedFault } from '../../core/plan.ts';
import { type Ms, ms } from '../../core/units.ts';
import { ticksOf } from '../../measure/schedule.ts';
import { CAMPAIGN_REMOVAL_MS } from './fault-times.ts';

export interface PlanLength {
  /**
   * From the first arrival to the end, when each fault takes effect at once and the system recovers {@link
   * SOON_MS} after it.
   */
  readonly expectedMs: Ms;
  /** When every proof, recovery watch and wait uses its whole time limit. */
  readonly longestMs: Ms;
  /** After this k6 ends by itself, whatever the state of the run. */
  readonly loadBoundMs: Ms;
}

/** The undisturbed interval at the end. */
export const STEADY_MS: Ms = ms(3000);
/**
 * Choosing a victim, proof and removal around one fault: 6 s and 20 s at most (fault-step.ts), and the choice
 * itself.
 */
const FAULT_LIMIT_MS = 30_000;
const FAULT_USUAL_MS = 3000;
/** The assumed recovery time after a fault, where it must be guessed. */
export const SOON_MS: Ms = ms(5000);

/** @param removalMs the time above the usual that a platform may need to remove a fault. */
export function planLength(
  campaign: Pick<Campaign, 'shape' | 'warmupMs' | 'baselineMs' | 'faults' | 'repeat' | 'recovery'>,
  flows: readonly FlowLoad[],
  removalMs: Ms,
): PlanLength {
  const { shape, warmupMs, baselineMs, repeat } = campaign;
  const settleMs = settleTimeout(flows);
  const round = roundLength(campaign, removalMs);
  const [usual, most] = [repeat * round.usualMs, repeat * round.mostMs];
  const firstMs = firstDueMs(flows);
  const segments = shape?.steps.reduce((sum, step) => sum + step.lengthMs, 0);
  const written = segments ?? warmupMs + baselineMs + STEADY_MS;
  // Arrivals settle after the baseline and at the end; a shape has no pause, and settles once.
  const settles = segments === undefined ? 2 : 1;
  const longestMs = firstMs + written + most + settles * settleMs;
  return {
    expectedMs: ms(firstMs + written + usual + settles * USUAL_SETTLE_MS),
    longestMs: ms(longestMs),
    loadBoundMs: ms(Math.ceil(longestMs * 1.5) + 120_000),
  };
}

/** All faults once, each watched until the system is back. */
export function roundLength(
  campaign: Pick<Campaign, 'recovery'> & { readonly faults: readonly (PlannedFault & Grouped)[] },
  removalMs: Ms,
): { readonly usualMs: Ms; readonly mostMs: Ms } {
  const { holdMs, timeoutMs } = campaign.recovery;
  return {
    usualMs: ms(roundMs(campaign, () => FAULT_USUAL_MS, holdMs + SOON_MS)),
    mostMs: ms(roundMs(campaign, (fault) => faultLimit(fault, removalMs), holdMs + timeoutMs)),
  };
}

/** With the time of a fault whose author gives its end longer than the usual 20 s. */
const faultLimit = ({ endsInMs = ms(0) }: PlannedFault, removalMs: Ms): number =>
  FAULT_LIMIT_MS + Math.max(removalMs, endsInMs - CAMPAIGN_REMOVAL_MS);

/**
 * One watch for each step; members of `together` are held at the same time, those of `then` one after
 * another.
 */
function roundMs(
  { faults }: { readonly faults: readonly (PlannedFault & Grouped)[] },
  marginOf: (fault: PlannedFault) => number,
  watchMs: number,
): number {
  return stepsOf(faults).reduce((sum, { group, members }) => {
    const held = members.map((fault) => (fault.holdMs ?? 0) + marginOf(fault));
    const total = held.reduce((a, b) => a + b, 0);
    return sum + watchMs + (group?.how === 'together' ? Math.max(...held) : total);
  }, 0);
}

/**
 * How long after the start of its schedule the last flow has its first arrival. A ramp from 0 begins late.
 */
export const firstDueMs = (flows: readonly FlowLoad[]): Ms =>
  ms(
    Math.max(
      0,
      ...flows
        .map((flow) => flow.foreign?.own?.startMs ?? ticksOf(flow.schedule).offsetNs(0) / 1e6)
        .filter(Number.isFinite),
    ),
  );

/** Time in which samples in transit must have arrived. */
const SAMPLES_MS = 20_000;

/**
 * The last arrival may take twice its client's time limit: a gRPC client waits for its connection and for its
 * answer.
 */
export const settleTimeout = (flows: readonly { readonly worstStallMs: Ms }[]): Ms =>
  ms(SAMPLES_MS + 2 * Math.max(0, ...flows.map((flow) => flow.worstStallMs)));

/**
 * The usual time: ranks are assigned 2 s behind the newest sample, which k6 flushes every 200 ms; then one
 * flush.
 */
export const USUAL_SETTLE_MS: Ms = ms(4000);
