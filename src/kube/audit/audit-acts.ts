/** Lists all that an audit reads of the namespaces of a target. Its permissions are those of `audit.list`. */
import type { AuditActs, NamespaceView, PodView, ReplicaSetView } from '../../core/acts/audit-acts.ts';
import { epochMs } from '../../core/units.ts';
import type { KubeApi } from '../client/client.ts';
import { listAll, podsPath } from '../client/list.ts';
import { slicesPath } from '../pods/endpoint-slices.ts';
import { type AuditedPodJson, podView } from './pod-view.ts';
import {
  readyIn,
  replicaSetView,
  type ServiceJson,
  type SliceJson,
  serviceOfSlice,
  serviceView,
  WORKLOAD_KINDS,
  type WorkloadJson,
  workloadView,
} from './workload-view.ts';

export function auditActs(client: KubeApi, namespaces: readonly string[]): AuditActs {
  return {
    async list() {
      // Ages are differences of its own timestamps; this machine's clock may be minutes off.
      const { date, sentAt } = await client.ask({
        method: 'GET',
        path: '/version',
        what: 'read the version',
      });
      const views: NamespaceView[] = [];
      for (const namespace of namespaces) views.push(await namespaceView(client, namespace));
      return { at: epochMs(date ?? sentAt), namespaces: views };
    },
  };
}

async function namespaceView(client: KubeApi, namespace: string): Promise<NamespaceView> {
  const list = async <Json, View>(path: string, pick: (json: Json) => View): Promise<readonly View[]> => {
    const what = `list ${path.slice(path.lastIndexOf('/') + 1)} in ${namespace}`;
    return (await listAll<Json, View>(client, { path, what }, pick)).items;
  };
  const inApps = (plural: string): string =>
    `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/${plural}`;
  const services = podsPath(namespace).replace(/pods$/, 'services');
  const pods = await list<AuditedPodJson, PodView>(podsPath(namespace), podView);
  const replicaSets = await list<WorkloadJson, ReplicaSetView>(inApps('replicasets'), replicaSetView);
  const kinds = Object.keys(WORKLOAD_KINDS) as (keyof typeof WORKLOAD_KINDS)[];
  const workloads = await Promise.all(
    kinds.map((kind) => list(inApps(WORKLOAD_KINDS[kind]), workloadView(kind))),
  );
  const ready = new Map<string, number>();
  await list<SliceJson, void>(slicesPath(namespace), (slice) => {
    const name = serviceOfSlice(slice);
    ready.set(name, (ready.get(name) ?? 0) + readyIn(slice));
  });
  return {
    namespace,
    pods: pods.map((pod) => ({ ...pod, owner: ownerBehind(pod.owner, replicaSets) })),
    workloads: workloads.flat(),
    replicaSets,
    services: await list<ServiceJson, ReturnType<typeof serviceView>>(services, (json) =>
      serviceView(json, ready.get(json.metadata?.name ?? '') ?? 0),
    ),
  };
}

const SET = 'ReplicaSet/';

/** The Deployment that a ReplicaSet belongs to, which is what a user created. */
function ownerBehind(owner: string, replicaSets: readonly ReplicaSetView[]): string {
  if (!owner.startsWith(SET)) return owner;
  return replicaSets.find(({ name }) => owner === `${SET}${name}`)?.owner ?? owner;
}
