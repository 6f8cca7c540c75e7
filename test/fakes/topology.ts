/** A topology of the system that comes with Gauntlet, from a few addresses. */
import { parseTarget, type TargetFile } from '../../src/config/read-target.ts';
import type { System } from '../../src/core/system.ts';
import { type Addresses, type KafkaEndpoint, servicesAt, type Topology } from '../../src/core/topology.ts';
import { findSystem } from '../../src/run/files/systems.ts';

export interface Parts {
  readonly gateway?: { readonly url: string };
  /** By kind. */
  readonly specialists?: Readonly<Record<string, string>>;
  readonly kafka?: { readonly brokers: readonly KafkaEndpoint[] };
  readonly redis?: { readonly url: string };
}

export function defaultSystem(): System {
  const system = findSystem(null, '');
  if ('expected' in system) throw new Error(system.expected);
  return system;
}

export function topologyOf(
  parts: Parts,
  { platform = 'none', identity = 'none:t' }: Partial<Pick<Topology, 'platform' | 'identity'>> = {},
): Topology {
  const { gateway, specialists = {}, kafka, redis } = parts;
  const grpc = Object.entries(specialists).map(([kind, address]) => [
    `specialist-${kind}`,
    { grpc: [{ address }] },
  ]);
  const addresses: Addresses = {
    ...(gateway && { gateway: { http: [{ address: gateway.url }] } }),
    ...(Object.fromEntries(grpc) as Addresses),
    ...(kafka && {
      kafka: { kafka: kafka.brokers.map(({ client, ...one }) => ({ ...one, address: client })) },
    }),
    ...(redis && { redis: { redis: [{ address: redis.url }] } }),
  };
  return { platform, identity, services: servicesAt(defaultSystem(), addresses) };
}

/** A target file as a user's is read: with the systems that come with Gauntlet. */
export const targetFrom = (file: string, text: string): TargetFile => parseTarget(file, text, findSystem);
