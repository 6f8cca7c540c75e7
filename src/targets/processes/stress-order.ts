/** What the holder of a CPU stress is started with, and what it and the harness say to each other. */
import type { Stress } from '../../core/acts/stress-acts.ts';
import type { ErrorKind, Problem } from '../../core/errors.ts';
import type { ProcessIdentity } from '../../system/sandbox/state.ts';

/** Compiled it ends in `.js`; any process finds a holder by this name. */
export const HOLDER = 'src/targets/processes/stress-holder-main';

/** argv[2] of the holder. */
export interface StressOrder {
  /** Of the target, so that no run ends the stress of another one. */
  readonly target: string;
  readonly stress: Stress;
}

/** A line on its stdin. The end of its stdin ends the stress: the harness is gone. */
export interface Renewal {
  readonly number: number;
  readonly ttlMs: number;
}

/** A line on its stdout; the first is `begun` or `failed`. */
export type HolderWord =
  | { readonly kind: 'begun'; readonly spinners: readonly ProcessIdentity[] }
  | { readonly kind: 'failed'; readonly error: ErrorKind; readonly problems: readonly Problem[] }
  | { readonly kind: 'renewal'; readonly number: number; readonly renewed: boolean };
