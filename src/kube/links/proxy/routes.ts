/**
 * The routes from the pods that dial to the proxy: each address and port of the other side gets its own
 * listener there, so that the proxy knows whom to dial: a translated packet no longer contains its original
 * destination.
 */
import { isIPv6 } from 'node:net';
import { formatAddress } from '../../../core/address.ts';
import { GauntletError } from '../../../core/errors.ts';
import { endsOf } from '../agent/link-state.ts';
import type { ServiceAddresses } from '../agent/service-addresses.ts';

/** Above the ports that require a capability, below those that a kernel assigns to clients. */
const FIRST_PORT = 20_000;
export const CONTROL_PORT = 19_999;

export interface Route {
  readonly link: string;
  /** As callers dial: a Service's own address, or that of a pod. */
  readonly peer: string;
  readonly port: number;
  /** The proxy's port. */
  readonly listen: number;
}

/** @throws refused for a link whose other side declares no TCP port, because it then cannot be redirected. */
export function routesOf(
  links: readonly { readonly name: string; readonly peers: ServiceAddresses }[],
): readonly Route[] {
  const routes = links.flatMap(({ name, peers }) => {
    const ends = [...peers.services, ...peers.pods];
    if (ends.length === 0) throw noPorts(name);
    const once = new Map(ends.map((end) => [`${end.address} ${end.port}`, end]));
    return [...once.values()].map(({ address, port }) => ({ link: name, peer: address, port }));
  });
  return routes.map((route, index) => ({ ...route, listen: FIRST_PORT + index }));
}

/** The names of the listeners: a link and a number. */
export const routeName = (route: Route): string => `${route.link}#${route.listen - FIRST_PORT}`;
export const linkOf = (wayName: string): string => wayName.slice(0, wayName.lastIndexOf('#'));

/** Field for field what the proxy reads (packages/link-proxy/src/wire.ts). */
export const proxyConfig = (secret: string, routes: readonly Route[]): object => ({
  controlSocket: { port: CONTROL_PORT, below: secret },
  links: routes.map((route) => ({
    name: routeName(route),
    ...endsOf(route.link),
    listen: { host: isIPv6(route.peer) ? '::' : '0.0.0.0', port: route.listen },
    upstreams: [{ instance: route.peer, host: route.peer, port: route.port, ready: true }],
  })),
});

/**
 * In the agent's form. A peer whose family the proxy has no address of is not redirected: it counts as
 * bypassing.
 */
export function viasOf(
  routes: readonly Route[],
  proxyAddresses: readonly string[],
): readonly { readonly peer: string; readonly port: number; readonly to: string }[] {
  return routes.flatMap(({ peer, port, listen }) => {
    const proxy = proxyAddresses.find((one) => isIPv6(one) === isIPv6(peer));
    if (proxy === undefined) return [];
    return [{ peer, port, to: formatAddress({ host: proxy, port: listen }) }];
  });
}

const noPorts = (link: string): GauntletError =>
  new GauntletError('refused', [
    {
      subject: `link ${link}`,
      expected: 'a TCP port that a Service or a container of the other side declares',
      got: 'none',
      next: 'Declare it (containers[].ports), otherwise traffic cannot be redirected through a proxy.',
    },
  ]);
