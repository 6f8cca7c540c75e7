/** Faults on requests between pods: their links are redirected through a proxy that understands requests. */
import type { HttpActs, HttpFault, HttpFaultState } from '../../../core/acts/http-acts.ts';
import type { KubeApi } from '../../client/client.ts';
import { callProxy } from './proxy-calls.ts';
import type { ProxyPod } from './proxy-pod.ts';
import type { Redirects } from './redirects.ts';
import { linkOf } from './routes.ts';

const PATH = '/http-faults';

export function podHttp(redirects: Redirects, client: KubeApi): HttpActs {
  return {
    async list() {
      const all = await Promise.all((await redirects.proxies()).map((proxy) => faultsIn(client, proxy)));
      return all.flat();
    },

    async put(fault) {
      const { id, links, ttlMs } = fault;
      await redirects.lead({ id, links, ttlMs }, (proxy, listeners) => {
        const body: HttpFault = { ...fault, links: listeners };
        return callProxy(client, proxy, 'PUT', PATH, { body });
      });
    },

    renew: (id, ttl) => redirects.renew(id, ttl, `${PATH}/renew`),

    end: (id) => redirects.end(id, PATH),

    preview: (links) =>
      redirects.preview(links, ['Requests that are not selected pass through the proxy too.']),
  };
}

/**
 * One that is starting or ending: as long as its pod exists, its fault does too, although it gives no counts.
 */
async function faultsIn(client: KubeApi, proxy: ProxyPod): Promise<readonly HttpFaultState[]> {
  const unknown = { id: proxy.id, links: proxy.links, requests: 0, hits: 0 };
  if (!proxy.isRunning) return [unknown];
  const faults = await callProxy<readonly HttpFaultState[]>(client, proxy, 'GET', PATH);
  return faults.map((one) => ({ ...one, links: [...new Set(one.links.map(linkOf))] }));
}
