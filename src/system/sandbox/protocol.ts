/** The messages between a caller and the supervisor of a sandbox: JSON, one line each. */
import type { ErrorKind, Problem } from '../../core/errors.ts';
import type { Tools } from '../../core/tools.ts';
import type { SandboxState } from './state.ts';

/** argv[2] of the supervisor. */
export interface SandboxRequest {
  readonly name: string;
  /** Folder of all sandboxes (state.ts, sandboxesRoot). */
  readonly root: string;
  /** The path of the file of its system. */
  readonly system: string;
  /** Needs those of its system: the supervisor reports what is missing. */
  readonly tools: Tools;
}

/** stdout of the supervisor: progress, then `ready` or `failed`, and `kept` as the answer to KEEP. */
export type SupervisorMessage =
  | { readonly kind: 'progress'; readonly text: string }
  | { readonly kind: 'ready'; readonly state: SandboxState }
  | { readonly kind: 'failed'; readonly error: ErrorKind; readonly problems: readonly Problem[] }
  | { readonly kind: 'kept' };

/**
 * stdin of the supervisor. When it ends, the caller is gone and the sandbox stops, unless this line came
 * first.
 */
export const KEEP = 'keep';
