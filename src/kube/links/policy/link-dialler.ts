/**
 * What a link lets through, observed by an unprivileged container in each pod that dials: new connections to
 * the Services of the other side, and those that it opened before a fault and holds.
 */

import type { HeldConnections, LinkState } from '../../../core/acts/link-acts.ts';
import { formatAddress } from '../../../core/address.ts';
import { monotonicClock } from '../../../system/monotonic-clock.ts';
import { withAgent } from '../agent/agent-container.ts';
import { countHeld, type HeldConnection, type Holder } from '../agent/holder.ts';
import { endsOf, linkState } from '../agent/link-state.ts';
import { listNetPods, type NetPod } from '../agent/net-pods.ts';
import { type NetWorld, onOwnNetwork, whereIs } from '../agent/net-world.ts';
import { addressesOfService } from '../agent/service-addresses.ts';

export interface DiallingWorld extends NetWorld {
  readonly holder: Holder;
}

/** The pods and addresses between which connections are held. */
export interface Wire {
  readonly name: string;
  readonly pods: readonly string[];
  readonly addresses: readonly string[];
}

export interface Seen {
  /** New connections. */
  readonly good: number;
  readonly bad: number;
  readonly held: HeldConnections;
  /** Were held, and are no longer: their container has ended. */
  readonly missing: number;
}

/**
 * Whether anything passes, on a new connection or on a held one. An ended connection proves nothing: where a
 * policy decides on the side that opens a connection, the server's own close can still arrive.
 */
export const isCrossed = ({ good, held }: Seen): boolean => good > 0 || held.passing > 0;

/**
 * The bytes of one TCP connection that is opened and closed: seven segments without data, of 52 bytes each.
 */
const DIAL_BYTES = 364;

/** Opens a connection on each path of the link, from every pod; null when one of them is not answered. */
export async function holdLink(world: DiallingWorld, name: string): Promise<Wire | null> {
  const { client, holder, services } = world;
  const { from, to } = endsOf(name);
  const [pods, peers] = await Promise.all([
    listNetPods(client, whereIs(services, from)),
    addressesOfService(client, to, whereIs(services, to)),
  ]);
  const addresses = peers.services.map(({ address, port }) => formatAddress({ host: address, port }));
  const held = await Promise.all(
    onOwnNetwork(from, pods).map((pod) =>
      inDialler(world, pod, (container) => holder.hold(pod, container, addresses)),
    ),
  );
  const isOpen = (address: string, all: readonly HeldConnection[]): boolean =>
    all.some((one) => one.address === address && one.state === 'open');
  // An address of a family that the cluster does not carry is not a path of this link; all pods must agree on
  // the usable ones.
  const open = addresses.filter((address) => held.some((all) => isOpen(address, all)));
  const isEverywhere = held.every((all) => open.every((address) => isOpen(address, all)));
  if (open.length === 0 || !isEverywhere) return null;
  return { name, pods: pods.map((pod) => pod.uid), addresses: open };
}

/**
 * Only in pods that still exist: a later pod holds nothing, and a pod that ended has lost its connections.
 */
export async function lookAtLink(world: DiallingWorld, wire: Wire): Promise<Seen> {
  const { client, agent, holder, services } = world;
  const started = monotonicClock.now();
  const pods = await listNetPods(client, whereIs(services, endsOf(wire.name).from));
  const seen = await Promise.all(
    pods
      .filter((pod) => wire.pods.includes(pod.uid))
      .map((pod) =>
        inDialler(world, pod, async (container) => {
          const dials = wire.addresses.map((address) => agent.dial(pod, container, address));
          const [held, ...fresh] = await Promise.all([holder.held(pod, container), ...dials]);
          return { held: held.filter((one) => wire.addresses.includes(one.address)), fresh };
        }),
      ),
  );
  const fresh = seen.flatMap((one) => one.fresh);
  const good = fresh.filter((one) => one.ok).length;
  const askedMs = monotonicClock.now() - started;
  const found = seen.flatMap((one) => one.held);
  const held = countHeld(found, askedMs);
  return { good, bad: fresh.length - good, held, missing: fresh.length - found.length };
}

const inDialler = <T>(
  { client, image }: DiallingWorld,
  pod: NetPod,
  act: (container: string) => Promise<T>,
): Promise<T> => withAgent(client, pod, { image, netAdmin: false }, act);

/** @param crossed successful dials so far; no other traffic is known to have crossed it. */
export function dialledState(
  name: string,
  impairedBy: readonly string[],
  seen: Seen | null,
  crossed: number,
): LinkState {
  const state = linkState(name, []);
  const flow = { ...state.traffic.toServer, bytes: crossed * DIAL_BYTES, chunks: crossed };
  return {
    ...state,
    bytes: 2 * flow.bytes,
    connections: seen?.good ?? 0,
    traffic: { ...state.traffic, toServer: flow, toClient: flow, waiting: seen?.bad ?? 0 },
    impairedBy,
    ...(seen && { held: { ...seen.held, ended: seen.held.ended + seen.missing } }),
  };
}
