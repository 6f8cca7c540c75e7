/** What the holder of a stress is started with, and what it and the harness say to each other. */
import type { MemoryStress, MemoryStressState } from '../../core/acts/memory-acts.ts';
import type { Stress } from '../../core/acts/stress-acts.ts';
import type { ErrorKind, Problem } from '../../core/errors.ts';
import type { ProcessIdentity } from '../../system/sandbox/state.ts';

/** Compiled it ends in `.js`; any process finds a holder by this name. */
export const HOLDER = 'src/targets/processes/stress-holder-main';

/** What a stress of each kind consists of. */
export interface Stresses {
  readonly cpu: Stress;
  readonly memory: MemoryStress;
}
export type StressKind = keyof Stresses;

/** The program of the processes that a holder starts. */
export const HELPER_OF: Readonly<Record<StressKind, string>> = {
  cpu: 'src/system/stress/spinner-main',
  memory: 'src/system/stress/hog-main',
};

export interface OrderOf<Kind extends StressKind> {
  /** Its identity, so that no run ends the stress of another one. */
  readonly target: string;
  readonly kind: Kind;
  readonly stress: Stresses[Kind];
}

/** argv[2] of the holder. */
export type StressOrder = { readonly [Kind in StressKind]: OrderOf<Kind> }[StressKind];

/** A line on its stdin. The end of its stdin ends the stress: the harness is gone. */
export interface Request {
  readonly number: number;
  /** Null: it is only asked what it counts. */
  readonly ttlMs: number | null;
}

/** A line on its stdout; the first is `begun` or `failed`. */
export type HolderWord =
  | { readonly kind: 'begun'; readonly helpers: readonly ProcessIdentity[] }
  | { readonly kind: 'failed'; readonly error: ErrorKind; readonly problems: readonly Problem[] }
  | HolderAnswer;

export interface HolderAnswer {
  readonly kind: 'answer';
  readonly number: number;
  readonly renewed: boolean;
  /** Of a memory stress: its counts outlive its group, and then only the holder knows them. */
  readonly memory: readonly MemoryStressState[];
}
