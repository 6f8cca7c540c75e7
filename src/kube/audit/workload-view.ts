/** What an audit needs of workloads, their ReplicaSets, and Services with their endpoints. */
import type { ReplicaSetView, ServiceView, WorkloadView } from '../../core/acts/audit-acts.ts';
import { stamp } from '../pods/container-record.ts';
import { controllerOf, type OwnedJson } from '../pods/pod-record.ts';

interface MetaJson extends OwnedJson {
  readonly uid?: string;
  readonly name?: string;
  readonly creationTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface WorkloadJson {
  readonly metadata?: MetaJson;
  readonly spec?: {
    readonly replicas?: number;
    readonly template?: { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } };
  };
  readonly status?: { readonly replicas?: number };
}

/** Workloads that can be scaled to 0, with their kind in a path of the API. */
export const WORKLOAD_KINDS = { Deployment: 'deployments', StatefulSet: 'statefulsets' } as const;

export const workloadView =
  (kind: keyof typeof WORKLOAD_KINDS) =>
  ({ metadata = {}, spec = {} }: WorkloadJson): WorkloadView => ({
    owner: `${kind}/${metadata.name ?? ''}`,
    name: metadata.name ?? '',
    // The API's own default.
    wanted: spec.replicas ?? 1,
    createdAt: stamp(metadata.creationTimestamp),
    labels: spec.template?.metadata?.labels ?? {},
  });

export function replicaSetView({ metadata = {}, status = {} }: WorkloadJson): ReplicaSetView {
  const controller = controllerOf(metadata);
  return {
    uid: metadata.uid ?? '',
    name: metadata.name ?? '',
    owner: controller === null ? null : `${controller.kind}/${controller.name}`,
    pods: status.replicas ?? 0,
    createdAt: stamp(metadata.creationTimestamp),
  };
}

export interface ServiceJson {
  readonly metadata?: MetaJson;
  readonly spec?: { readonly type?: string; readonly selector?: Readonly<Record<string, string>> | null };
}

export interface SliceJson {
  readonly metadata?: MetaJson;
  readonly endpoints?: readonly { readonly conditions?: { readonly ready?: boolean } }[] | null;
}

/** A missing `ready` counts as true (discovery.k8s.io/v1). */
export const readyIn = ({ endpoints }: SliceJson): number =>
  (endpoints ?? []).filter(({ conditions }) => conditions?.ready !== false).length;

export const serviceOfSlice = ({ metadata }: SliceJson): string =>
  metadata?.labels?.['kubernetes.io/service-name'] ?? '';

/** An ExternalName is an alias in DNS and has no endpoints. */
export const serviceView = ({ metadata = {}, spec = {} }: ServiceJson, ready: number): ServiceView => ({
  uid: metadata.uid ?? '',
  name: metadata.name ?? '',
  selects: spec.type === 'ExternalName' ? {} : (spec.selector ?? {}),
  ready,
});
