/**
 * The acts that a platform offers to faults. The sandbox supplies all of them, Kubernetes supplies the same
 * ones by other means, `none` supplies none. A fault asks for an act, it never knows how the platform does
 * it.
 */
import type { Problem } from '../errors.ts';
import type { ProcessVictim, Topology, Victim } from '../topology.ts';
import type { EpochMs, Ms } from '../units.ts';
import type { ActName } from './act-names.ts';
import type { ClusterJournal } from './cluster-journal.ts';
import type { HttpActs } from './http-acts.ts';
import type { KillOrderActs } from './kill-orders.ts';
import type { KubernetesHandle } from './kubernetes-handle.ts';
import type { LinkPreview } from './link-preview.ts';
import type { MemoryActs } from './memory-acts.ts';
import type { PlacementActs } from './placement.ts';
import type { PodStressActs } from './pod-stress-acts.ts';
import type { RedisActs } from './redis-acts.ts';
import type { StressActs } from './stress-acts.ts';
import type { SuccessorActs } from './successors.ts';

export type InstanceState = Victim & {
  readonly ready: boolean;
  readonly restarts: number;
  /** The process exists and is stopped (state T of proc(5)). Absent: the platform cannot tell. */
  readonly stopped?: boolean;
  /** Told to go and not gone yet: it may drain. Absent where a platform does not tell. */
  readonly isLeaving?: boolean;
  /** Only of pods: what is inside. */
  readonly inside?: PodInside;
};

export interface PodInside {
  /** In the order of the pod's spec. */
  readonly containers: readonly ContainerState[];
  /** Containers that end are started again (restartPolicy Always). */
  readonly restarts: boolean;
  /**
   * A container's main process is process 1 of its pid namespace (neither shareProcessNamespace nor hostPID).
   */
  readonly isFirstProcess: boolean;
}

export interface ContainerState {
  readonly name: string;
  /** Null: it does not run now. */
  readonly id: string | null;
  readonly ready: boolean;
  readonly restarts: number;
  /** How its run before this one ended. */
  readonly lastEnd: ContainerEnd | null;
}

export interface ContainerEnd {
  readonly id: string;
  readonly exitCode: number;
  /** Cut to the second by the kubelet; null = it does not say. */
  readonly at: EpochMs | null;
}

/** Where instances are processes of this machine: the sandbox. */
export type ProcessState = Extract<InstanceState, ProcessVictim>;

/** Which way bytes travel: to the one who was dialled, or back to the one who dialled. */
export type LinkDirection = 'to-server' | 'to-client';

/**
 * How a link is disturbed. `cut`: bytes stop in both directions or in one, connections stay open; new ones
 * hang when nothing reaches the server. `reset`: open connections get an RST once, and each new one at once.
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
  /**
   * How long it is meant to be held once it is proven: for a carrier whose deadline cannot be moved
   * afterwards.
   */
  readonly holdMs?: number;
}

/**
 * What whoever carries the link counted in one direction: since it started, but for `stuckBytes`, which is of
 * now.
 */
export interface LinkFlow {
  /** Handed on. */
  readonly bytes: number;
  readonly chunks: number;
  /** Time that the chunks handed on were held before, summed, in ms; 0 on a link that is not impaired. */
  readonly heldMs: number;
  /**
   * Taken from a sender and held back by a cut; more may wait with the sender. Of a kernel that drops: what
   * it dropped.
   */
  readonly stuckBytes: number;
  /**
   * Only where packets are dropped instead of held: those that a cut or a limit of rate took. Sent again,
   * they count again.
   */
  readonly droppedPackets?: number;
}

export interface LinkTraffic {
  readonly toServer: LinkFlow;
  readonly toClient: LinkFlow;
  /** Connections open now for which no server was dialled: a cut holds them. */
  readonly waiting: number;
  /** Connections that an impairment has reset, since the link was opened. */
  readonly resets: number;
}

/**
 * Connections that were opened before an impairment and are kept through it without a byte: only keepalives
 * cross them.
 */
export interface HeldConnections {
  /** Their last keepalive was answered, or is still awaited. */
  readonly passing: number;
  /** Two keepalives or more are unanswered. */
  readonly silent: number;
  /**
   * Ended by the other side, or by the end of who held them: nobody can tell whether they would still pass.
   */
  readonly ended: number;
  /** Since the last answer to any of the silent ones, at least; 0 when there is none. */
  readonly silentMs: number;
  /** It may be as much longer. */
  readonly silentBoundMs: number;
  /** An answer is asked for so often. */
  readonly askedEveryMs: number;
}

export interface LinkState {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly connections: number;
  readonly bytes: number;
  readonly traffic: LinkTraffic;
  readonly impairedBy: readonly string[];
  /** Each of which holds a rate of its own (pods that dial). Absent: one, the proxy. */
  readonly carriers?: number;
  /**
   * Present: nobody counts on this link (its traffic is all zero), and only the probes of these dependencies,
   * which cross it, can prove an effect. Absent: its counters prove.
   */
  readonly seenBy?: readonly string[];
  /**
   * Only where nothing counts what others send: what a cut must show besides new connections that do not come
   * through.
   */
  readonly held?: HeldConnections;
}

export interface LinkActs {
  /**
   * What nobody can tell of these links before a fault is tried on them, for who only asks what would work.
   */
  readonly caution?: string;
  list(): Promise<readonly LinkState[]>;
  impair(impairment: Impairment): Promise<void>;
  /** False when no such impairment is in place any more: it has expired or was never there. */
  renew(id: string, ttl: Ms): Promise<boolean>;
  /** Idempotent: removing what is not there is a success. */
  heal(id: string): Promise<void>;
  /**
   * Only where links are not those of a proxy; reads only.
   * @throws refused for an effect that these links cannot take, with what to do instead.
   */
  preview?(links: readonly string[], effect: LinkEffect): Promise<LinkPreview>;
}

export interface InstanceActs {
  list(service?: string): Promise<readonly InstanceState[]>;
  /** Signals exactly this instance: refused with `gone` when its identity is not there any more. */
  signal(victim: Victim, signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): Promise<'sent' | 'gone'>;
  /** The lives of a service's instances so far, oldest first. */
  lives(service: string): Promise<readonly InstanceLife[]>;
  /** Only where a platform removes instances itself, with a time to drain and a budget that may say no. */
  readonly removal?: RemovalActs;
  /** Only where instances are pods: where each of them is and who owns it. */
  readonly placement?: PlacementActs;
  /**
   * Only where a service is what a selector finds: labels that are there instead of one that finds nothing.
   * Reads only.
   */
  labelsNear?(service: string): Promise<readonly string[]>;
  /** Absent: whatever ends is started again, as by a supervisor. */
  readonly successors?: SuccessorActs;
  /** Only where instances are pods: signals and lives of single containers. */
  readonly containers?: ContainerActs;
  /** Only where another controller that kills (Chaos Mesh) is named in the target file. */
  readonly orders?: KillOrderActs;
}

export interface ContainerActs {
  /**
   * A signal from inside the container to exactly this run of it.
   * @param process a name as in /proc/PID/comm; null = its main process. @throws refused where it cannot
   * arrive, with the reason.
   */
  signal(victim: Victim, signal: 'SIGKILL' | 'SIGTERM', process: string | null): Promise<'sent' | 'gone'>;
  /** Whether that signal could arrive, without sending it. @throws as `signal`. */
  look(victim: Victim, signal: 'SIGKILL' | 'SIGTERM', process: string | null): Promise<void>;
  /** One life for each run of this container in each pod of the service, oldest first. */
  lives(service: string, container: string): Promise<readonly InstanceLife[]>;
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
  /**
   * It certainly did not happen earlier than so long before `at`; usually far less, the way of the event to
   * us.
   */
  readonly boundMs: Ms;
}

/** What a platform itself does not let be broken, and what its user may not do there. */
export interface PlatformGuard {
  /** @param acts such as `instances.signal`. Every reason at once; empty = nothing speaks against it. */
  refusals(victims: readonly Victim[], acts: readonly ActName[]): Promise<readonly Problem[]>;
}

/**
 * What Kafka itself says now; asked through a small client with deadlines of its own, never through a cached
 * view.
 */
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
  /** The same fight inside pods, by another controller. */
  readonly podStress?: PodStressActs;
  readonly memory?: MemoryActs;
  /** Absent: the target file's policy alone decides. */
  readonly guard?: PlatformGuard;
  /** A copy of each run's journal; absent where the machine that acts is the only one that could. */
  readonly clusterJournal?: ClusterJournal;
  /**
   * How long a fault lasts there when nobody renews it; absent: 3 s. Long enough for three renewals where an
   * act is slow.
   */
  readonly leaseMs?: Ms;
  /**
   * Gives up what a run holds there for itself (a lock in the cluster): done by whoever finds that run dead.
   */
  release?(): Promise<void>;
  /** Ends what it watches; absent when it holds nothing. */
  close?(): void;
}
