/** An open target, and how to release it. */
import type { Platform } from '../../core/acts/platform.ts';
import type { Topology } from '../../core/topology.ts';

export interface OpenTarget {
  readonly platform: Platform;
  /** The same parts at the addresses that the probes use. */
  readonly probeTopology: Topology;
  /** Settings of the platform that explain recovery times. */
  readonly timers: Readonly<Record<string, string | number>>;
  /** Aborted when another run has locked the target; absent where the lock of this machine is enough. */
  readonly lost?: AbortSignal;
  /**
   * Who acts on the target now, from any machine; empty: nobody. Absent where the lock of this machine is
   * enough.
   */
  holders?(): Promise<readonly string[]>;
  close(): Promise<void>;
}
