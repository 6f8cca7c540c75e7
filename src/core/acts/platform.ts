/**
 * The acts that a platform offers to faults. The sandbox offers all of them, Kubernetes offers the same ones
 * by other means, `none` those that work from outside: links that a proxy of ours carries, and commands of
 * Redis and Kafka. A fault asks for an act and does not know how the platform does it.
 */
import type { Problem } from '../errors.ts';
import type { ReplicaBounds } from '../system.ts';
import type { PlatformName, Topology, Victim } from '../topology.ts';
import type { Ms } from '../units.ts';
import type { ActName } from './act-names.ts';
import type { AddressesHandle } from './addresses-handle.ts';
import type { AuditActs } from './audit-acts.ts';
import type { ClusterJournal } from './cluster-journal.ts';
import type { CpuLimitActs } from './cpu-limit-acts.ts';
import type { DockerHandle } from './docker-handle.ts';
import type { HttpActs } from './http-acts.ts';
import type { InstanceActs } from './instance-acts.ts';
import type { KafkaActs } from './kafka-acts.ts';
import type { KubernetesHandle } from './kubernetes-handle.ts';
import type { LinkActs } from './link-acts.ts';
import type { MemoryActs } from './memory-acts.ts';
import type { PodStressActs } from './pod-stress-acts.ts';
import type { ProcessesHandle } from './processes-handle.ts';
import type { ReadyActs } from './ready-acts.ts';
import type { RedisActs, RedisGroup } from './redis-acts.ts';
import type { StressActs } from './stress-acts.ts';
import type { WorkloadActs } from './workload-acts.ts';

/** What a platform itself protects, and what its user lacks permission for. */
export interface PlatformGuard {
  /**
   * @param acts such as `instances.signal`. @param services that the acts are for, where they have no victim.
   * @returns every reason against them at once; empty = no reason.
   */
  refusals(
    victims: readonly Victim[],
    acts: readonly ActName[],
    services?: readonly string[],
  ): Promise<readonly Problem[]>;
}

/** What another process needs to open the same platform, as data in the first line of `journal.ndjson`. */
export interface PlatformHandle {
  readonly platform: PlatformName;
  readonly identity: string;
  /** For the sandbox: the path of its state file. */
  readonly stateFile?: string;
  readonly kubernetes?: KubernetesHandle;
  /** For a target that is only addresses; absent: no fault works there. */
  readonly addresses?: AddressesHandle;
  /** For platform `processes`: its services. */
  readonly processes?: ProcessesHandle;
  /** For platform `docker`. */
  readonly docker?: DockerHandle;
}

export interface Platform {
  readonly handle: PlatformHandle;
  readonly topology: Topology;
  /**
   * How many instances each service of the system may have. Absent: not known, as to a process that only
   * undoes.
   */
  readonly replicas?: ReplicaBounds;
  readonly links?: LinkActs;
  readonly instances?: InstanceActs;
  readonly workloads?: WorkloadActs;
  /** Absent: how many instances are ready is not reported over time. */
  readonly ready?: ReadyActs;
  /** Of the only Kafka. Absent where there are several. */
  readonly kafka?: KafkaActs;
  /** By service, where the target has several. */
  readonly kafkaByService?: Readonly<Record<string, KafkaActs>>;
  /** Of the only Redis. Absent where there are several. */
  readonly redis?: RedisActs;
  readonly redisByService?: Readonly<Record<string, RedisActs>>;
  /** Each Redis that is several servers, by service. */
  readonly redisGroups?: Readonly<Record<string, RedisGroup>>;
  readonly http?: HttpActs;
  readonly stress?: StressActs;
  /** CPU stress inside pods, by another controller. */
  readonly podStress?: PodStressActs;
  /** CPU stress in containers, by a lower limit. */
  readonly cpuLimit?: CpuLimitActs;
  readonly memory?: MemoryActs;
  /** What its namespaces show. */
  readonly audit?: AuditActs;
  /** Absent: only the target file's policy decides. */
  readonly guard?: PlatformGuard;
  /** A copy of each run's journal. Absent where only the machine that acts could undo anyway. */
  readonly clusterJournal?: ClusterJournal;
  /**
   * How long a fault lasts there without a renewal; absent: 3 s. Long enough for three renewals where an act
   * is slow.
   */
  readonly leaseMs?: Ms;
  /**
   * Releases what a run holds there for itself (a lock in the cluster). Called by the process that finds that
   * run dead.
   */
  release?(): Promise<void>;
  /** Stops its watches; absent when it has none. */
  close?(): void;
}
