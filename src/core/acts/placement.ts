/** Where instances are and who owns them, on platforms whose instances are pods. */
import type { Victim } from '../topology.ts';

/** Whether each needs a question (and a right) of its own: only what is wanted is asked for. */
export type PlaceKind = 'owner' | 'node' | 'zone';

export interface Placement {
  /** Null: not scheduled yet. */
  readonly node: string | null;
  /** The node's label topology.kubernetes.io/zone; null = it has none. */
  readonly zone: string | null;
  /** `replicaset/web-7d9`, `deployment/web`: the controller, then the controller of that. */
  readonly owners: readonly string[];
}

export interface PlacementActs {
  /**
   * As of now, one for each victim in their order; null = it is gone. What is not wanted is left null or
   * empty.
   */
  of(victims: readonly Victim[], wanted: readonly PlaceKind[]): Promise<readonly (Placement | null)[]>;
}
