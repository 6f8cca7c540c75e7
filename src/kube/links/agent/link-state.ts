/** Converts the agents' counters on the links between services to the terms of the platform contract. */
import type { LinkFlow, LinkState } from '../../../core/acts/link-acts.ts';
import type { AgentTable, Counter } from './agent.ts';

/** `web->redis`; the name of a service contains no `>`. */
export const linkName = (from: string, to: string): string => `${from}->${to}`;

export function endsOf(link: string): { readonly from: string; readonly to: string } {
  const [from = '', to = ''] = link.split('->');
  return { from, to };
}

/** The services that dial on these links, each once. */
export const callersOf = (links: readonly string[]): readonly string[] => [
  ...new Set(links.map((name) => endsOf(name).from)),
];

/**
 * Those that the system declares; without any, from every service to every other one: then only traffic shows
 * which ones communicate.
 */
export const allLinks = (
  services: readonly string[],
  declared: readonly string[] | undefined,
): readonly string[] =>
  declared ??
  services.flatMap((from) => services.filter((to) => to !== from).map((to) => linkName(from, to)));

type LinkCounts = AgentTable['links'][number];

/** @param pods the tables of each pod of the service that dials; without one nothing was counted yet. */
export function linkState(name: string, pods: readonly (readonly AgentTable[])[]): LinkState {
  const perPod = pods.map((tables) =>
    tables.flatMap((one) => one.links.filter((link) => link.name === name)),
  );
  const all = perPod.flat();
  const count = (key: string, of: keyof Counter): number =>
    all.reduce((sum, one) => sum + (one.counters[key]?.[of] ?? 0), 0);
  // Two impairments of one link cover the same sockets.
  const sockets = (of: (one: LinkCounts) => number): number =>
    perPod.reduce((sum, links) => sum + Math.max(0, ...links.map(of)), 0);
  const flow = (way: 'out' | 'in'): LinkFlow => ({
    bytes: count(`pass ${way}`, 'bytes'),
    chunks: count(`pass ${way}`, 'packets'),
    heldMs: 0,
    stuckBytes: count(`drop ${way}`, 'bytes'),
    droppedPackets: count(`drop ${way}`, 'packets'),
  });
  const [toServer, toClient] = [flow('out'), flow('in')];
  const on = pods.flat().filter((table) => table.links.some((link) => link.name === name));
  return {
    name,
    ...endsOf(name),
    connections: sockets((one) => one.established),
    bytes: toServer.bytes + toClient.bytes,
    traffic: {
      toServer,
      toClient,
      waiting: sockets((one) => one.dialling),
      // Those that this pod's own sockets received, and those that it sent to the peers.
      resets: count('reject out', 'packets') + count('rst out', 'packets'),
    },
    impairedBy: [...new Set(on.map((table) => table.id))],
    carriers: perPod.filter((links) => links.length > 0).length,
  };
}
