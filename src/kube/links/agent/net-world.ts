/** The common parts of both ways to break links: the addresses of services, and the affected pods. */

import type { PodSelector } from '../../../core/acts/kubernetes-handle.ts';
import { GauntletError } from '../../../core/errors.ts';
import { own } from '../../../core/own.ts';
import type { PodVictim } from '../../../core/topology.ts';
import type { KubeApi } from '../../client/client.ts';
import type { NetAgent } from './agent.ts';
import { listNetPods, type NetPod } from './net-pods.ts';

export interface NetWorld {
  readonly client: KubeApi;
  readonly agent: NetAgent;
  readonly services: Readonly<Record<string, PodSelector>>;
  /** As in the handle. */
  readonly links?: readonly string[];
  readonly image: string;
}

/** @throws usage for a service that the target file does not name. */
export function whereIs(services: NetWorld['services'], service: string): PodSelector {
  const where = own(services, service);
  if (where) return where;
  const expected = `one of ${Object.keys(services).join(', ')}`;
  throw new GauntletError('usage', [{ subject: 'service', expected, got: JSON.stringify(service) }]);
}

/**
 * @throws refused for a pod that shares the network of its node: rules there would affect every pod on it.
 */
export function onOwnNetwork(service: string, pods: readonly NetPod[]): readonly NetPod[] {
  const shared = pods.filter((pod) => pod.isOnHostNetwork);
  const subject = `pods of ${service}`;
  if (shared.length > 0) {
    const got = `hostNetwork in ${shared.map((pod) => pod.name).join(', ')}`;
    throw new GauntletError('refused', [{ subject, expected: 'a network namespace of their own', got }]);
  }
  if (pods.length > 0) return pods;
  throw new GauntletError('unavailable', [
    { subject, expected: 'at least one with an address', got: 'none' },
  ]);
}

/** The pods of these services, in the form that the guard takes. @throws as onOwnNetwork. */
export async function victimsIn(
  { client, services }: Pick<NetWorld, 'client' | 'services'>,
  names: readonly string[],
): Promise<readonly PodVictim[]> {
  const found = await Promise.all(
    names.map(async (service) =>
      onOwnNetwork(service, await listNetPods(client, whereIs(services, service))).map((pod) => ({
        service,
        instance: pod.name,
        namespace: pod.namespace,
        uid: pod.uid,
      })),
    ),
  );
  return found.flat();
}

export const namespacesOfServices = (services: NetWorld['services']): readonly string[] =>
  [...new Set(Object.values(services).map((one) => one.namespace))].sort();
