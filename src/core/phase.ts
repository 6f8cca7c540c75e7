/** Phases: intervals of a run, cut at measured instants. */
import type { EpochMs } from './units.ts';

/** `warmup`, `baseline`, `fault:<name>`, `recovery:<name>`, `steady`. */
export interface Phase {
  readonly name: string;
  readonly from: EpochMs;
  readonly to: EpochMs;
}
