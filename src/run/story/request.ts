/** What a run is given: a plan, a platform that was opened for it, tools, and those who watch. Nothing is read from outside. */
import type { TargetPolicy } from '../../chaos/guards/policy.ts';
import type { Clock } from '../../core/clock.ts';
import type { RunEvent } from '../../core/events.ts';
import type { Plan } from '../../core/plan.ts';
import type { Platform } from '../../core/acts/platform.ts';
import type { Tools } from '../../core/tools.ts';
import type { Topology } from '../../core/topology.ts';
import type { Places } from '../../system/places.ts';

/** The last seconds of one flow, for people who watch. Milliseconds; null without samples. */
export interface FlowGlance {
  readonly flow: string;
  readonly targetRate: number;
  readonly attained: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly failedRatio: number;
  readonly droppedTotal: number;
}

export interface RunWatchers {
  event(event: RunEvent): void;
  flows(glances: readonly FlowGlance[]): void;
}

export interface RunRequest {
  readonly plan: Plan;
  readonly runDir: string;
  readonly platform: Platform;
  /** The target's parts as the probes reach them. */
  readonly probeTopology: Topology;
  readonly timers: Readonly<Record<string, string | number>>;
  readonly policy: TargetPolicy;
  readonly tools: Tools;
  readonly places: Places;
  readonly clock: Clock;
  /** Secrets for the scripts, by environment name; never written anywhere. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Aborted with a GauntletError of kind `interrupted` on Ctrl-C. */
  readonly signal: AbortSignal;
  readonly watchers: RunWatchers;
}
