/** Where the services and dependencies of a side are, as its target names them. */
import type { Topology } from '../../core/topology.ts';

/** `host:port` by name; of URLs nothing else, which may hold a password. */
export function addressesOf({ gateway, redis, kafka, specialists }: Topology): Record<string, string> {
  return {
    ...(gateway && { gateway: hostOf(gateway.url) }),
    ...(redis && { redis: hostOf(redis.url) }),
    ...Object.fromEntries((kafka?.brokers ?? []).map((one) => [`kafka-${one.id}`, one.client])),
    ...Object.fromEntries(
      Object.entries(specialists).map(([name, address]) => [`specialist-${name}`, address]),
    ),
  };
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = {
  'http:': '80',
  'https:': '443',
  'redis:': '6379',
  'rediss:': '6379',
};

function hostOf(url: string): string {
  const { hostname, port, protocol } = new URL(url);
  return `${hostname}:${port || (DEFAULT_PORTS[protocol] ?? '')}`;
}
