/**
 * The acts that a platform offers to faults. The sandbox supplies all of them, Kubernetes supplies the same ones by
 * other means, `none` supplies none. A fault asks for an act, it never knows how the platform does it.
 */
import type { Topology, Victim } from './topology.ts';
import type { Ms } from './units.ts';

export interface InstanceState extends Victim {
  readonly ready: boolean;
  readonly restarts: number;
}

/** How a link is disturbed. `cut`: bytes stop in both directions, connections stay open and new ones hang. */
export type LinkEffect =
  | { readonly kind: 'cut' }
  | {
      readonly kind: 'throttle';
      /** For all connections of all the links together, per direction; absent = unlimited. */
      readonly bitsPerSecond?: number;
      /** Added once per direction of travel towards the server; see docs/faults. */
      readonly latencyMs?: number;
      /** Uniform in ± jitterMs around latencyMs, seeded. */
      readonly jitterMs?: number;
      readonly seed?: number;
    };

export interface Impairment {
  /** Chosen by the fault and journalled before it is applied, so that anybody can remove it. */
  readonly id: string;
  /** Exact link names, such as `gateway->redis` or `kafka-1->kafka-2`. */
  readonly links: readonly string[];
  readonly effect: LinkEffect;
  /** The proxy itself ends the impairment after this time unless it is renewed. */
  readonly ttlMs: number;
}

export interface LinkState {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly connections: number;
  readonly bytes: number;
  readonly impairedBy: readonly string[];
}

export interface LinkActs {
  list(): Promise<readonly LinkState[]>;
  impair(impairment: Impairment): Promise<void>;
  /** False when no such impairment is in place any more: it has expired or was never there. */
  renew(id: string, ttl: Ms): Promise<boolean>;
  /** Idempotent: removing what is not there is a success. */
  heal(id: string): Promise<void>;
}

export interface InstanceActs {
  list(service?: string): Promise<readonly InstanceState[]>;
  /** Signals exactly this process: refused with `gone` when pid and start time do not both match. */
  signal(victim: Victim, signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): Promise<'sent' | 'gone'>;
}

export interface Platform {
  readonly topology: Topology;
  readonly links?: LinkActs;
  readonly instances?: InstanceActs;
}
