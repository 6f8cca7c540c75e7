/** A target that can be acted on, and how to let go of it. */
import type { Platform } from '../core/platform.ts';
import type { Topology } from '../core/topology.ts';

export interface OpenTarget {
  readonly platform: Platform;
  /** The same parts as the probes reach them. */
  readonly probeTopology: Topology;
  /** Settings of the platform that explain recovery times. */
  readonly timers: Readonly<Record<string, string | number>>;
  close(): Promise<void>;
}
