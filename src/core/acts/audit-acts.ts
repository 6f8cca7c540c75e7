/**
 * What an audit reads of a namespace. It is data only: which of it is a finding is decided elsewhere, by the
 * rules of the system.
 */
import type { EpochMs } from '../units.ts';

/** How a run of a container ended. */
export interface EndView {
  readonly reason: string;
  readonly exitCode: number;
  readonly startedAt: EpochMs | null;
  readonly at: EpochMs | null;
}

export interface ContainerView {
  readonly name: string;
  readonly isInit: boolean;
  readonly restarts: number;
  /** The reason why it does not run yet, such as `CrashLoopBackOff`; null: it does, or has ended. */
  readonly waiting: string | null;
  /** It has ended and does not run. */
  readonly ended: EndView | null;
  /** The end of the run before the present one. */
  readonly last: EndView | null;
}

export interface PodView {
  readonly uid: string;
  readonly name: string;
  /** `Deployment/web`; of a pod without a controller `Pod/<name>`. */
  readonly owner: string;
  readonly phase: string;
  /** Of a failed pod, such as `Evicted`. */
  readonly reason: string | null;
  readonly createdAt: EpochMs | null;
  /** Being deleted: when it should be gone. */
  readonly goneBy: EpochMs | null;
  readonly isReady: boolean;
  /** When it became ready, or ceased to be. */
  readonly readySince: EpochMs | null;
  readonly containers: readonly ContainerView[];
}

export interface WorkloadView {
  /** `Deployment/web`. */
  readonly owner: string;
  readonly name: string;
  readonly wanted: number;
  readonly createdAt: EpochMs | null;
  /** The labels that it gives its pods. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface ReplicaSetView {
  readonly uid: string;
  readonly name: string;
  /** `Deployment/web`; null: it has no controller. */
  readonly owner: string | null;
  /** Pods that it has now. */
  readonly pods: number;
  readonly createdAt: EpochMs | null;
}

export interface ServiceView {
  readonly uid: string;
  readonly name: string;
  /** The labels of its pods; empty: its endpoints are made by someone else. */
  readonly selects: Readonly<Record<string, string>>;
  /** Endpoints that get traffic. */
  readonly ready: number;
}

export interface NamespaceView {
  readonly namespace: string;
  readonly pods: readonly PodView[];
  readonly workloads: readonly WorkloadView[];
  readonly replicaSets: readonly ReplicaSetView[];
  readonly services: readonly ServiceView[];
}

export interface AuditView {
  /** By the clock of the cluster. */
  readonly at: EpochMs;
  readonly namespaces: readonly NamespaceView[];
}

export interface AuditActs {
  /** Lists; changes nothing. */
  list(): Promise<AuditView>;
}
