/**
 * The platform `kubernetes`: pods as instances, chosen by namespace and label selector, identified by their
 * uid.
 */

import type { InstanceActs, InstanceState } from '../core/acts/instance-acts.ts';
import { type KubernetesHandle, PROTECTED_NAMESPACES } from '../core/acts/kubernetes-handle.ts';
import type { LinkActs } from '../core/acts/link-acts.ts';
import type { Platform, PlatformHandle } from '../core/acts/platform.ts';
import type { WorkloadActs } from '../core/acts/workload-acts.ts';
import { GauntletError } from '../core/errors.ts';
import { own } from '../core/own.ts';
import type { PodVictim, Topology, Victim } from '../core/topology.ts';
import { type Ms, ms } from '../core/units.ts';
import { advertisedHosts } from '../protocols/kafka/advertised-hosts.ts';
import { redisControllers } from '../protocols/redis/by-service.ts';
import { auditActs } from './audit/audit-acts.ts';
import { chaosKills } from './chaos-mesh/chaos-kills.ts';
import { type ChaosLinks, chaosLinks } from './chaos-mesh/chaos-links.ts';
import { type ChaosStress, chaosStress } from './chaos-mesh/chaos-stress.ts';
import { type KubeApi, KubeClient } from './client/client.ts';
import { openAccess } from './client/cluster-access.ts';
import { accessTo } from './client/cluster-identity.ts';
import { execWith } from './client/exec.ts';
import { releaseLease } from './guard/cluster-lock.ts';
import { kubeGuard } from './guard/guard.ts';
import { kubeClusterJournal } from './guard/journal-configmap.ts';
import { journalNamespace } from './guard/journal-namespace.ts';
import { linksBy } from './guard/permissions.ts';
import { DEFAULT_IMAGE } from './links/agent/agent-container.ts';
import { kubeLinks } from './links/kube-links.ts';
import { containerActs } from './pods/container-acts.ts';
import { placementActs } from './pods/placement.ts';
import { type Accepted, deletePod, evictPod } from './pods/pod-acts.ts';
import { listPods } from './pods/pod-list.ts';
import { PodLives } from './pods/pod-lives.ts';
import { isOver, type PodRecord } from './pods/pod-record.ts';
import { readyActs } from './pods/ready-watch.ts';
import { successorActs } from './pods/successors.ts';
import { workloadActs } from './workloads/workload-acts.ts';

/**
 * One renewal is an exec in every pod that dials: with 11 of them on two busy cores it took more than 3 s.
 */
export const LEASE_MS = ms(8000);

export interface KubePlatform extends Platform {
  readonly instances: InstanceActs;
  readonly workloads: WorkloadActs;
  readonly links: LinkActs;
  readonly client: KubeClient;
  /** The watch of one service, for tests and for a report of its gaps. */
  lives(service: string): PodLives;
}

/**
 * Sends no request yet: an unreachable, forbidden or wrong cluster is detected at the first act.
 * @param topology the addresses of the target file; a keeper, which needs none, gives only the identity.
 * @throws usage for a kubeconfig or context that does not fit, refused when they lead to a cluster other than
 * the handle's.
 */
export function openKubePlatform(handle: PlatformHandle, topology?: Topology): KubePlatform {
  const { kubernetes } = handle;
  if (!kubernetes) {
    const problem = { subject: `target ${handle.identity}`, expected: 'a kubernetes block', got: 'none' };
    throw new GauntletError('defect', [problem]);
  }
  const access = accessTo(openAccess(kubernetes), handle.identity);
  const client = new KubeClient(access);
  const watches = new Map<string, PodLives>();
  const lives = (service: string): PodLives => {
    const where = own(kubernetes.services, service);
    if (!where) throw unknownService(service, Object.keys(kubernetes.services));
    const watch = watches.get(service) ?? new PodLives(client, service, where);
    watches.set(service, watch);
    return watch;
  };
  const stores = redisControllers(kubernetes);
  const { services } = kubernetes;
  const namespaces = namespacesOf(kubernetes);
  const mesh: ChaosLinks | undefined = kubernetes.chaosMesh && chaosLinks(client, kubernetes, namespaces);
  const orders = kubernetes.chaosMesh && chaosKills({ client, services, namespaces, lives });
  const image = kubernetes.network?.image ?? DEFAULT_IMAGE;
  const podStress: ChaosStress | undefined =
    kubernetes.chaosMesh && chaosStress({ client, services, namespaces, image });
  return {
    handle,
    topology: topology ?? { platform: 'kubernetes', identity: handle.identity, services: [] },
    client,
    lives,
    leaseMs: LEASE_MS,
    ...(mesh ? { links: mesh } : kubeLinks(access, client, kubernetes)),
    instances: {
      ...instanceActs(client, services, lives, watches),
      placement: placementActs(client, services),
      successors: successorActs(client, services),
      containers: containerActs(client, execWith(access), lives),
      ...(orders && { orders }),
    },
    workloads: workloadActs(client, services),
    ready: readyActs(client, services),
    guard: kubeGuard(client, services, {
      journal: journalNamespace(kubernetes),
      linksBy: linksBy(kubernetes),
      redisAddresses: stores.addresses,
      kafkaHosts: Object.fromEntries(
        Object.entries(kubernetes.kafkaByService ?? {}).map(([service, brokers]) => [
          service,
          () => advertisedHosts(brokers),
        ]),
      ),
    }),
    ...stores.acts,
    ...(podStress && { podStress }),
    audit: auditActs(client, namespaces),
    clusterJournal: kubeClusterJournal(client, kubernetes, handle.identity, namespaces),
    async release() {
      const { holder } = kubernetes;
      if (holder === undefined) return;
      for (const namespace of namespaces) await releaseLease(client, namespace, holder);
    },
    close() {
      for (const watch of watches.values()) watch.stop();
      mesh?.stop();
      podStress?.stop();
      stores.stop();
      client.close();
    },
  };
}

/** In locking order. Gauntlet writes nothing to a protected namespace, not even a lock. */
export const namespacesOf = ({ services }: Pick<KubernetesHandle, 'services'>): readonly string[] =>
  [...new Set(Object.values(services).map((one) => one.namespace))]
    .filter((namespace) => !PROTECTED_NAMESPACES.includes(namespace))
    .sort();

function instanceActs(
  client: KubeApi,
  services: NonNullable<PlatformHandle['kubernetes']>['services'],
  lives: (service: string) => PodLives,
  watches: ReadonlyMap<string, PodLives>,
): InstanceActs {
  /** The watch starts before the act, so that every later event is seen. */
  const act = async (
    victim: Victim,
    how: (pod: PodVictim) => Promise<Accepted>,
  ): Promise<'sent' | 'gone'> => {
    if (!('uid' in victim)) return 'gone';
    const watch = lives(victim.service);
    await watch.start();
    const { outcome, sentAt, answeredAt } = await how(victim);
    if (outcome === 'sent') watch.accepted(victim.uid, sentAt, answeredAt);
    return outcome;
  };
  const remove = (victim: Victim, graceMs: Ms | null): Promise<'sent' | 'gone'> =>
    act(victim, (pod) => deletePod(client, pod, graceMs));
  return {
    async list(service) {
      const names = service === undefined ? Object.keys(services) : [service];
      const lists = await Promise.all(
        names.map(async (name) => {
          const where = own(services, name);
          if (!where) throw unknownService(name, Object.keys(services));
          const list = await listPods(client, where);
          watches.get(name)?.listed(list);
          return list.items.filter((pod) => !isOver(pod)).map((pod) => stateOf(name, pod));
        }),
      );
      return lists.flat();
    },
    async signal(victim, signal) {
      if (signal === 'SIGKILL') return await remove(victim, ms(0));
      if (signal === 'SIGTERM') return await remove(victim, null);
      const problem = { subject: signal, expected: 'SIGKILL or SIGTERM on Kubernetes', got: signal };
      throw new GauntletError('refused', [problem]);
    },
    lives: async (service) => await lives(service).read(),
    async labelsNear(service) {
      const where = own(services, service);
      if (where === undefined) return [];
      const pods = await listPods(client, { namespace: where.namespace });
      return [...new Set(pods.items.flatMap((pod) => pod.labels))].sort();
    },
    removal: {
      remove,
      evict: (victim, graceMs) => act(victim, (pod) => evictPod(client, pod, graceMs)),
    },
  };
}

const stateOf = (service: string, pod: PodRecord): InstanceState => ({
  service,
  instance: pod.name,
  namespace: pod.namespace,
  uid: pod.uid,
  ready: pod.isReady,
  restarts: pod.restarts,
  isLeaving: pod.isDeleting,
  inside: pod.inside,
});

const unknownService = (service: string, known: readonly string[]): GauntletError =>
  new GauntletError('usage', [
    { subject: 'service', expected: `one of ${known.join(', ')}`, got: JSON.stringify(service) },
  ]);
