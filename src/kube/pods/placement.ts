/**
 * The nodes and owners of pods, read again each time: the node from the pod, the zone from the node's label,
 * the owner from the chain of controllers (Pod, ReplicaSet, Deployment). Reads only what is needed, because
 * each part requires a permission.
 */

import type { PodSelector } from '../../core/acts/kubernetes-handle.ts';
import type { PlaceKind, Placement, PlacementActs } from '../../core/acts/placement.ts';
import { own } from '../../core/own.ts';
import { ApiError } from '../client/api-error.ts';
import type { KubeApi } from '../client/client.ts';
import { listPods } from './pod-list.ts';
import { controllerOf, type OwnedJson, type OwnerRef, type PodRecord } from './pod-record.ts';

/** The well-known label of a node that all clouds set. */
export const ZONE_LABEL = 'topology.kubernetes.io/zone';

interface ObjectJson {
  readonly metadata?: OwnedJson & { readonly labels?: Readonly<Record<string, string>> };
}

export function placementActs(
  client: KubeApi,
  services: Readonly<Record<string, PodSelector>>,
): PlacementActs {
  return {
    async of(victims, wanted) {
      const pods = new Map<string, PodRecord>();
      for (const service of new Set(victims.map((one) => one.service))) {
        const where = own(services, service);
        for (const pod of where ? (await listPods(client, where)).items : []) pods.set(pod.uid, pod);
      }
      const found = victims.map((one) => ('uid' in one ? pods.get(one.uid) : undefined));
      const known = found.flatMap((one) => one ?? []);
      const zones = wanted.includes('zone') ? await zonesOf(client, known) : new Map<string, string | null>();
      const owners = wanted.includes('owner') ? await ownersOf(client, known) : null;
      return found.map((pod) => pod && placementOf(pod, zones, owners, wanted)).map((one) => one ?? null);
    },
  };
}

function placementOf(
  pod: PodRecord,
  zones: ReadonlyMap<string, string | null>,
  owners: ReadonlyMap<string, OwnerRef | null> | null,
  wanted: readonly PlaceKind[],
): Placement {
  const second = owners?.get(replicaSetKey(pod)) ?? null;
  const chain = owners === null ? [] : [pod.owner, second];
  return {
    node: wanted.includes('node') ? pod.node : null,
    zone: pod.node === null ? null : (zones.get(pod.node) ?? null),
    owners: chain.flatMap((one) => (one === null ? [] : `${one.kind.toLowerCase()}/${one.name}`)),
  };
}

async function zonesOf(
  client: KubeApi,
  pods: readonly PodRecord[],
): Promise<ReadonlyMap<string, string | null>> {
  const nodes = [...new Set(pods.flatMap((one) => one.node ?? []))];
  const zones = nodes.map(async (node) => {
    const found = await getOrNull(client, `/api/v1/nodes/${encodeURIComponent(node)}`, `get node ${node}`);
    return [node, found?.metadata?.labels?.[ZONE_LABEL] ?? null] as const;
  });
  return new Map(await Promise.all(zones));
}

/**
 * The controllers of the ReplicaSets; a controller of another kind is already the object that the user
 * created.
 */
async function ownersOf(
  client: KubeApi,
  pods: readonly PodRecord[],
): Promise<ReadonlyMap<string, OwnerRef | null>> {
  const sets = new Map(
    pods.filter((one) => one.owner?.kind === 'ReplicaSet').map((one) => [replicaSetKey(one), one]),
  );
  const owners = [...sets].map(async ([key, { namespace, owner }]) => {
    const name = owner?.name ?? '';
    const path = `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/replicasets/${encodeURIComponent(name)}`;
    const found = await getOrNull(client, path, `get replicaset ${name} in ${namespace}`);
    return [key, found === null ? null : controllerOf(found.metadata ?? {})] as const;
  });
  return new Map(await Promise.all(owners));
}

const replicaSetKey = ({ namespace, owner }: PodRecord): string =>
  owner?.kind === 'ReplicaSet' ? `${namespace}/${owner.name}` : '';

/** Null: deleted meanwhile, which is a valid answer. @throws ApiError, ApiUnreachable. */
async function getOrNull(client: KubeApi, path: string, what: string): Promise<ObjectJson | null> {
  try {
    return (await client.ask<ObjectJson>({ method: 'GET', path, what })).body;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}
