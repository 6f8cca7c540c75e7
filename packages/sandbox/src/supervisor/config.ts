/** What a sandbox is made of, after its preconditions were checked. */
import type { Tools } from '../../../../src/core/tools.ts';

/** The parts of Tools that a sandbox requires. */
export type SandboxTools = Required<Pick<Tools, 'redis' | 'java' | 'kafka'>>;

/** Compiled programs that the supervisor runs as separate processes. */
export interface Programs {
  readonly gateway: string;
  readonly specialist: string;
  readonly hive: string;
  readonly proxy: string;
  readonly spinner: string;
  readonly hog: string;
}

export interface SupervisorConfig {
  readonly name: string;
  /** Folder of all sandboxes (src/system/sandbox/state.ts, sandboxesRoot). */
  readonly root: string;
  readonly tools: SandboxTools;
  readonly programs: Programs;
}
