/** The feed of probe samples, as faults and recovery judges see it; the clients behind it live in src/targets. */
import type { ProbeSample } from './samples.ts';
import type { EpochMs } from './units.ts';

export interface ProbeFeed {
  /** Starts watching these dependencies on a held and on a fresh connection; resolves when each has answered once. */
  watch(probes: readonly string[]): Promise<void>;
  /** Samples sent at or after an instant, in order of sending. */
  since(probe: string, connection: 'held' | 'fresh', at: EpochMs): readonly ProbeSample[];
}
