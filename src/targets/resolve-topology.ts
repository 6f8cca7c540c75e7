/** Converts a target file with addresses to the topology for load, probes and faults. */

import type { TargetFile } from '../config/read-target.ts';
import { addressOf, formatAddress } from '../core/address.ts';
import { GauntletError } from '../core/errors.ts';
import type { Topology } from '../core/topology.ts';

/**
 * The identity is an address and not the file's name: two files for one system must get the same lock.
 * @param cluster the identity of the cluster, for platform kubernetes.
 * @throws GauntletError(defect) for a sandbox target: its topology is in the sandbox's state file.
 */
export function resolveTopology(target: TargetFile, cluster?: string): Topology {
  const { platform, gateway, specialists, kafka, redis } = target;
  if (platform === 'sandbox' || (platform === 'kubernetes') !== (cluster !== undefined)) {
    const problem = { subject: `target ${target.name}`, expected: 'platform none', got: platform };
    throw new GauntletError('defect', [problem]);
  }
  return {
    platform,
    identity: cluster ?? `none:${firstAddress(target)}`,
    specialists,
    ...(gateway === undefined ? {} : { gateway }),
    ...(kafka === undefined ? {} : { kafka }),
    ...(redis === undefined ? {} : { redis }),
  };
}

/**
 * `host:port` of the part that most certainly belongs to this system; a URL without port gets its scheme's.
 */
function firstAddress({ gateway, specialists, kafka, redis, name }: TargetFile): string {
  if (gateway) return formatAddress(addressOf(gateway.url, 80));
  const broker = kafka?.brokers[0]?.client;
  if (broker !== undefined) return broker;
  return redis ? formatAddress(addressOf(redis.url, 6379)) : (Object.values(specialists)[0] ?? name);
}
