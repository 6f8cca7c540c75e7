/**
 * The acts that a platform offers to faults. The sandbox supplies all of them, Kubernetes supplies the same ones by
 * other means, `none` supplies none. A fault asks for an act, it never knows how the platform does it.
 */
import type { Problem } from './errors.ts';
import type { StressActs } from './stress.ts';
import type { ProcessVictim, Topology, Victim } from './topology.ts';
import type { EpochMs, Ms } from './units.ts';

export type InstanceState = Victim & {
  readonly ready: boolean;
  readonly restarts: number;
  /** The process exists and is stopped (state T of proc(5)). Absent: the platform cannot tell. */
  readonly stopped?: boolean;
  /** Told to go and not gone yet: it may drain. Absent where a platform does not tell. */
  readonly isLeaving?: boolean;
};

/** Where instances are processes of this machine: the sandbox. */
export type ProcessState = Extract<InstanceState, ProcessVictim>;

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
  /** Signals exactly this instance: refused with `gone` when its identity is not there any more. */
  signal(victim: Victim, signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): Promise<'sent' | 'gone'>;
  /** The lives of a service's instances so far, oldest first. */
  lives(service: string): Promise<readonly InstanceLife[]>;
  /** Only where a platform removes instances itself, with a time to drain and a budget that may say no. */
  readonly removal?: RemovalActs;
}

export interface RemovalActs {
  /** @param graceMs whole seconds; null = the instance's own. */
  remove(victim: Victim, graceMs: Ms | null): Promise<'sent' | 'gone'>;
  /** @throws refused when a disruption budget forbids it, with the budget's own words. */
  evict(victim: Victim, graceMs: Ms | null): Promise<'sent' | 'gone'>;
}

/** One life of an instance, from the supervisor's own stamps (in Kubernetes: from the watch). */
export type InstanceLife = Victim & {
  readonly startedAt: EpochMs;
  readonly readyAt: EpochMs | null;
  readonly endedAt: EpochMs | null;
  /** Further instants of it, where the platform tells them apart. */
  readonly marks?: readonly LifeMark[];
};

export type ProcessLife = Extract<InstanceLife, ProcessVictim>;

export interface LifeMark {
  readonly name:
    | 'deletion accepted'
    | 'gone'
    | 'created'
    | 'scheduled'
    | 'started'
    | 'ready'
    | 'endpoint ready';
  readonly at: EpochMs;
  /** It certainly did not happen earlier than so long before `at`; usually far less, the way of the event to us. */
  readonly boundMs: Ms;
}

/** What a platform itself does not let be broken, and what its user may not do there. */
export interface PlatformGuard {
  /** @param acts such as `instances.signal`. Every reason at once; empty = nothing speaks against it. */
  refusals(victims: readonly Victim[], acts: readonly string[]): Promise<readonly Problem[]>;
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

/** The settings of a Redis server that a fault may change, and those that it may only read. */
export const REDIS_SETTINGS = ['maxclients', 'maxmemory'] as const;
export const REDIS_READ_ONLY = ['maxmemory-policy', 'maxmemory-clients'] as const;
export type RedisSetting = (typeof REDIS_SETTINGS)[number];
export type RedisReadable = RedisSetting | (typeof REDIS_READ_ONLY)[number];

/** Compare and set: nothing is written unless the server is the same and the value is still the one that was seen. */
export interface RedisChange {
  /** `run_id` of the server that is meant. */
  readonly identity: string;
  readonly key: RedisSetting;
  readonly from: string;
  readonly to: string;
}

export interface RedisPause {
  /** Chosen by the fault and journalled before the pause begins, so that anybody can end it. */
  readonly id: string;
  /** `all`: every command waits; `write`: those that may change data or are replicated wait. */
  readonly mode: 'all' | 'write';
  /** The platform itself ends the pause after this time unless it is renewed. */
  readonly ttlMs: number;
}

/** INFO as numbers, of the whole server. */
export interface RedisFigures {
  readonly connectedClients: number;
  readonly usedMemoryBytes: number;
  /** Keys evicted since the server started. */
  readonly evictedKeys: number;
}

/**
 * What a Redis server says and is told, past the impaired links and over a connection that was open before the fault: at
 * its client limit a server turns away also those who come to raise it again (decision 011).
 */
export interface RedisActs {
  /** `run_id`: new at each start. A server that was restarted has lost what CONFIG SET had changed. */
  identity(): Promise<string>;
  config(key: RedisReadable): Promise<string>;
  /** `restarted`, `changed`: not written, because the identity or the value is another. */
  setConfig(change: RedisChange): Promise<'set' | 'restarted' | 'changed'>;
  /** The ids of the pauses that are held now; asks the holder and not the server, which may be paused. */
  pauses(): Promise<readonly string[]>;
  pause(pause: RedisPause): Promise<void>;
  /** False when no such pause is held any more. */
  renewPause(id: string, ttl: Ms): Promise<boolean>;
  /** Idempotent. The server goes on when the last slice has run out, at most 1 s later. */
  endPause(id: string): Promise<void>;
  /** Closes every normal client connection but the one that it comes on; says how many. */
  killNormalConnections(): Promise<number>;
  figures(): Promise<RedisFigures>;
}

/**
 * What is done to requests on links: `method` and `path` (a prefix of whole segments) choose among those of HTTP/1.1, `rpc`
 * (the method's own name, such as EvaluatePlan) among those of gRPC.
 */
export interface HttpFault {
  /** Chosen by the fault and journalled before it is put in place, so that anybody can end it. */
  readonly id: string;
  readonly links: readonly string[];
  readonly protocol: 'http' | 'grpc';
  readonly method?: string;
  readonly path?: string;
  readonly rpc?: string;
  /** Of the chosen requests, from 0 to 1; drawn by the seed. */
  readonly share: number;
  readonly seed: number;
  /** Before the request is handed on or answered. */
  readonly delayMs?: number;
  /** Uniform in ± jitterMs around delayMs. */
  readonly jitterMs?: number;
  /** Answered instead of the server, which does not see the request: of HTTP, or of gRPC (1 to 16). */
  readonly status?: number;
  /** The proxy itself ends it after this time unless it is renewed. */
  readonly ttlMs: number;
}

export interface HttpFaultState {
  readonly id: string;
  readonly links: readonly string[];
  /** Requests since it began that method and path chose, and those of them that were hit. */
  readonly requests: number;
  readonly hits: number;
}

export interface HttpActs {
  /** Those in place now. */
  list(): Promise<readonly HttpFaultState[]>;
  put(fault: HttpFault): Promise<void>;
  /** False when it is not in place any more. */
  renew(id: string, ttl: Ms): Promise<boolean>;
  /** Idempotent. */
  end(id: string): Promise<void>;
}

/** How to reach a cluster and which pods make up which service. No secret: credentials stay in the kubeconfig. */
export interface KubernetesHandle {
  /** An absolute path, or several as in KUBECONFIG. */
  readonly kubeconfig: string;
  readonly context: string;
  readonly services: Readonly<Record<string, PodSelector>>;
  /** Who holds the lock in the cluster; absent for who only looks. */
  readonly holder?: string;
}

export interface PodSelector {
  readonly namespace: string;
  /** As in `kubectl get pods -l`. */
  readonly selector: string;
}

/** What another process needs to open the same platform: data, journalled at the head of `journal.ndjson`. */
export interface PlatformHandle {
  readonly platform: 'sandbox' | 'kubernetes' | 'none';
  readonly identity: string;
  /** For the sandbox: the path of its state file. */
  readonly stateFile?: string;
  readonly kubernetes?: KubernetesHandle;
}

export interface Platform {
  readonly handle: PlatformHandle;
  readonly topology: Topology;
  readonly links?: LinkActs;
  readonly instances?: InstanceActs;
  readonly kafka?: KafkaActs;
  readonly redis?: RedisActs;
  readonly http?: HttpActs;
  readonly stress?: StressActs;
  /** Absent: the target file's policy alone decides. */
  readonly guard?: PlatformGuard;
  /** Gives up what a run holds there for itself (a lock in the cluster): done by whoever finds that run dead. */
  release?(): Promise<void>;
  /** Ends what it watches; absent when it holds nothing. */
  close?(): void;
}
