/**
 * The parts of a pod that matter here: 20 fields of up to 30 kB of JSON. Timestamps are the server's, to the
 * second.
 */
import type { PodInside } from '../../core/acts/instance-acts.ts';
import { type EpochMs, epochMs } from '../../core/units.ts';
import { type ContainerRecord, type ContainerStatusJson, containersOf, stamp } from './container-record.ts';

export interface PodRecord {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly resourceVersion: string;
  readonly phase: string;
  readonly isReady: boolean;
  readonly restarts: number;
  readonly isDeleting: boolean;
  /** Its own terminationGracePeriodSeconds; 30 unless set. */
  readonly graceSeconds: number;
  readonly inside: PodInside & { readonly containers: readonly ContainerRecord[] };
  readonly node: string | null;
  /** Of both IP families; empty until it has one. */
  readonly addresses: readonly string[];
  /** Its controller, such as a ReplicaSet; null = it gets no successor. */
  readonly owner: OwnerRef | null;
  /** The API's copy of a pod that the kubelet has from a file of its node. */
  readonly isMirror: boolean;
  /** `app=web`. */
  readonly labels: readonly string[];
  /** The label that allows (`enabled`) or forbids (`disabled`) faults on it. */
  readonly optIn: string | null;
  /** The second of each event, as timestamped by the server and the kubelet. */
  readonly stamps: {
    readonly created: EpochMs | null;
    readonly scheduled: EpochMs | null;
    readonly started: EpochMs | null;
    readonly ready: EpochMs | null;
  };
}

/** Our label, on a namespace or on a workload's pods. */
export const OPT_IN_LABEL = 'gauntlet.dev/faults';

const MIRROR = 'kubernetes.io/config.mirror';

export interface OwnerRef {
  /** As the API spells it: `ReplicaSet`. */
  readonly kind: string;
  readonly name: string;
  /** `apps`; empty = core. */
  readonly group: string;
  /** Null: missing in the reference. */
  readonly uid: string | null;
}

export interface OwnedJson {
  readonly ownerReferences?: readonly {
    readonly apiVersion?: string;
    readonly kind?: string;
    readonly name?: string;
    readonly uid?: string;
    readonly controller?: boolean;
  }[];
}

/** Others may own it as well; only one creates successors. */
export function controllerOf({ ownerReferences = [] }: OwnedJson): OwnerRef | null {
  const found = ownerReferences.find((one) => one.controller === true);
  if (found?.kind === undefined || found.name === undefined) return null;
  const { kind, name, uid = null, apiVersion = '' } = found;
  return { kind, name, uid, group: apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '' };
}

/** The part of `v1.Pod` JSON that is read; every field may be missing in an API server's answer. */
export interface PodJson {
  readonly metadata?: OwnedJson & {
    readonly uid?: string;
    readonly name?: string;
    readonly namespace?: string;
    readonly resourceVersion?: string;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: {
    readonly nodeName?: string;
    readonly terminationGracePeriodSeconds?: number;
    readonly restartPolicy?: string;
    readonly shareProcessNamespace?: boolean;
    readonly hostPID?: boolean;
    readonly containers?: readonly { readonly name?: string }[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly podIPs?: readonly { readonly ip?: string }[];
    readonly conditions?: readonly {
      readonly type?: string;
      readonly status?: string;
      readonly lastTransitionTime?: string;
    }[];
    readonly containerStatuses?: readonly ContainerStatusJson[];
  };
}

export function podRecord({ metadata = {}, spec = {}, status = {} }: PodJson): PodRecord {
  const condition = (type: string) =>
    status.conditions?.find((one) => one.type === type && one.status === 'True');
  const containers = status.containerStatuses ?? [];
  const started = containers.map((one) => stamp(one.state?.running?.startedAt));
  const isDeleting = metadata.deletionTimestamp !== undefined;
  return {
    uid: metadata.uid ?? '',
    name: metadata.name ?? '',
    namespace: metadata.namespace ?? '',
    resourceVersion: metadata.resourceVersion ?? '0',
    phase: status.phase ?? 'Pending',
    // A pod that is being deleted gets no new traffic, even if its last probe was good.
    isReady: condition('Ready') !== undefined && !isDeleting,
    restarts: containers.reduce((sum, one) => sum + (one.restartCount ?? 0), 0),
    isDeleting,
    graceSeconds: spec.terminationGracePeriodSeconds ?? 30,
    inside: {
      containers: containersOf(spec.containers ?? [], containers),
      restarts: (spec.restartPolicy ?? 'Always') === 'Always',
      isFirstProcess: spec.shareProcessNamespace !== true && spec.hostPID !== true,
    },
    node: spec.nodeName ?? null,
    addresses: (status.podIPs ?? []).flatMap(({ ip }) => ip ?? []),
    owner: controllerOf(metadata),
    isMirror: metadata.annotations?.[MIRROR] !== undefined,
    labels: Object.entries(metadata.labels ?? {}).map(([key, value]) => `${key}=${value}`),
    optIn: metadata.labels?.[OPT_IN_LABEL] ?? null,
    stamps: {
      created: stamp(metadata.creationTimestamp),
      scheduled: stamp(condition('PodScheduled')?.lastTransitionTime),
      // The pod has started when the last of its containers has.
      started: started.length > 0 && started.every((one) => one !== null) ? latest(started) : null,
      ready: stamp(condition('Ready')?.lastTransitionTime),
    },
  };
}

/** Ended for good: its containers do not run and never will again. */
export const isOver = (pod: Pick<PodRecord, 'phase'>): boolean =>
  pod.phase === 'Succeeded' || pod.phase === 'Failed';

const latest = (stamps: readonly (EpochMs | null)[]): EpochMs =>
  epochMs(Math.max(...stamps.map((one) => one ?? 0)));
