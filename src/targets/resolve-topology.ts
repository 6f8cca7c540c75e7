/** From a target file to what load, probes and faults see, for a target whose addresses stand in the file. */
import { GauntletError } from '../core/errors.ts';
import type { Topology } from '../core/topology.ts';
import type { TargetFile } from './target-file.ts';

/**
 * The identity is an address and not the file's name: two files for one system must meet at one lock.
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

/** `host:port` of the part that is most surely the system's own; a URL without port is that of its scheme. */
function firstAddress({ gateway, specialists, kafka, redis, name }: TargetFile): string {
  if (gateway) return hostAndPort(gateway.url, 80);
  return kafka?.brokers[0]?.client ?? redisAddress(redis?.url) ?? Object.values(specialists)[0] ?? name;
}

const redisAddress = (url: string | undefined): string | undefined =>
  url === undefined ? undefined : hostAndPort(url, 6379);

function hostAndPort(url: string, standardPort: number): string {
  const { hostname, port } = new URL(url);
  return `${hostname}:${port === '' ? standardPort : port}`;
}
