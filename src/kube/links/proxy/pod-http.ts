/** Faults on requests between pods: the links that carry them are led through a proxy, which understands them. */
import type { HttpActs, HttpFault, HttpFaultState } from '../../../core/acts/http-acts.ts';
import type { KubeApi } from '../../client/client.ts';
import type { Detours } from './detours.ts';
import { callProxy } from './proxy-calls.ts';
import type { ProxyPod } from './proxy-pod.ts';
import { linkOf } from './ways.ts';

const PATH = '/http-faults';

export function podHttp(detours: Detours, client: KubeApi): HttpActs {
  return {
    async list() {
      const all = await Promise.all((await detours.proxies()).map((proxy) => faultsIn(client, proxy)));
      return all.flat();
    },

    async put(fault) {
      const { id, links, ttlMs } = fault;
      await detours.lead({ id, links, ttlMs }, (proxy, listeners) => {
        const body: HttpFault = { ...fault, links: listeners };
        return callProxy(client, proxy, 'PUT', PATH, { body });
      });
    },

    renew: (id, ttl) => detours.renew(id, ttl, `${PATH}/renew`),

    end: (id) => detours.end(id, PATH),

    preview: (links) =>
      detours.preview(links, ['Requests that are not chosen pass through the proxy too, and take its way.']),
  };
}

/** One that is starting or going: as long as its pod is there, so is its fault, though nobody counts. */
async function faultsIn(client: KubeApi, proxy: ProxyPod): Promise<readonly HttpFaultState[]> {
  const unknown = { id: proxy.id, links: proxy.links, requests: 0, hits: 0 };
  if (!proxy.isRunning) return [unknown];
  const faults = await callProxy<readonly HttpFaultState[]>(client, proxy, 'GET', PATH);
  return faults.map((one) => ({ ...one, links: [...new Set(one.links.map(linkOf))] }));
}
