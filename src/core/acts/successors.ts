/**
 * Whether somebody brings an instance back that is taken away: a victim whom nobody replaces is lost, and no
 * fault undoes that.
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
      /** What its author can do besides choosing another victim. */
      readonly fix?: string;
    };

export interface SuccessorActs {
  /**
   * As things are now, one for each victim in their order, as if all of them were taken at once. Reads only.
   */
  of(victims: readonly Victim[]): Promise<readonly Successor[]>;
}
