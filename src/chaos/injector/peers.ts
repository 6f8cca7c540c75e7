/**
 * What a fault of a `together` group asks of the others: to begin with it, to be in place with it, and to end
 * when it fails.
 */
import type { EpochMs } from '../../core/units.ts';
import type { FaultPlan } from '../fault.ts';
import type { Unfit } from './group-end.ts';

export interface Peers {
  /** Resolves when every member is ready to act: null, or why this one must not begin. */
  arrive(): Promise<Unfit | null>;
  /**
   * The same once more, with the plan that will be carried out: the guards judge what all of them take away
   * together.
   * @throws refused with every reason, to every member.
   */
  agree(plan: FaultPlan): Promise<Unfit | null>;
  /**
   * Called at the proof; resolves with the instant at which the last member was proven, or null when one was
   * not or `ended` came first.
   */
  proven(at: EpochMs, ended: AbortSignal): Promise<EpochMs | null>;
  /** This one is not in place, or not any longer: the others are to be undone at once. */
  giveUp(why: string): void;
}

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
