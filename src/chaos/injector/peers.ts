/** What a fault of a `together` group asks of the others: to begin with it, to be in place with it, and to end when it fails. */
import type { EpochMs } from '../../core/units.ts';
import type { FaultPlan } from '../fault.ts';

export interface Peers {
  /** Resolves when every member is ready to act: null, or why this one must not begin. */
  arrive(): Promise<string | null>;
  /**
   * The same once more, with the plan that will be carried out: the guards judge what all of them take away together.
   * @throws refused with every reason, to every member.
   */
  agree(plan: FaultPlan): Promise<string | null>;
  /**
   * Called at the proof; resolves with the instant at which the last member was proven, or null when one was not or `ended` came
   * first.
   */
  proven(at: EpochMs, ended: AbortSignal): Promise<EpochMs | null>;
  /** This one is not in place, or not any longer: the others are to be undone at once. */
  giveUp(why: string): void;
}
