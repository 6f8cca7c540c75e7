/**
 * What the object of a Deployment or a StatefulSet says about its instances and its rollout. Sources: the
 * workload pages of the Kubernetes documentation, and `kubectl rollout status` for when one is complete.
 */
import type { Workload, WorkloadObjection, WorkloadState } from '../../core/acts/workload-acts.ts';
import { controllerOf, type OwnedJson } from '../pods/pod-record.ts';

/** As `kubectl rollout restart` sets it, on the pod template. */
export const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';

type Share = number | string;

export interface WorkloadJson {
  readonly metadata?: OwnedJson & { readonly uid?: string; readonly generation?: number };
  readonly spec?: {
    readonly replicas?: number;
    readonly paused?: boolean;
    readonly template?: { readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> } };
    /** Of a Deployment. */
    readonly strategy?: {
      readonly type?: string;
      readonly rollingUpdate?: { readonly maxUnavailable?: Share; readonly maxSurge?: Share };
    };
    /** Of a StatefulSet. */
    readonly updateStrategy?: {
      readonly type?: string;
      readonly rollingUpdate?: { readonly maxUnavailable?: Share; readonly partition?: number };
    };
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly availableReplicas?: number;
    readonly currentRevision?: string;
    readonly updateRevision?: string;
  };
}

export function workloadState(id: Workload, json: WorkloadJson): WorkloadState {
  const { metadata = {}, spec = {}, status = {} } = json;
  // Until the controller has seen the newest template, its counts are about an older one.
  const isSeen = (status.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  const replicas = spec.replicas ?? 1;
  const isDeployment = id.kind === 'Deployment';
  return {
    ...id,
    replicas,
    mark: spec.template?.metadata?.annotations?.[RESTARTED_AT] ?? null,
    updated: isSeen ? (status.updatedReplicas ?? 0) : 0,
    isSettled: isSeen && (isDeployment ? isDeployed(replicas, status) : isRolledOut(replicas, status)),
    mostMissing: Math.min(
      replicas,
      isDeployment ? missingOfDeployment(replicas, spec) : missingOfSet(replicas, spec),
    ),
    noRestart: ownedBy(metadata) ?? (isDeployment ? pausedDeployment(id, spec) : heldSet(spec)),
    setBy: ownedBy(metadata),
  };
}

type Status = NonNullable<WorkloadJson['status']>;
type Spec = NonNullable<WorkloadJson['spec']>;

const isDeployed = (wanted: number, { updatedReplicas = 0, replicas = 0, availableReplicas = 0 }: Status) =>
  updatedReplicas >= wanted && replicas <= updatedReplicas && availableReplicas >= updatedReplicas;

/** The controller makes the new revision the current one when the last pod of it is ready. */
const isRolledOut = (wanted: number, { currentRevision, updateRevision, readyReplicas = 0 }: Status) =>
  currentRevision === updateRevision && readyReplicas >= wanted;

/** Both rounded to none would stop any rollout: the controller then takes one away. */
function missingOfDeployment(replicas: number, { strategy = {} }: Spec): number {
  if (strategy.type === 'Recreate') return replicas;
  const { maxUnavailable = '25%', maxSurge = '25%' } = strategy.rollingUpdate ?? {};
  const missing = countOf(maxUnavailable, replicas, Math.floor);
  return missing === 0 && countOf(maxSurge, replicas, Math.ceil) === 0 ? 1 : missing;
}

const missingOfSet = (replicas: number, { updateStrategy = {} }: Spec): number =>
  Math.max(1, countOf(updateStrategy.rollingUpdate?.maxUnavailable ?? 1, replicas, Math.ceil));

function countOf(share: Share, of: number, round: (value: number) => number): number {
  if (typeof share === 'number') return share;
  const percent = Number(/^(\d+)%$/.exec(share)?.[1] ?? Number.NaN);
  // A share that cannot be read may be all of them.
  return Number.isNaN(percent) ? of : round((of * percent) / 100);
}

/** An operator would set its own number and template again. */
function ownedBy(metadata: OwnedJson): WorkloadObjection | null {
  const owner = controllerOf(metadata);
  if (owner === null) return null;
  return {
    why: `${owner.kind} ${owner.name} owns it and decides about it`,
    fix: 'Choose another service, or change that owner.',
  };
}

const pausedDeployment = ({ name, namespace }: Workload, { paused }: Spec): WorkloadObjection | null =>
  paused === true
    ? {
        why: 'its rollout is paused',
        fix: `Its owner resumes it with: kubectl rollout resume deployment/${name} -n ${namespace}`,
      }
    : null;

function heldSet({ updateStrategy = {} }: Spec): WorkloadObjection | null {
  const fix = 'Its owner decides about that: see spec.updateStrategy.';
  if (updateStrategy.type === 'OnDelete')
    return { why: 'its updateStrategy is OnDelete, under which nothing restarts', fix };
  const { partition = 0 } = updateStrategy.rollingUpdate ?? {};
  if (partition > 0)
    return { why: `its partition ${partition} keeps the instances below that number as they are`, fix };
  return null;
}
