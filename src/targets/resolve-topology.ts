/** From a target file to what load, probes and faults see, for a target whose addresses stand in the file. */
import { GauntletError } from '../core/errors.ts';
import type { Topology } from '../core/topology.ts';
import { addressOfUrl } from './address.ts';
import type { TargetFile } from './target-file.ts';

/**
 * The identity is an address and not the file's name: two files for one system must meet at one lock.
 * @throws GauntletError(defect) for a sandbox target: its topology is in the sandbox's state file.
 */
export function resolveTopology(target: TargetFile): Topology {
  if (target.platform !== 'none') {
    throw new GauntletError('defect', [
      { subject: `target ${target.name}`, expected: 'platform none', got: target.platform },
    ]);
  }
  const { gateway, specialists, kafka, redis } = target;
  return {
    platform: 'none',
    identity: `none:${identityAddress(target)}`,
    specialists,
    ...(gateway === undefined ? {} : { gateway }),
    ...(kafka === undefined ? {} : { kafka }),
    ...(redis === undefined ? {} : { redis }),
  };
}

function identityAddress({ gateway, specialists, kafka, redis, name }: TargetFile): string {
  const url = gateway?.url ?? redis?.url;
  const address = url === undefined ? undefined : addressOfUrl(url);
  if (address) return `${address.host}:${address.port}`;
  return kafka?.brokers[0]?.client ?? Object.values(specialists)[0] ?? name;
}
