/**
 * Kills that another controller carries out. It gets names; afterwards Gauntlet checks by identity what it
 * killed.
 */
import type { Victim } from '../topology.ts';
import type { Ms } from '../units.ts';

export interface KillOrder {
  /**
   * Chosen by the fault and journalled before the order is created: a later process finds the order by it.
   */
  readonly id: string;
  /** Whole instances, or runs of one container in them. */
  readonly victims: readonly Victim[];
  /** Time to drain, of whole instances; null = the instance's own. */
  readonly graceMs: Ms | null;
}

export interface KillOrderActs {
  /** @throws refused where no controller would carry an order out. */
  preview(): Promise<void>;
  /**
   * Resolves when the order was carried out on exactly these victims and is deleted again: an order that
   * remains may be carried out twice.
   * @throws Error when it was not carried out, or hit other victims.
   */
  give(order: KillOrder): Promise<void>;
  /** Idempotent. @throws Error while the order still exists. */
  withdraw(id: string): Promise<void>;
}
