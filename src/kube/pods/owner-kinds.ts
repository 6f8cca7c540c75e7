/**
 * What each kind of owner does for a deleted pod, from its own object. Sources: the workload pages of the
 * Kubernetes documentation (ReplicaSet, StatefulSet, DaemonSet, Job: "Pod backoff failure policy"), and for
 * StrimziPodSet and the kinds of OpenKruise the references of their projects.
 */

/** The parts of an owner's object that decide; every field may be missing in an API server's answer. */
export interface OwnerJson {
  readonly metadata?: {
    readonly name?: string;
    readonly uid?: string;
    readonly deletionTimestamp?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly {
      readonly apiVersion?: string;
      readonly kind?: string;
      readonly name?: string;
      readonly uid?: string;
      readonly controller?: boolean;
    }[];
  };
  readonly spec?: {
    readonly replicas?: number;
    readonly ordinals?: { readonly start?: number };
    readonly suspend?: boolean;
    readonly parallelism?: number;
    readonly completions?: number;
    readonly backoffLimit?: number;
    readonly backoffLimitPerIndex?: number;
    readonly podFailurePolicy?: object;
    readonly pods?: readonly { readonly metadata?: { readonly name?: string } }[];
  };
  readonly status?: {
    readonly replicas?: number;
    readonly desiredNumberScheduled?: number;
    readonly failed?: number;
    readonly succeeded?: number;
    readonly conditions?: readonly { readonly type?: string; readonly status?: string }[];
  };
}

/**
 * Null: it creates a successor of this pod, when `victims` of its pods are deleted at once. Otherwise why
 * not: `it wants 0 replicas`.
 */
type Judge = (owner: OwnerJson, pod: string, victims: number) => string | null;

export interface OwnerKind {
  readonly plural: string;
  readonly version: string;
  readonly judge: Judge;
  /**
   * Whether its object must be read: a kind that may be finished. Otherwise the reference on the pod is
   * enough.
   */
  readonly mustBeSeen: boolean;
  /** Whether `gauntlet rbac` prints the permission to read it. */
  readonly isBuiltIn: boolean;
}

/** Surplus pods are not replaced: a scale-down or a rollout is removing them. */
const byReplicas: Judge = ({ spec, status }, _pod, victims) => {
  const wanted = spec?.replicas ?? 1;
  const there = status?.replicas ?? wanted;
  if (wanted === 0) return 'it wants 0 replicas';
  const successors = Math.max(0, wanted - Math.max(0, there - victims));
  return successors >= victims ? null : `it wants ${wanted} replicas and has ${there}`;
};

const byOrdinal: Judge = ({ spec }, pod) => {
  const wanted = spec?.replicas ?? 1;
  const start = spec?.ordinals?.start ?? 0;
  const ordinal = Number(/-(\d+)$/.exec(pod)?.[1] ?? Number.NaN);
  if (wanted === 0) return 'it wants 0 replicas';
  if (ordinal >= start && ordinal < start + wanted) return null;
  return `it wants only the pods ${start} to ${start + wanted - 1}`;
};

const bySchedule: Judge = ({ status }) =>
  status?.desiredNumberScheduled === 0 ? 'it wants no pod on any node' : null;

const ENDED = ['Complete', 'Failed', 'FailureTarget', 'SuccessCriteriaMet'];
const BACKOFF_DEFAULT = 6;

/** A deleted pod counts as failed, and a Job with too many failures creates no more. */
const byBackoff: Judge = ({ spec = {}, status = {} }, _pod, victims) => {
  const ended = status.conditions?.find((one) => ENDED.includes(one.type ?? '') && one.status === 'True');
  if (ended) return `it is finished (${ended.type})`;
  if (spec.suspend === true) return 'it is suspended';
  if (spec.parallelism === 0) return 'it wants no pod (parallelism 0)';
  if (spec.podFailurePolicy !== undefined) return 'its podFailurePolicy decides what a lost pod means';
  if (spec.backoffLimitPerIndex !== undefined) return 'its backoffLimitPerIndex may end this index';
  if (spec.completions === undefined && (status.succeeded ?? 0) > 0) {
    return 'one of its pods has succeeded, after which it starts no more (no completions)';
  }
  const left = (spec.backoffLimit ?? BACKOFF_DEFAULT) - (status.failed ?? 0);
  return left >= victims ? null : `its pods may fail ${Math.max(0, left)} times more (backoffLimit)`;
};

const STRIMZI_PAUSED = 'strimzi.io/pause-reconciliation';
const byPodList: Judge = ({ metadata, spec }, pod) => {
  if (metadata?.annotations?.[STRIMZI_PAUSED] === 'true') return `it is paused (${STRIMZI_PAUSED})`;
  const isListed = spec?.pods?.some((one) => one.metadata?.name === pod) ?? true;
  return isListed ? null : 'it does not list this pod any more';
};

const apps = (plural: string, judge: Judge): OwnerKind => ({
  plural,
  version: 'v1',
  judge,
  mustBeSeen: false,
  isBuiltIn: true,
});
const other = (plural: string, version: string, judge: Judge): OwnerKind => ({
  ...apps(plural, judge),
  version,
  isBuiltIn: false,
});

/** Controllers of pods, by `group/kind`. */
export const OWNER_KINDS: ReadonlyMap<string, OwnerKind> = new Map([
  ['apps/ReplicaSet', apps('replicasets', byReplicas)],
  ['apps/StatefulSet', apps('statefulsets', byOrdinal)],
  ['apps/DaemonSet', apps('daemonsets', bySchedule)],
  ['/ReplicationController', apps('replicationcontrollers', byReplicas)],
  ['batch/Job', { ...apps('jobs', byBackoff), mustBeSeen: true }],
  ['core.strimzi.io/StrimziPodSet', other('strimzipodsets', 'v1beta2', byPodList)],
  ['apps.kruise.io/CloneSet', other('clonesets', 'v1alpha1', byReplicas)],
  ['apps.kruise.io/StatefulSet', other('statefulsets', 'v1beta1', byOrdinal)],
  ['apps.kruise.io/DaemonSet', other('daemonsets', 'v1alpha1', bySchedule)],
]);

/**
 * Controllers of those controllers: when one is gone or wants nothing, the garbage collector or a scale-down
 * removes the rest.
 */
export const PARENT_KINDS: ReadonlyMap<string, OwnerKind> = new Map([
  [
    'apps/Deployment',
    apps('deployments', ({ spec }) => (spec?.replicas === 0 ? 'it wants 0 replicas' : null)),
  ],
  ['batch/CronJob', apps('cronjobs', () => null)],
]);
