/** What the caller and the supervisor say to each other: JSON, one line each. */
import type { ErrorKind, Problem } from '../../../../src/core/errors.ts';
import type { Tools } from '../../../../src/core/tools.ts';
import type { SandboxState } from '../state.ts';

/** The parts of Tools that a sandbox cannot do without. */
export type SandboxTools = Required<Pick<Tools, 'redis' | 'java' | 'kafka'>>;

/** Compiled programs that the supervisor runs as processes of their own. */
export interface Programs {
  readonly gateway: string;
  readonly specialist: string;
  readonly hive: string;
  readonly proxy: string;
  readonly spinner: string;
  readonly hog: string;
}

/** argv[2] of the supervisor. */
export interface SupervisorConfig {
  readonly name: string;
  /** Folder of all sandboxes (state.ts, sandboxesRoot). */
  readonly root: string;
  readonly tools: SandboxTools;
  readonly programs: Programs;
}

/** stdout of the supervisor: progress, then `ready` or `failed`, and `kept` as the answer to KEEP. */
export type SupervisorMessage =
  | { readonly kind: 'progress'; readonly text: string }
  | { readonly kind: 'ready'; readonly state: SandboxState }
  | { readonly kind: 'failed'; readonly error: ErrorKind; readonly problems: readonly Problem[] }
  | { readonly kind: 'kept' };

/**
 * stdin of the supervisor. Its end means that the caller is gone and takes the sandbox down, unless this line came first.
 */
export const KEEP = 'keep';
