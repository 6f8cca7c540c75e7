/** Where the services and dependencies of a side are, as its target names them. */
import { dependencies, type Topology } from '../../core/topology.ts';

/** `host:port` by name; of URLs nothing else, which may hold a password. */
export function addressesOf(topology: Topology): Record<string, string> {
  const addresses = topology.services.flatMap(({ endpoints: [main] }) =>
    (main?.at ?? []).map(({ address }) => (address.includes('://') ? hostOf(address) : address)),
  );
  return Object.fromEntries(dependencies(topology).map((name, index) => [name, addresses[index] ?? '']));
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
