/**
 * The acts on workloads: what keeps the instances of a service at a number and replaces them, such as a
 * Deployment, a StatefulSet, the seats of the sandbox or the containers of a Compose service.
 */

export const WORKLOAD_KINDS = ['Deployment', 'StatefulSet', 'seats', 'Compose service'] as const;

/** An identity: another workload of the same name has another uid. */
export interface Workload {
  readonly service: string;
  readonly kind: (typeof WORKLOAD_KINDS)[number];
  readonly name: string;
  /** Null where there are no namespaces. */
  readonly namespace: string | null;
  readonly uid: string;
}

export interface WorkloadState extends Workload {
  /** How many instances are wanted. */
  readonly replicas: number;
  /** No more exist, and the platform makes none. Absent: it makes as many as are wanted. */
  readonly most?: number;
  /** The mark of the newest restart that anyone asked for; null: none. */
  readonly mark: string | null;
  /** Instances that were started since that restart, or of the newest template. */
  readonly updated: number;
  /** No restart and no other rollout is under way. */
  readonly isSettled: boolean;
  /** How many of its instances a restart may take away at once. */
  readonly mostMissing: number;
  /** Why a restart would not replace every instance; null: it would. */
  readonly noRestart: WorkloadObjection | null;
  /** What sets the number, so that another value would not stay; null: nothing that its object names. */
  readonly setBy: WorkloadObjection | null;
}

export interface WorkloadObjection {
  /** `its rollout is paused`. */
  readonly why: string;
  readonly fix: string;
}

export interface WorkloadActs {
  /**
   * Those of a service, by its instances; empty when it has no instance.
   * @throws refused when an instance belongs to nothing that can restart it.
   */
  list(service: string): Promise<readonly WorkloadState[]>;
  /** Null: this workload no longer exists. */
  read(workload: Workload): Promise<WorkloadState | null>;
  /** What scales it by itself, for people: `HorizontalPodAutoscaler web`. Null: nothing. */
  scaler(workload: Workload): Promise<string | null>;
  /**
   * Asks the platform to replace every instance in the platform's own order, and does not wait. The platform
   * finishes it by itself, whatever becomes of the caller.
   * @param mark stays on the workload, so that any process can see whether this restart was begun.
   */
  roll(workload: Workload, mark: string): Promise<'sent' | 'gone'>;
  /** Compare and set. `changed`: the number is not `from` any more, and nothing was written. */
  scale(workload: Workload, from: number, to: number): Promise<'set' | 'changed' | 'gone'>;
}

/** Only the identity, of a value that may carry more. */
export const workloadOf = ({ service, kind, name, namespace, uid }: Workload): Workload => ({
  service,
  kind,
  name,
  namespace,
  uid,
});

/** `Deployment web`. */
export const describeWorkload = ({ kind, name }: Workload): string => `${kind} ${name}`;
