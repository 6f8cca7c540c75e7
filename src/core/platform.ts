/**
 * The acts that a platform offers to faults. The sandbox supplies all of them, Kubernetes supplies the same ones by
 * other means, `none` supplies none. A fault asks for an act, it never knows how the platform does it.
 */
import type { Topology, Victim } from './topology.ts';
import type { EpochMs, Ms } from './units.ts';

export interface InstanceState extends Victim {
  readonly ready: boolean;
  readonly restarts: number;
  /** The process exists and is stopped (state T of proc(5)). Absent: the platform cannot tell. */
  readonly stopped?: boolean;
}

/** Which way bytes travel: to the one who was dialled, or back to the one who dialled. */
export type LinkDirection = 'to-server' | 'to-client';

/**
 * How a link is disturbed. `cut`: bytes stop in both directions or in one, connections stay open; new ones hang when
 * nothing reaches the server. `reset`: open connections get an RST once, and each new one at once.
 */
export type LinkEffect =
  | { readonly kind: 'cut'; readonly direction?: LinkDirection }
  | { readonly kind: 'reset' }
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

/** What whoever carries the link counted in one direction: since it started, but for `stuckBytes`, which is of now. */
export interface LinkFlow {
  /** Handed on. */
  readonly bytes: number;
  readonly chunks: number;
  /** Time that the chunks handed on were held before, summed, in ms; 0 on a link that is not impaired. */
  readonly heldMs: number;
  /** Taken from a sender and held back by a cut; more may wait with the sender. */
  readonly stuckBytes: number;
}

export interface LinkTraffic {
  readonly toServer: LinkFlow;
  readonly toClient: LinkFlow;
  /** Connections open now for which no server was dialled: a cut holds them. */
  readonly waiting: number;
  /** Connections that an impairment has reset, since the link was opened. */
  readonly resets: number;
}

export interface LinkState {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly connections: number;
  readonly bytes: number;
  readonly traffic: LinkTraffic;
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
  /** The lives of a service's instances so far, oldest first. */
  lives(service: string): Promise<readonly InstanceLife[]>;
}

/** One life of an instance, from the supervisor's own stamps (in Kubernetes: from the watch). */
export interface InstanceLife extends Victim {
  readonly startedAt: EpochMs;
  readonly readyAt: EpochMs | null;
  readonly endedAt: EpochMs | null;
}

/** What Kafka itself says now; asked through a small client with deadlines of its own, never through a cached view. */
export interface KafkaActs {
  /** The leader of the partition of the topic that has the most records. */
  leaderOf(topic: string): Promise<number>;
  /** The true active controller (DescribeCluster is a random broker under KRaft). */
  controller(): Promise<number>;
  brokers(): readonly number[];
  /** Topics with their partitions' leaders and in-sync replicas. */
  partitions(): Promise<readonly KafkaPartition[]>;
}

export interface KafkaPartition {
  readonly topic: string;
  readonly partition: number;
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
}

/** What another process needs to open the same platform: data, journalled at the head of `journal.ndjson`. */
export interface PlatformHandle {
  readonly platform: 'sandbox' | 'kubernetes' | 'none';
  readonly identity: string;
  /** For the sandbox: the path of its state file. */
  readonly stateFile?: string;
}

export interface Platform {
  readonly handle: PlatformHandle;
  readonly topology: Topology;
  readonly links?: LinkActs;
  readonly instances?: InstanceActs;
  readonly kafka?: KafkaActs;
}
