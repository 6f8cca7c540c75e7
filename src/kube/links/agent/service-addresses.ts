/**
 * The current addresses of a service from inside a pod: those of its pods, and those of the Services that
 * select them. A pod's own rules see the Service's address, because it is translated only in the node's
 * network (kube-proxy).
 */

import type { PodSelector } from '../../../core/acts/kubernetes-handle.ts';
import { GauntletError } from '../../../core/errors.ts';
import type { KubeApi } from '../../client/client.ts';
import { listAll } from '../../client/list.ts';
import { listNetPods, type NetPod } from './net-pods.ts';

interface ServiceJson {
  readonly spec?: {
    readonly selector?: Readonly<Record<string, string>>;
    readonly clusterIPs?: readonly string[];
    readonly ports?: readonly {
      readonly port?: number;
      readonly protocol?: string;
      /** A number, or the name of a container's port. */
      readonly targetPort?: number | string;
    }[];
  };
}

export interface ServiceAddresses {
  readonly addresses: readonly string[];
  /** TCP ports of its Services, reached at the Services' own addresses; empty for headless ones. */
  readonly services: readonly End[];
  /** TCP ports that its containers declare, or that its Services forward to, at the pods' own addresses. */
  readonly pods: readonly End[];
}

export interface End {
  readonly address: string;
  readonly port: number;
}

/** The service has no pod with an address. */
export class NoAddresses extends GauntletError {}

/** @throws NoAddresses. */
export async function addressesOfService(
  client: KubeApi,
  service: string,
  where: PodSelector,
): Promise<ServiceAddresses> {
  const [pods, services] = await Promise.all([
    listNetPods(client, where),
    listAll<ServiceJson, ServiceJson>(
      client,
      {
        path: `/api/v1/namespaces/${encodeURIComponent(where.namespace)}/services`,
        what: `list services in ${where.namespace}`,
      },
      (json) => json,
    ),
  ]);
  if (pods.length === 0) {
    const problem = {
      subject: `service ${service}`,
      expected: 'at least one pod with an address',
      got: 'none',
    };
    throw new NoAddresses('unavailable', [problem]);
  }
  const leading = services.items.filter((one) => leadsTo(one, pods));
  const clusterIps = leading.flatMap(addressesOf);
  return {
    addresses: [...new Set([...pods.flatMap((one) => one.addresses), ...clusterIps])],
    services: leading.flatMap((one) =>
      addressesOf(one).flatMap((address) =>
        tcpPorts(one).flatMap(({ port }) => (port === undefined ? [] : [{ address, port }])),
      ),
    ),
    pods: pods.flatMap((pod) => {
      const led = leading.filter((one) => leadsTo(one, [pod])).flatMap(tcpPorts);
      const targets = led.flatMap(({ port, targetPort = port }) =>
        typeof targetPort === 'number' ? [targetPort] : [],
      );
      const ports = [...new Set([...pod.ports, ...targets])];
      return pod.addresses.flatMap((address) => ports.map((port) => ({ address, port })));
    }),
  };
}

const tcpPorts = ({ spec }: ServiceJson) =>
  (spec?.ports ?? []).filter(({ protocol = 'TCP' }) => protocol === 'TCP');

/** A headless Service has the address `None`: its name resolves to the pods themselves. */
const addressesOf = ({ spec }: ServiceJson): readonly string[] =>
  (spec?.clusterIPs ?? []).filter((one) => one !== '' && one !== 'None');

function leadsTo({ spec }: ServiceJson, pods: readonly NetPod[]): boolean {
  const wanted = Object.entries(spec?.selector ?? {});
  return wanted.length > 0 && pods.some((pod) => wanted.every(([key, value]) => pod.labels[key] === value));
}
