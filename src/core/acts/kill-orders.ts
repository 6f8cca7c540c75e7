/**
 * Kills that somebody else's controller carries out: it is told names, and what it took is judged by identity
 * afterwards.
 */
import type { Victim } from '../topology.ts';
import type { Ms } from '../units.ts';

export interface KillOrder {
  /** Chosen by the fault and journalled before it is given: whoever comes later finds the order by it. */
  readonly id: string;
  /** Whole instances, or runs of one container in them. */
  readonly victims: readonly Victim[];
  /** Time to drain, of whole instances; null = the instance's own. */
  readonly graceMs: Ms | null;
}

export interface KillOrderActs {
  /** @throws refused where nobody would carry an order out. */
  preview(): Promise<void>;
  /**
   * Resolves when it was carried out on exactly these and is withdrawn again: an order that stays may be
   * carried out twice.
   * @throws Error when it was not carried out, or on somebody else.
   */
  give(order: KillOrder): Promise<void>;
  /** Idempotent. @throws Error while it is still there. */
  withdraw(id: string): Promise<void>;
}
