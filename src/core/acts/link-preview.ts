/** What a plan must say of a fault on links before it is done, where the links are not those of a proxy from the start. */
import type { Victim } from '../topology.ts';

export interface LinkPreview {
  /** The instances in which it is done: the platform's guard is asked about them. */
  readonly instances: readonly Victim[];
  /** How it looks here, what ends it, what stays behind. */
  readonly notes: readonly string[];
}
