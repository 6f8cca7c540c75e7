/**
 * The cluster's own restrictions: namespaces that run the cluster itself, pods without an opt-in, and acts
 * for which this user has no permission. Checked when the plan is printed and again right before the act.
 */

import { groupOf } from '../../core/acts/act-names.ts';
import { type PodSelector, PROTECTED_NAMESPACES } from '../../core/acts/kubernetes-handle.ts';
import type { PlatformGuard } from '../../core/acts/platform.ts';
import type { Problem } from '../../core/errors.ts';
import { own } from '../../core/own.ts';
import type { PodVictim, Victim } from '../../core/topology.ts';
import type { KubeApi } from '../client/client.ts';
import { listPods } from '../pods/pod-list.ts';
import { OPT_IN_LABEL } from '../pods/pod-record.ts';
import { kafkaAtPods } from './kafka-guard.ts';
import {
  isOfCluster,
  JOURNAL_PERMISSIONS,
  type LinksBy,
  type Permission,
  permissionsFor,
  rbacCommandFor,
  say,
} from './permissions.ts';
import { redisAtPods } from './redis-guard.ts';

export interface GuardOptions {
  /** The namespace that holds the journals of runs; absent: no journal is possible. */
  readonly journal?: string | undefined;
  readonly linksBy?: LinksBy | undefined;
  /** By service, the address that each Redis server behind the target's address reports. */
  readonly redisAddresses?: Readonly<Record<string, () => Promise<readonly (string | null)[]>>> | undefined;
  /** By service, where each Kafka behind the target's addresses says that its brokers are. */
  readonly kafkaHosts?: Readonly<Record<string, () => Promise<readonly string[]>>> | undefined;
}

export function kubeGuard(
  client: KubeApi,
  services: Readonly<Record<string, PodSelector>>,
  { journal, linksBy, redisAddresses = {}, kafkaHosts = {} }: GuardOptions = {},
): PlatformGuard {
  const namespaces = [...new Set(Object.values(services).map((one) => one.namespace))].sort();
  return {
    async refusals(victims, acts, about = []) {
      // The lock is taken after the guards have agreed: its permissions are checked with all others.
      const needed = permissionsFor(['lock', ...acts], linksBy);
      const needs: (readonly [string | null, Permission])[] = [
        ...namespaces.flatMap((namespace) =>
          needed.filter((one) => !isOfCluster(one)).map((one) => [namespace, one] as const),
        ),
        ...needed.filter(isOfCluster).map((one) => [null, one] as const),
      ];
      if (journal !== undefined) needs.push(...JOURNAL_PERMISSIONS.map((one) => [journal, one] as const));
      const missing = await Promise.all(needs.map((need) => missingPermission(client, ...need, linksBy)));
      // Without permission to read, a label is unknown, and one reason is enough.
      const lacking = missing.flat();
      if (lacking.length > 0) return lacking;
      const commanded = acts.some((act) => groupOf(act) === 'redis') ? Object.keys(redisAddresses) : [];
      const meant = commanded.filter((name) => about.includes(name));
      const stores = await Promise.all(
        (meant.length > 0 ? meant : commanded).map(async (name) => {
          const reported = (await redisAddresses[name]?.()) ?? [null];
          return await Promise.all(reported.map((one) => redisAtPods(client, name, services[name], one)));
        }),
      ).then((each) => each.flat());
      const changed = acts.includes('kafka.setConfig') ? Object.keys(kafkaHosts) : [];
      const kafkas = await Promise.all(
        changed
          .filter((name) => about.includes(name))
          .map(async (name) => kafkaAtPods(client, name, services[name], (await kafkaHosts[name]?.()) ?? [])),
      );
      const asked = [
        ...victims,
        ...stores.flatMap((one) => one.pod ?? []),
        ...kafkas.flatMap((one) => one.pods),
      ];
      return [
        ...stores.flatMap((one) => one.problems),
        ...kafkas.flatMap((one) => one.problems),
        ...protectedProblems(asked),
        ...(await optInProblems(client, services, asked)),
      ];
    },
  };
}

interface AccessReview {
  readonly status?: { readonly allowed?: boolean; readonly reason?: string };
}

/** @param namespace null = in the whole cluster. */
async function missingPermission(
  client: KubeApi,
  namespace: string | null,
  permission: Permission,
  linksBy: LinksBy | undefined,
): Promise<readonly Problem[]> {
  const [resource, subresource] = permission.resource.split('/');
  const where = namespace === null ? 'the cluster' : `namespace ${namespace}`;
  const attributes = {
    ...(namespace === null ? {} : { namespace }),
    verb: permission.verb,
    group: permission.group,
    resource,
    ...(subresource === undefined ? {} : { subresource }),
    // A Role may permit reading its own namespace: then the name is part of the request.
    ...(permission.resource === 'namespaces' ? { name: namespace } : {}),
  };
  const { body } = await client.ask<AccessReview>({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    what: `ask for permission to ${say(permission)} in ${namespace ?? where}`,
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: attributes },
    },
  });
  if (body.status?.allowed === true) return [];
  return [
    {
      subject: `permission in ${where}`,
      expected: say(permission),
      got: body.status?.reason ? `no: ${body.status.reason}` : 'no',
      next: `The minimal Role that Gauntlet needs: ${rbacCommandFor(permission, linksBy)}`,
    },
  ];
}

const isPod = (victim: Victim): victim is PodVictim => 'uid' in victim;

function protectedProblems(victims: readonly Victim[]): readonly Problem[] {
  return victims
    .filter(isPod)
    .filter((one) => PROTECTED_NAMESPACES.includes(one.namespace))
    .map((one) => ({
      subject: `pod ${one.instance}`,
      expected: 'a namespace that is not protected',
      got: `${one.namespace} (always protected: ${PROTECTED_NAMESPACES.join(', ')})`,
    }));
}

async function optInProblems(
  client: KubeApi,
  services: Readonly<Record<string, PodSelector>>,
  victims: readonly Victim[],
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const service of new Set(victims.filter(isPod).map((one) => one.service))) {
    const where = own(services, service);
    if (!where) continue;
    const space = await namespaceOptIn(client, where.namespace);
    const pods = (await listPods(client, where)).items;
    for (const victim of victims) {
      const pod = pods.find((one) => isPod(victim) && one.uid === victim.uid);
      if (!pod || isAllowed(space, pod.optIn)) continue;
      problems.push(notOptedIn(pod.name, where.namespace, pod.optIn ?? space));
    }
  }
  return problems;
}

async function namespaceOptIn(client: KubeApi, namespace: string): Promise<string | null> {
  const { body } = await client.ask<{ metadata?: { labels?: Record<string, string> } }>({
    method: 'GET',
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}`,
    what: `get namespace ${namespace}`,
  });
  return body.metadata?.labels?.[OPT_IN_LABEL] ?? null;
}

/** The workload's own label overrides that of its namespace. */
const isAllowed = (namespace: string | null, pod: string | null): boolean => (pod ?? namespace) === 'enabled';

const notOptedIn = (pod: string, namespace: string, label: string | null): Problem => ({
  subject: `pod ${pod} in ${namespace}`,
  expected: `label ${OPT_IN_LABEL}=enabled on its namespace or on its workload's pod template`,
  got: label === null ? 'no such label' : label,
  next: `Its owner allows faults with: kubectl label namespace ${namespace} ${OPT_IN_LABEL}=enabled`,
});
