/** Converts a target file with addresses to the topology for load, probes and faults. */

import type { TargetFile } from '../config/read-target.ts';
import { addressOf, formatAddress } from '../core/address.ts';
import { GauntletError } from '../core/errors.ts';
import type { Protocol } from '../core/system.ts';
import { declaredIn, servicesAt, speaking, type Topology } from '../core/topology.ts';

/** Of a URL without one. */
const DEFAULT_PORTS: Readonly<Partial<Record<Protocol, number>>> = { http: 80, redis: 6379 };

/**
 * The identity is an address and not the file's name: two files for one system must get the same lock.
 * @param cluster the identity of the cluster, for platform kubernetes.
 * @throws GauntletError(defect) for a sandbox target: its topology is in the sandbox's state file.
 */
export function resolveTopology(target: TargetFile, cluster?: string): Topology {
  const { platform, system, addresses, name } = target;
  if (platform === 'sandbox' || (platform === 'kubernetes') !== (cluster !== undefined)) {
    const problem = { subject: `target ${name}`, expected: 'platform none', got: platform };
    throw new GauntletError('defect', [problem]);
  }
  const services = servicesAt(system, addresses);
  const identity = cluster ?? `none:${firstAddress({ services }) ?? name}`;
  return { platform, identity, services, declared: declaredIn(system) };
}

/** `host:port` of the part that most certainly belongs to this system alone: stores and buses are shared. */
function firstAddress(topology: Pick<Topology, 'services'>): string | undefined {
  for (const protocol of ['http', 'kafka', 'redis', 'grpc', 'postgres', 'tcp'] as const) {
    const address = speaking(topology, protocol)[0]?.endpoint.at[0]?.address;
    if (address === undefined) continue;
    const port = DEFAULT_PORTS[protocol];
    return port === undefined ? address : formatAddress(addressOf(address, port));
  }
  return undefined;
}
