/**
 * Whether a controller replaces an instance that is removed. A victim without one is lost, and no fault can
 * undo that.
 */
import type { Victim } from '../topology.ts';

export type Successor =
  | {
      readonly kind: 'comes';
      /** For people: `ReplicaSet web-7`. */
      readonly by: string;
    }
  | {
      readonly kind: 'none';
      /** `it has no owner`. */
      readonly why: string;
      /** What the user can do instead of choosing another victim. */
      readonly fix?: string;
    };

export interface SuccessorActs {
  /**
   * The current state, one for each victim in their order, as if all of them were removed at once. Reads
   * only.
   * @param signal that ends them, where that decides; default: SIGKILL.
   */
  of(victims: readonly Victim[], signal?: 'SIGKILL' | 'SIGTERM'): Promise<readonly Successor[]>;
}
