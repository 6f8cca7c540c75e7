/** Nodes and owners of instances, on platforms whose instances are pods. */
import type { Victim } from '../topology.ts';

/**
 * Whether a caller needs it. Each needs its own request (and permission), so that only what is needed is
 * read.
 */
export type PlaceKind = 'owner' | 'node' | 'zone';

export interface Placement {
  /** Null: not scheduled yet. */
  readonly node: string | null;
  /** The node's label topology.kubernetes.io/zone; null = it has none. */
  readonly zone: string | null;
  /** `replicaset/web-7d9`, `deployment/web`: the controller, then that controller's own controller. */
  readonly owners: readonly string[];
}

export interface PlacementActs {
  /**
   * Current values, one for each victim in their order; null = the victim is gone. What was not asked for is
   * null or empty.
   */
  of(victims: readonly Victim[], wanted: readonly PlaceKind[]): Promise<readonly (Placement | null)[]>;
}
