/**
 * How long a campaign takes, as far as anybody can know before: what it usually takes, and what it takes when
 * everything takes as long as it may. The load lasts until the run says that it is over; its own bound lies
 * behind the longest run, for the case that nobody says so any more.
 */

import type { Campaign } from '../../config/read-campaign.ts';
import { stepsOf } from '../../core/fault-steps.ts';
import type { FlowLoad } from '../../core/load-plan.ts';
import { type Ms, ms } from '../../core/units.ts';
import { ticksOf } from '../../measure/schedule.ts';

export interface PlanLength {
  /**
   * From the first arrival to the end, when each fault takes hold at once and the system is back
   * {@link SOON_MS} after it.
   */
  readonly expectedMs: Ms;
  /** When every proof, recovery watch and wait uses its whole time limit. */
  readonly longestMs: Ms;
  /** After this k6 ends by itself, whatever has become of the run. */
  readonly loadBoundMs: Ms;
}

/** The stretch at the end in which nothing is disturbed any more. */
export const STEADY_MS: Ms = ms(3000);
/**
 * Choosing a victim, proof and removal around one fault: 6 s and 20 s at most (fault-step.ts), and the choice
 * itself.
 */
const FAULT_LIMIT_MS = 30_000;
const FAULT_USUAL_MS = 3000;
/** How soon after a fault the system is back, where somebody has to guess. */
export const SOON_MS: Ms = ms(5000);

/** @param removalMs what a platform may take above the usual time to be rid of a fault. */
export function planLength(
  campaign: Pick<Campaign, 'shape' | 'warmupMs' | 'baselineMs' | 'faults' | 'repeat' | 'recovery'>,
  flows: readonly FlowLoad[],
  removalMs: Ms,
): PlanLength {
  const { shape, warmupMs, baselineMs, repeat, recovery } = campaign;
  const { holdMs, timeoutMs } = recovery;
  const settleMs = settleTimeout(flows);
  const usual = repeat * roundMs(campaign, FAULT_USUAL_MS, holdMs + SOON_MS);
  const most = repeat * roundMs(campaign, FAULT_LIMIT_MS + removalMs, holdMs + timeoutMs);
  const firstMs = firstDueMs(flows);
  const segments = shape?.steps.reduce((sum, step) => sum + step.lengthMs, 0);
  const written = segments ?? warmupMs + baselineMs + STEADY_MS;
  // Arrivals are settled after the baseline and at the end; a shape runs on, and settles once.
  const settles = segments === undefined ? 2 : 1;
  const longestMs = firstMs + written + most + settles * settleMs;
  return {
    expectedMs: ms(firstMs + written + usual + settles * USUAL_SETTLE_MS),
    longestMs: ms(longestMs),
    loadBoundMs: ms(Math.ceil(longestMs * 1.5) + 120_000),
  };
}

/**
 * One watch for each step; members of `together` are held at the same time, those of `then` one after
 * another.
 */
function roundMs({ faults }: Pick<Campaign, 'faults'>, marginMs: number, watchMs: number): number {
  return stepsOf(faults).reduce((sum, { group, members }) => {
    const held = members.map((fault) => (fault.holdMs ?? 0) + marginMs);
    const total = held.reduce((a, b) => a + b, 0);
    return sum + watchMs + (group?.how === 'together' ? Math.max(...held) : total);
  }, 0);
}

/**
 * How long after the start of its schedule the last flow to begin has its first arrival. A ramp from 0 begins
 * late.
 */
export const firstDueMs = (flows: readonly FlowLoad[]): Ms =>
  ms(Math.max(0, ...flows.map((flow) => ticksOf(flow.schedule).offsetNs(0) / 1e6).filter(Number.isFinite)));

/** Time in which samples that are under way must have arrived. */
const SAMPLES_MS = 20_000;

/**
 * The last arrival may take as long as its client waits, twice: a gRPC client waits for its connection and
 * for its answer.
 */
export const settleTimeout = (flows: readonly { readonly worstStallMs: Ms }[]): Ms =>
  ms(SAMPLES_MS + 2 * Math.max(0, ...flows.map((flow) => flow.worstStallMs)));

/**
 * What it usually takes: ranks are given 2 s behind the newest sample, which k6 hands on every 200 ms; then
 * one flush.
 */
export const USUAL_SETTLE_MS: Ms = ms(4000);
