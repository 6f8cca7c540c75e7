/**
 * Which links are possible between the services of a target, which pods are at their ends, and which effects
 * NetworkChaos does not support on them.
 */

import type { KubernetesHandle } from '../../core/acts/kubernetes-handle.ts';
import type { LinkEffect, LinkState } from '../../core/acts/link-acts.ts';
import { GauntletError, type Problem } from '../../core/errors.ts';
import { own } from '../../core/own.ts';
import type { PodVictim } from '../../core/topology.ts';
import type { KubeApi } from '../client/client.ts';
import { allLinks, endsOf as linkEnds } from '../links/agent/link-state.ts';
import { listPods } from '../pods/pod-list.ts';
import { isOver } from '../pods/pod-record.ts';
import type { Ends, PodNames } from './network-chaos.ts';

const PROBE = 'probe';

interface Pair {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly seenBy: readonly string[];
}

/**
 * The links that the system declares; without any, every ordered pair of services: a cluster does not know
 * which one really dials which. Also `probe->x`, where probes can be distinguished.
 */
export function pairsOf({ services, links, chaosMesh }: KubernetesHandle): readonly Pair[] {
  const names = Object.keys(services);
  const own = (chaosMesh?.probesFrom.length ?? 0) > 0;
  const probes = own ? names.map((to) => ({ name: `${PROBE}->${to}`, from: PROBE, to, seenBy: [to] })) : [];
  const between = allLinks(names, links).map((name) => {
    const by = chaosMesh?.crossedBy[name];
    return { name, ...linkEnds(name), seenBy: by === undefined ? [] : [by] };
  });
  return [...probes, ...between];
}

const STILL = { bytes: 0, chunks: 0, heldMs: 0, stuckBytes: 0 } as const;

export const stateOf = (pair: Pair, impairedBy: readonly string[]): LinkState => ({
  ...pair,
  connections: 0,
  bytes: 0,
  traffic: { toServer: STILL, toClient: STILL, waiting: 0, resets: 0 },
  impairedBy,
});

/** Why NetworkChaos cannot apply this effect to a link; empty when it can. */
export function inexpressible(effect: LinkEffect): readonly Problem[] {
  const subject = 'chaos-mesh';
  if (effect.kind === 'reset' || effect.kind === 'reject') {
    const expected = 'a cut or a latency';
    const got = `a ${effect.kind}, which NetworkChaos does not support`;
    return [{ subject, expected, got, next: 'Use cut-link.' }];
  }
  if (effect.kind === 'throttle' && effect.bitsPerSecond !== undefined) {
    const got =
      'a bandwidth: NetworkChaos limits only what single pods send, after a burst, and the link has no counters';
    return [{ subject, expected: 'a latency alone', got, next: 'Write latency without bandwidth.' }];
  }
  return [];
}

/** The pods of each service that is at an end of these links. @throws refused when a service has none. */
export async function podsAtEnds(
  client: KubeApi,
  { services }: KubernetesHandle,
  pairs: readonly Pair[],
): Promise<ReadonlyMap<string, readonly PodVictim[]>> {
  const names = [...new Set(pairs.flatMap((pair) => [pair.from, pair.to]))].filter((name) => name !== PROBE);
  const found = await Promise.all(
    names.map(async (service): Promise<readonly [string, readonly PodVictim[]]> => {
      const where = own(services, service);
      const pods = where === undefined ? [] : (await listPods(client, where)).items;
      const living = pods.filter((pod) => !isOver(pod) && !pod.isDeleting);
      const victims = living.map(({ name, namespace, uid }) => ({ service, instance: name, namespace, uid }));
      return [service, victims];
    }),
  );
  const empty = found.filter(([, pods]) => pods.length === 0);
  if (empty.length === 0) return new Map(found);
  throw new GauntletError(
    'refused',
    empty.map(([service]) => ({
      subject: service,
      expected: 'a service with pods at the end of a link',
      got: `none for ${services[service]?.selector ?? 'it'} in namespace ${services[service]?.namespace ?? '?'}`,
    })),
  );
}

/**
 * One object for each server and kind of client. Addresses get a separate object: combined with pods as a
 * target, a partition would also cut those pods off from the addresses.
 */
export function endsOf(
  pairs: readonly Pair[],
  pods: ReadonlyMap<string, readonly PodVictim[]>,
  probesFrom: readonly string[],
): readonly Ends[] {
  return [...new Set(pairs.map((pair) => pair.to))].flatMap((to) => {
    const toIt = pairs.filter((pair) => pair.to === to);
    const servers = pods.get(to) ?? [];
    const namespace = servers[0]?.namespace ?? '';
    const common = { namespace, servers: byNamespace(servers) };
    const outside = toIt.filter((pair) => pair.from === PROBE);
    const inside = toIt.filter((pair) => pair.from !== PROBE);
    return [
      ...(outside.length > 0
        ? [{ ...common, clients: { cidrs: probesFrom }, links: outside.map(nameOf) }]
        : []),
      ...(inside.length > 0
        ? [
            {
              ...common,
              clients: byNamespace(inside.flatMap((pair) => pods.get(pair.from) ?? [])),
              links: inside.map(nameOf),
            },
          ]
        : []),
    ];
  });
}

const nameOf = ({ name }: Pair): string => name;

function byNamespace(pods: readonly PodVictim[]): PodNames {
  const namespaces = [...new Set(pods.map((pod) => pod.namespace))].sort();
  const namesIn = (namespace: string): readonly string[] => [
    ...new Set(pods.filter((pod) => pod.namespace === namespace).map((pod) => pod.instance)),
  ];
  return Object.fromEntries(namespaces.map((namespace) => [namespace, namesIn(namespace)]));
}
