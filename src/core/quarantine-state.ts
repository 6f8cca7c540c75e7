/** An entry of the quarantine as it is now, with what its fault × service level did since. */
import type { QuarantineEntry } from './quarantine.ts';

export interface QuarantineState extends QuarantineEntry {
  readonly state: 'in-force' | 'expired' | 'lifted' | 'replaced';
  /** Of the last nights since its begin, oldest first. */
  readonly outcomes: readonly ('pass' | 'fail' | 'gap')[];
  readonly passesRunning: number;
  readonly mayLeave: boolean;
}
