/**
 * The input of a run: a plan, a platform that was opened for it, tools, and observers. It reads nothing else
 * from outside.
 */

import type { Platform } from '../../core/acts/platform.ts';
import type { Clock } from '../../core/clock.ts';
import type { RunEvent } from '../../core/events.ts';
import type { GateSide } from '../../core/gate.ts';
import type { LiveFlow } from '../../core/live-flow.ts';
import type { Plan } from '../../core/plan.ts';
import type { FaultPolicy } from '../../core/policy.ts';
import type { Tools } from '../../core/tools.ts';
import type { Topology } from '../../core/topology.ts';
import type { Places } from '../../system/places.ts';

export interface RunWatchers {
  event(event: RunEvent): void;
  flows(flows: readonly LiveFlow[]): void;
}

export interface RunRequest {
  readonly plan: Plan;
  readonly runDir: string;
  readonly platform: Platform;
  /** Of a gate; `platform` is then that of the candidate. */
  readonly sides?: Readonly<Record<GateSide, Platform>>;
  /** The target's parts at the addresses that the probes use. */
  readonly probeTopology: Topology;
  readonly timers: Readonly<Record<string, string | number>>;
  readonly policy: FaultPolicy;
  readonly tools: Tools;
  readonly places: Places;
  readonly clock: Clock;
  /** Secrets for the scripts, by environment name; never written to a file. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Aborted with a GauntletError of kind `interrupted` on Ctrl-C. */
  readonly signal: AbortSignal;
  readonly watchers: RunWatchers;
}
