/** Where the parts of a sandbox are reached: over the links of a client, or directly. */
import { formatAddress } from '../address.ts';
import type { Protocol, Service } from '../system.ts';
import type { AddressAt, Addresses } from '../topology.ts';
import type { Layout, PlacedInstance, Socket } from './layout.ts';
import { brokerPort, controllerPort, portOf } from './ports.ts';
import { CLIENT, isCluster, PROBE, reachable } from './processes.ts';

/** @throws for a name that is not in the plan, which is a bug in this folder. */
export function listenOf(layout: Layout, name: string): Socket {
  const link = layout.links.find((one) => one.name === name);
  if (!link) throw new Error(`no link ${name} in the layout`);
  return link.listen;
}

export const brokersIn = (
  { instances }: Layout,
  cluster: string,
): readonly (PlacedInstance & { readonly broker: NonNullable<PlacedInstance['broker']> })[] =>
  instances.flatMap((one) => (one.broker?.cluster === cluster ? [{ ...one, broker: one.broker }] : []));

/** The real address of a broker, which its supervisor uses, bypassing all links. */
export const brokerSocket = ({ ports }: Layout, { host, broker }: PlacedInstance): Socket => ({
  host,
  port: portOf(ports, brokerPort(broker?.cluster ?? '')),
});

export const controllerSocket = ({ ports }: Layout, { host, broker }: PlacedInstance): Socket => ({
  host,
  port: portOf(ports, controllerPort(broker?.cluster ?? '')),
});

/** The addresses at which one service dials another, by protocol; several only of a cluster. */
export function dialled(
  layout: Layout,
  from: string,
  to: Service,
): readonly { readonly protocol: Protocol; readonly sockets: readonly Socket[] }[] {
  const names = isCluster(to) ? brokersIn(layout, to.name).map((one) => one.instance) : [to.name];
  const links = layout.links.filter((one) => one.from === from && names.includes(one.to));
  const byProtocol = new Map<Protocol, Socket[]>();
  for (const { protocol, listen } of links)
    byProtocol.set(protocol, [...(byProtocol.get(protocol) ?? []), listen]);
  return [...byProtocol].map(([protocol, sockets]) => ({ protocol, sockets }));
}

/**
 * Of all services, through the links of `via`; where a client has none, as to stores and buses, through those
 * of the probes.
 */
export function addressesOf(layout: Layout, via: typeof CLIENT | typeof PROBE): Addresses {
  const found = reachable(layout.system).map((service) => {
    const probed = dialled(layout, PROBE, service);
    const own = via === PROBE ? [] : dialled(layout, CLIENT, service);
    const at = probed.map((one) => own.find(({ protocol }) => protocol === one.protocol) ?? one);
    return [
      service.name,
      Object.fromEntries(
        at.map(({ protocol, sockets }) => [
          protocol,
          isCluster(service)
            ? brokerAddresses(layout, service)
            : sockets.map((one) => ({ address: urlOf(protocol, one), ...loginOf(service) })),
        ]),
      ),
    ] as const;
  });
  return Object.fromEntries(found);
}

/** The superuser of a database that the sandbox brings, who needs no password. */
const loginOf = ({ sandbox }: Service): Pick<AddressAt, 'access'> => {
  if (sandbox?.kind !== 'use' || sandbox.server !== 'postgres') return {};
  const { database } = sandbox;
  return { access: { login: { user: 'postgres', ...(database !== undefined && { database }) } } };
};

/** As a target file writes it. */
export const urlOf = (protocol: Protocol, socket: Socket): string =>
  `${protocol === 'http' || protocol === 'redis' ? `${protocol}://` : ''}${formatAddress(socket)}`;

const brokerAddresses = (layout: Layout, { name }: Service): readonly AddressAt[] =>
  brokersIn(layout, name).map((one) => ({
    id: one.broker.id,
    address: formatAddress(listenOf(layout, `${PROBE}->${one.instance}`)),
    controller: formatAddress(controllerSocket(layout, one)),
  }));

/** The addresses that listen on each port. */
export function listenersByPort(layout: Layout): ReadonlyMap<number, readonly string[]> {
  const { links, instances, spare } = layout;
  const ends = links.flatMap((link) => [link.listen, ...link.upstreams]);
  const seats = [...instances, ...spare].flatMap((placed) => [
    ...Object.values(placed.ports).map((port) => ({ host: placed.host, port })),
    ...(placed.broker === undefined ? [] : [controllerSocket(layout, placed)]),
  ]);
  const found = new Map<number, Set<string>>();
  for (const { host, port } of [...ends, ...seats]) found.set(port, (found.get(port) ?? new Set()).add(host));
  return new Map([...found].map(([port, hosts]) => [port, [...hosts]]));
}
