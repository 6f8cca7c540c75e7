/**
 * The acts that a platform offers to faults. The sandbox supplies all of them, Kubernetes supplies the same
 * ones by other means, `none` supplies none. A fault asks for an act, it never knows how the platform does
 * it.
 */
import type { Problem } from '../errors.ts';
import type { Topology, Victim } from '../topology.ts';
import type { Ms } from '../units.ts';
import type { ActName } from './act-names.ts';
import type { ClusterJournal } from './cluster-journal.ts';
import type { HttpActs } from './http-acts.ts';
import type { InstanceActs } from './instance-acts.ts';
import type { KafkaActs } from './kafka-acts.ts';
import type { KubernetesHandle } from './kubernetes-handle.ts';
import type { LinkActs } from './link-acts.ts';
import type { MemoryActs } from './memory-acts.ts';
import type { PodStressActs } from './pod-stress-acts.ts';
import type { RedisActs } from './redis-acts.ts';
import type { StressActs } from './stress-acts.ts';

/** What a platform itself does not let be broken, and what its user may not do there. */
export interface PlatformGuard {
  /** @param acts such as `instances.signal`. Every reason at once; empty = nothing speaks against it. */
  refusals(victims: readonly Victim[], acts: readonly ActName[]): Promise<readonly Problem[]>;
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
