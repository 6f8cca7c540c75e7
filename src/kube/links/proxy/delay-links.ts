/**
 * Links between pods: by kernel rules where the kernel can apply and end the effect, and through a proxy pod
 * otherwise. A delay is a queue, and a kernel queue has no time-out.
 */
import type { LinkActs, LinkEffect, LinkFlow, LinkState } from '../../../core/acts/link-acts.ts';
import type { NetWorld } from '../agent/net-world.ts';
import { callProxy } from './proxy-calls.ts';
import type { Redirects } from './redirects.ts';
import { linkOf } from './routes.ts';

const PATH = '/impairments';

/**
 * @param rules handles every rule of ours in a pod, including those that redirect to a proxy, but no delays.
 */
export function delayLinks(
  rules: LinkActs & Required<Pick<LinkActs, 'preview'>>,
  redirects: Redirects,
  { client }: Pick<NetWorld, 'client'>,
): LinkActs {
  return {
    async list() {
      const [links, proxies] = await Promise.all([rules.list(), redirects.states()]);
      return links.map((link) =>
        proxies
          .filter(({ proxy }) => proxy.links.includes(link.name))
          .reduce((sum, { proxy, routes }) => through(sum, proxy.id, routes), link),
      );
    },

    async preview(links, effect) {
      if (!isDelay(effect)) return await rules.preview(links, effect);
      return await redirects.preview(links, [
        'Callers get their answers later; calls with a deadline shorter than the latency fail.',
        ...(effect.kind === 'throttle' && effect.bitsPerSecond !== undefined
          ? ['All these pods share one bandwidth: traffic above it waits (shaping).']
          : []),
      ]);
    },

    async impair(impairment) {
      const { id, links, effect, ttlMs, holdMs } = impairment;
      if (!isDelay(effect)) return await rules.impair(impairment);
      await redirects.lead({ id, links, ttlMs, holdMs }, (proxy, listeners) =>
        callProxy(client, proxy, 'PUT', PATH, { body: { id, links: listeners, effect, ttlMs } }),
      );
    },

    async renew(id, ttl) {
      return await (redirects.knows(id) ? redirects.renew(id, ttl, `${PATH}/renew`) : rules.renew(id, ttl));
    },

    // The undoing process may not have seen the beginning: ending a redirect also ends rules.
    heal: (id) => redirects.end(id, PATH),
  };
}

export const isDelay = (effect: LinkEffect): boolean =>
  effect.kind === 'throttle' && (effect.latencyMs ?? 0) > 0;

/**
 * The traffic that the proxy forwarded, and the traffic that bypassed it: our packets to the peers' own
 * addresses were not held.
 */
function through(link: LinkState, id: string, routes: readonly LinkState[]): LinkState {
  const own = routes.filter((one) => linkOf(one.name) === link.name);
  const flow = (past: LinkFlow, side: 'toServer' | 'toClient'): LinkFlow => {
    const sum = (key: 'bytes' | 'chunks' | 'heldMs' | 'stuckBytes'): number =>
      own.reduce((total, one) => total + one.traffic[side][key], past[key]);
    return {
      bytes: sum('bytes'),
      chunks: sum('chunks'),
      heldMs: sum('heldMs'),
      stuckBytes: sum('stuckBytes'),
    };
  };
  const { carriers: _perPod, ...rest } = link;
  const toServer = flow(link.traffic.toServer, 'toServer');
  const toClient = flow(link.traffic.toClient, 'toClient');
  return {
    ...rest,
    bytes: toServer.bytes + toClient.bytes,
    traffic: {
      toServer,
      toClient,
      waiting: own.reduce((sum, one) => sum + one.traffic.waiting, link.traffic.waiting),
      resets: own.reduce((sum, one) => sum + one.traffic.resets, link.traffic.resets),
    },
    impairedBy: [...new Set([...link.impairedBy, id])],
  };
}
