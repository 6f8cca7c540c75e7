/** What a sandbox is made of, after its preconditions were checked. */
import type { System } from '../../../../src/core/system.ts';
import type { SandboxPart, Tools } from '../../../../src/core/tools.ts';

/** Those that its system needs are there. */
export type SandboxTools = Pick<Tools, SandboxPart>;

/** Compiled programs that the supervisor runs as separate processes. */
export interface Programs {
  readonly proxy: string;
  readonly spinner: string;
  readonly hog: string;
}

export interface SupervisorConfig {
  readonly name: string;
  /** Folder of all sandboxes (src/system/sandbox/state.ts, sandboxesRoot). */
  readonly root: string;
  readonly system: System;
  readonly tools: SandboxTools;
  readonly programs: Programs;
}
