/**
 * What a fault of a `together` group needs from the others: to begin together, to be in place together, and
 * to end when one fails.
 */
import type { EpochMs } from '../../core/units.ts';
import type { FaultPlan } from '../fault.ts';
import type { Unfit } from './group-end.ts';

export interface Peers {
  /** Resolves when every member is ready to act: null, or why this one must not begin. */
  arrive(): Promise<Unfit | null>;
  /**
   * The same again, with the plan that will be executed: the guards judge the combined loss of all members.
   * @throws refused with every reason, to every member.
   */
  agree(plan: FaultPlan): Promise<Unfit | null>;
  /**
   * Called at the proof; resolves with the instant at which the last member was proven, or null when one was
   * not or `ended` came first.
   */
  proven(at: EpochMs, ended: AbortSignal): Promise<EpochMs | null>;
  /** This one is not in place, or no longer: the others must be undone at once. */
  giveUp(why: string): void;
}

/** A plan without objections yet, and how to check it again. */
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
): Promise<{ readonly plan: FaultPlan; readonly unfit: Unfit | null }> {
  const stopped = await peers.arrive();
  if (stopped !== null) return { plan: ready.plan, unfit: stopped };
  const plan = await ready.planAgain();
  if (!ready.isSame(ready.plan, plan)) {
    return {
      plan,
      unfit: { why: 'the victim changed while the rest of its group was watched', endedBy: null },
    };
  }
  const bad = ready.notGood();
  return { plan, unfit: bad === null ? await peers.agree(plan) : { why: bad, endedBy: null } };
}
