/**
 * Workloads of a service, by the owners of its pods: restarted by the annotation that `kubectl rollout
 * restart` sets, scaled by the scale subresource. Acts are bound to a uid: another workload of the same name
 * is not touched.
 */
import type { PodSelector } from '../../core/acts/kubernetes-handle.ts';
import {
  describeWorkload,
  type Workload,
  type WorkloadActs,
  workloadOf,
} from '../../core/acts/workload-acts.ts';
import { GauntletError } from '../../core/errors.ts';
import { own } from '../../core/own.ts';
import { ApiError } from '../client/api-error.ts';
import type { KubeApi } from '../client/client.ts';
import { listAll } from '../client/list.ts';
import { listPods } from '../pods/pod-list.ts';
import { controllerOf, isOver, type OwnedJson, type OwnerRef } from '../pods/pod-record.ts';
import { RESTARTED_AT, type WorkloadJson, workloadState } from './workload-json.ts';

/** A count that changes each time it is read is not waited for longer. */
const MOST_CONFLICTS = 5;
const PLURALS = { Deployment: 'deployments', StatefulSet: 'statefulsets' } as const;

type KubeWorkload = Workload & { readonly kind: keyof typeof PLURALS; readonly namespace: string };

export function workloadActs(client: KubeApi, services: Readonly<Record<string, PodSelector>>): WorkloadActs {
  const read: WorkloadActs['read'] = async (workload) => {
    const json = isHere(workload) ? await objectOf(client, workload) : null;
    return json === null ? null : workloadState(workloadOf(workload), json);
  };
  return {
    async list(service) {
      const where = own(services, service);
      if (where === undefined) return [];
      const found = await Promise.all((await ownersOf(client, service, where)).map(read));
      return found.flatMap((one) => one ?? []);
    },
    read,
    async scaler(workload) {
      if (!isHere(workload)) return null;
      const { namespace, kind, name } = workload;
      const path = `/apis/autoscaling/v2/namespaces/${encodeURIComponent(namespace)}/horizontalpodautoscalers`;
      const what = `list horizontalpodautoscalers in ${namespace}`;
      const { items } = await listAll<ScalerJson, ScalerJson>(client, { path, what }, (json) => json);
      const found = items.find(({ spec }) => {
        const { apiVersion = '', kind: of, name: called } = spec?.scaleTargetRef ?? {};
        return of === kind && called === name && apiVersion.startsWith('apps/');
      });
      return found === undefined ? null : `HorizontalPodAutoscaler ${found.metadata?.name ?? ''}`;
    },
    async roll(workload, mark) {
      if (!isHere(workload)) return 'gone';
      const template = { metadata: { annotations: { [RESTARTED_AT]: mark } } };
      return await sent(client, {
        method: 'PATCH',
        path: pathOf(workload),
        what: `restart ${sayWhere(workload)}`,
        body: { metadata: { uid: workload.uid }, spec: { template } },
      });
    },
    scale: async (workload, from, to) =>
      isHere(workload) ? await setCount(client, workload, from, to) : 'gone',
  };
}

interface ScalerJson {
  readonly metadata?: { readonly name?: string };
  readonly spec?: {
    readonly scaleTargetRef?: {
      readonly apiVersion?: string;
      readonly kind?: string;
      readonly name?: string;
    };
  };
}

const isHere = (workload: Workload): workload is KubeWorkload =>
  workload.kind !== 'seats' && workload.namespace !== null;

const pathOf = ({ kind, namespace, name }: KubeWorkload): string =>
  `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/${PLURALS[kind]}/${encodeURIComponent(name)}`;

const sayWhere = (workload: KubeWorkload): string => `${describeWorkload(workload)} in ${workload.namespace}`;

/** Null: it does not exist, or another one has its name. */
async function objectOf(client: KubeApi, workload: KubeWorkload): Promise<WorkloadJson | null> {
  const json = await getOrNull<WorkloadJson>(client, pathOf(workload), `get ${sayWhere(workload)}`);
  return json === null || json.metadata?.uid !== workload.uid ? null : json;
}

/** @throws ApiError, ApiUnreachable. */
async function getOrNull<Json>(client: KubeApi, path: string, what: string): Promise<Json | null> {
  try {
    return (await client.ask<Json>({ method: 'GET', path, what })).body;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

/**
 * Each workload once, in the order of its first pod. A pod whose ReplicaSet is gone is on its way out.
 * @throws refused for a pod that belongs to neither kind.
 */
async function ownersOf(
  client: KubeApi,
  service: string,
  where: PodSelector,
): Promise<readonly KubeWorkload[]> {
  const { namespace } = where;
  const pods = (await listPods(client, where)).items.filter((pod) => !isOver(pod));
  const owners = new Map<string, OwnerRef | null>();
  const found = new Map<string, KubeWorkload>();
  for (const { name, owner } of pods) {
    const key = owner === null ? '' : `${owner.group}/${owner.kind}/${owner.name}`;
    if (!owners.has(key)) owners.set(key, await workloadRef(client, owner, namespace));
    const ref = owners.get(key);
    if (ref === null || ref === undefined) {
      if (owner?.kind === 'ReplicaSet' && owner.group === 'apps') continue;
      throw notAWorkload(service, name, owner);
    }
    if (!isKind(ref.kind) || ref.group !== 'apps' || ref.uid === null) throw notAWorkload(service, name, ref);
    found.set(ref.uid, { service, kind: ref.kind, name: ref.name, namespace, uid: ref.uid });
  }
  return [...found.values()];
}

const isKind = (kind: string): kind is keyof typeof PLURALS => Object.hasOwn(PLURALS, kind);

/** The Deployment of a ReplicaSet; any other owner is its own. Null: the ReplicaSet is gone. */
async function workloadRef(
  client: KubeApi,
  owner: OwnerRef | null,
  namespace: string,
): Promise<OwnerRef | null> {
  if (owner === null || owner.kind !== 'ReplicaSet' || owner.group !== 'apps') return owner;
  const path = `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/replicasets/${encodeURIComponent(owner.name)}`;
  const set = await getOrNull<{ readonly metadata?: OwnedJson }>(
    client,
    path,
    `get replicaset ${owner.name} in ${namespace}`,
  );
  return set === null ? null : (controllerOf(set.metadata ?? {}) ?? owner);
}

const notAWorkload = (service: string, pod: string, owner: OwnerRef | null): GauntletError =>
  new GauntletError('refused', [
    {
      subject: `service ${service}`,
      expected: 'pods of a Deployment or a StatefulSet',
      got: `${pod}, which ${owner === null ? 'has no owner' : `belongs to ${owner.kind} ${owner.name}`}`,
    },
  ]);

interface ScaleJson {
  readonly metadata?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly spec?: { readonly replicas?: number };
}

/** The version that was read is a precondition of the write: no change in between is overwritten. */
async function setCount(
  client: KubeApi,
  workload: KubeWorkload,
  from: number,
  to: number,
): Promise<'set' | 'changed' | 'gone'> {
  const path = `${pathOf(workload)}/scale`;
  for (let conflict = 1; ; conflict += 1) {
    const scale = await getOrNull<ScaleJson>(client, path, `get the scale of ${sayWhere(workload)}`);
    if (scale === null || scale.metadata?.uid !== workload.uid) return 'gone';
    if ((scale.spec?.replicas ?? 0) !== from) return 'changed';
    const what = `scale ${sayWhere(workload)} from ${from} to ${to}`;
    try {
      const body = { ...scale, spec: { ...scale.spec, replicas: to } };
      await client.ask({ method: 'PUT', path, what, body });
      return 'set';
    } catch (error) {
      // Its status may have changed only: read it again.
      const isConflict = error instanceof ApiError && error.status === 409;
      if (!isConflict || conflict === MOST_CONFLICTS) throw error;
    }
  }
}

/** 404: no such object. 409 or 422 about the uid: there is one of this name, but another. */
async function sent(client: KubeApi, request: Parameters<KubeApi['ask']>[0]): Promise<'sent' | 'gone'> {
  try {
    await client.ask(request);
    return 'sent';
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { status, answer } = error;
    const isOther = (status === 409 || status === 422) && /\buid\b/i.test(answer.message ?? '');
    if (status === 404 || isOther) return 'gone';
    throw error;
  }
}
