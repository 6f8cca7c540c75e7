/** The last look of a fault that waited for the rest of its group: what was good and chosen before the wait must still be. */
import type { FaultPlan } from '../fault.ts';
import type { Peers } from './peers.ts';

/** A plan that nothing speaks against yet, and how to look again. */
export interface Ready {
  readonly plan: FaultPlan;
  planAgain(): Promise<FaultPlan>;
  isSame(a: FaultPlan, b: FaultPlan): boolean;
  /** Why the probes are not good now, or null. */
  notGood(): string | null;
}

/** @throws refused when the guards do not agree to the group. */
export async function inStep(
  peers: Peers,
  ready: Ready,
): Promise<{ readonly plan: FaultPlan; readonly unfit: string | null }> {
  const stopped = await peers.arrive();
  if (stopped !== null) return { plan: ready.plan, unfit: stopped };
  const plan = await ready.planAgain();
  if (!ready.isSame(ready.plan, plan)) {
    return { plan, unfit: 'the victim changed while the rest of its group was watched' };
  }
  const bad = ready.notGood();
  return { plan, unfit: bad ?? (await peers.agree(plan)) };
}
