/** The acts of a link proxy, over its control socket: whoever started it. */
import type { HttpActs, HttpFaultState } from '../core/acts/http-acts.ts';
import type { LinkActs, LinkState } from '../core/acts/link-acts.ts';
import { callControl } from '../system/control-socket.ts';

/** @param socket the proxy's control socket. */
export function proxyLinkActs(socket: string): LinkActs {
  return {
    list: () => callControl<LinkState[]>(socket, 'GET', '/links'),
    async impair(impairment) {
      await callControl(socket, 'PUT', '/impairments', { body: impairment });
    },
    async renew(id, ttlMs) {
      const body = { id, ttlMs };
      const answer = await callControl<{ renewed: boolean }>(socket, 'POST', '/impairments/renew', { body });
      return answer.renewed;
    },
    async heal(id) {
      await callControl(socket, 'DELETE', `/impairments?id=${encodeURIComponent(id)}`);
    },
  };
}

/** @param socket the proxy's control socket. */
export function proxyHttpActs(socket: string): HttpActs {
  return {
    list: () => callControl<HttpFaultState[]>(socket, 'GET', '/http-faults'),
    async put(fault) {
      await callControl(socket, 'PUT', '/http-faults', { body: fault });
    },
    async renew(id, ttlMs) {
      const body = { id, ttlMs };
      const answer = await callControl<{ renewed: boolean }>(socket, 'POST', '/http-faults/renew', { body });
      return answer.renewed;
    },
    async end(id) {
      await callControl(socket, 'DELETE', `/http-faults?id=${encodeURIComponent(id)}`);
    },
  };
}
