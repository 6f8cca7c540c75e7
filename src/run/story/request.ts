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
import type { SchemaRegistries } from '../../core/schema-registry.ts';
import type { Tools } from '../../core/tools.ts';
import type { Places } from '../../system/places.ts';
import type { RunToken } from '../open/run-token.ts';
import type { SideTarget } from './run-side.ts';

export interface RunWatchers {
  event(event: RunEvent): void;
  flows(flows: readonly LiveFlow[]): void;
}

export interface RunRequest extends SideTarget {
  readonly plan: Plan;
  readonly runDir: string;
  /** Of a gate: of both targets; `platform` is then that of the candidate. */
  readonly sides?: Readonly<Record<GateSide, Platform>>;
  /** Of a gate with faults: its other target. Absent: nothing is injected there. */
  readonly baseline?: SideTarget;
  readonly tools: Tools;
  readonly places: Places;
  readonly clock: Clock;
  /** Where the schemas of records are. Absent: nowhere. */
  readonly registries?: SchemaRegistries;
  /** Sent by the load, the contracts and `${token}`. */
  readonly token: RunToken;
  /** Of foreign scripts, by environment name; never written to a file. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Aborted with a GauntletError of kind `interrupted` on Ctrl-C. */
  readonly signal: AbortSignal;
  readonly watchers: RunWatchers;
}
