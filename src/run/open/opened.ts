/** A target that can be acted on, and how to let go of it. */
import type { Platform } from '../../core/acts/platform.ts';
import type { Topology } from '../../core/topology.ts';

export interface OpenTarget {
  readonly platform: Platform;
  /** The same parts as the probes reach them. */
  readonly probeTopology: Topology;
  /** Settings of the platform that explain recovery times. */
  readonly timers: Readonly<Record<string, string | number>>;
  /** Aborted when another run has the target now; absent where the lock of this machine is enough. */
  readonly lost?: AbortSignal;
  close(): Promise<void>;
}
