/**
 * The link proxy: all links of one file, their impairments, and the control calls that change them while
 * traffic runs.
 *
 * - `cut`: bytes stop in both directions, nothing is dropped or closed. New connections are accepted by the
 *   kernel and then hang: there is no SYN timeout, unlike in a partition of a real network. Queued bytes
 *   (bounded: one read goes into a lane, then its socket is paused) are delivered after the heal, and so are
 *   FIN and RST, which a partition hides too. A cut of one direction leaves the other open: a request arrives
 *   and is carried out, but its answer does not arrive.
 * - `reset`: open connections get an RST on both sides, and so does each new connection as soon as it is
 *   accepted.
 * - `reject`: each new connection gets an answer and is closed (rejection.ts), and no server is dialled for it.
 *   During a cut it hangs, since neither its SYN nor that answer would arrive.
 * - `throttle`: one line per impairment and direction for all connections of all its links together, and
 *   `latencyMs` once per round trip (lane-effects.ts).
 */
import type { Server } from 'node:http';
import { formatAddress } from '../../../src/core/address.ts';
import { GauntletError, messageOf, type Problem } from '../../../src/core/errors.ts';
import { type ControlHandler, serveControl } from '../../../src/system/control-socket.ts';
import { AlarmClock } from './alarm-clock.ts';
import { httpControl } from './http-control.ts';
import { HttpFaults } from './http-faults.ts';
import { Impairments } from './impairments.ts';
import { Link } from './link.ts';
import { type ProxyConfig, parseId, parseImpairment, parseRenewal, parseUpstreams } from './wire.ts';

export interface LinkProxy {
  /** Listening port by link name: differs from the config where that says 0. */
  readonly ports: ReadonlyMap<string, number>;
  /** True when no impairment and no request fault is active. */
  readonly isIdle: () => boolean;
  /** Resets open connections at both ends. */
  close(): Promise<void>;
}

/**
 * @throws GauntletError(unavailable) naming every address that it cannot listen on; then no listener stays
 * open.
 */
export async function startProxy(config: ProxyConfig): Promise<LinkProxy> {
  const clock = new AlarmClock();
  // Started now: otherwise the first chunk of the first impairment would wait for the thread's start.
  await clock.start();
  const links = new Map(config.links.map((link) => [link.name, new Link(link, clock)]));
  const ports = new Map<string, number>();
  const problems: Problem[] = [];
  await Promise.all(
    [...links.values()].map(async (link) => {
      const { name, listen } = link.config;
      try {
        ports.set(name, await link.listen());
      } catch (error) {
        const got = (error as NodeJS.ErrnoException).code ?? messageOf(error);
        const expected = `to listen on ${formatAddress(listen)}`;
        problems.push({ subject: `link ${name}`, expected, got });
      }
    }),
  );
  const listening = [...links.values()].filter((link) => ports.has(link.config.name));
  const httpFaults = new HttpFaults(links, clock);
  const close = async (control?: Server): Promise<void> => {
    httpFaults.close();
    control?.closeAllConnections();
    control?.close();
    await Promise.all(listening.map((link) => link.close()));
    await clock.close();
  };
  if (problems.length > 0) {
    await close();
    throw new GauntletError('unavailable', problems);
  }
  try {
    const control = await serveControl(config.controlSocket, controls(links, httpFaults));
    const isIdle = (): boolean =>
      httpFaults.list().length === 0 &&
      [...links.values()].every((link) => link.state().impairedBy.length === 0);
    return { ports, isIdle, close: () => close(control) };
  } catch (error) {
    await close();
    const at = config.controlSocket;
    const expected = `to listen on ${typeof at === 'string' ? at : `port ${at.port}`}`;
    throw new GauntletError('unavailable', [{ subject: 'controlSocket', expected, got: messageOf(error) }]);
  }
}

function controls(links: ReadonlyMap<string, Link>, httpFaults: HttpFaults): ControlHandler {
  const names = [...links.keys()];
  const impairments = new Impairments(links);
  const requests = httpControl(httpFaults, names);
  return async (call) => {
    const { method, path, body } = call;
    const url = new URL(path, 'http://proxy');
    switch (`${method} ${url.pathname}`) {
      case 'GET /links':
        return [...links.values()].map((link) => link.state());
      case 'PUT /links/upstreams': {
        const { name, upstreams } = parseUpstreams(body, names);
        links.get(name)?.setUpstreams(upstreams);
        return {};
      }
      case 'PUT /impairments':
        impairments.put(parseImpairment(body, names));
        return {};
      case 'POST /impairments/renew': {
        const { id, ttlMs } = parseRenewal(body);
        return { renewed: impairments.renew(id, ttlMs) };
      }
      case 'DELETE /impairments':
        // In the query: Node's client frames a body for DELETE only with an explicit length.
        return { healed: impairments.heal(parseId({ id: url.searchParams.get('id') })) };
      default:
        return await requests(call);
    }
  };
}
