/**
 * Links that are redirected through a proxy of ours: first the proxy, configured by the caller, then the
 * rules in the pods that dial. Both have their own leases: the rules a kernel timeout, the proxy a timer. The
 * cluster removes the proxy's pod.
 */
import type { LinkPreview, LinkState } from '../../../core/acts/link-acts.ts';
import { ApiError, ApiUnreachable } from '../../client/api-error.ts';
import type { AgentRequest } from '../agent/agent.ts';
import { withAgent } from '../agent/agent-container.ts';
import { callersOf, endsOf } from '../agent/link-state.ts';
import { listNetPods, type NetPod } from '../agent/net-pods.ts';
import { type NetWorld, namespacesOfServices, onOwnNetwork, victimsIn, whereIs } from '../agent/net-world.ts';
import { notesForProxy } from '../agent/notes.ts';
import { addressesOfService } from '../agent/service-addresses.ts';
import { answering, callProxy, readRoutes } from './proxy-calls.ts';
import { createProxy, deleteProxies, type ProxyRequest } from './proxy-job.ts';
import { findProxies, type ProxyPod, startedProxy } from './proxy-pod.ts';
import { proxyConfig, type Route, routeName, routesOf, viasOf } from './routes.ts';

export interface Redirect {
  readonly id: string;
  readonly links: readonly string[];
  readonly ttlMs: number;
  /** Absent: unknown. */
  readonly holdMs?: number | undefined;
}

export interface ProxyState {
  readonly proxy: ProxyPod;
  readonly routes: readonly LinkState[];
}

interface Led {
  readonly service: string;
  readonly uids: readonly string[];
  readonly request: AgentRequest;
}

/** In addition to the hold: set-up, proof and removal, with a margin. */
const SLACK_MS = 120_000;
const UNKNOWN_HOLD_MS = 3_600_000;

export class Redirects {
  readonly #world: NetWorld;
  readonly #image: string;
  readonly #endRules: (id: string) => Promise<void>;
  readonly #led = new Map<string, readonly Led[]>();

  /** @param endRules removes every rule of ours with this id from the pods; none is a success. */
  constructor(world: NetWorld, image: string, endRules: (id: string) => Promise<void>) {
    this.#world = world;
    this.#image = image;
    this.#endRules = endRules;
  }

  /** @param does the behaviour for the redirected clients. */
  async preview(links: readonly string[], does: readonly string[]): Promise<LinkPreview> {
    const from = callersOf(links);
    const instances = await victimsIn(this.#world, from);
    const notes = notesForProxy(does, from, instances.length, this.#world.image, this.#image);
    return { instances, notes };
  }

  knows = (id: string): boolean => this.#led.has(id);

  /** @param arm is called with the proxy and the names of its listeners before any client is redirected. */
  async lead(
    redirect: Redirect,
    arm: (proxy: ProxyPod, listeners: readonly string[]) => Promise<unknown>,
  ): Promise<void> {
    const { client, services } = this.#world;
    const { id, links, holdMs = UNKNOWN_HOLD_MS } = redirect;
    const peers = await Promise.all(
      links.map(async (name) => {
        const { to } = endsOf(name);
        return { name, peers: await addressesOfService(client, to, whereIs(services, to)) };
      }),
    );
    const routes = routesOf(peers);
    const request: ProxyRequest = {
      id,
      links,
      namespace: whereIs(services, endsOf(links[0] ?? '').from).namespace,
      image: this.#image,
      config: proxyConfig(id, routes),
      deadlineMs: holdMs + SLACK_MS,
    };
    await createProxy(client, request);
    const proxy = await startedProxy(client, request);
    await answering(client, proxy);
    await arm(proxy, routes.map(routeName));
    const requests = this.#requests(
      redirect,
      routes,
      proxy.addresses,
      new Map(peers.map((one) => [one.name, one.peers.addresses])),
    );
    const led = await Promise.all(
      requests.map(async ({ service, request }) => {
        const pods = onOwnNetwork(service, await listNetPods(client, whereIs(services, service)));
        await this.#inEach(pods, (pod, container) => this.#world.agent.apply(pod, container, request));
        return { service, request, uids: pods.map((pod) => pod.uid) };
      }),
    );
    this.#led.set(id, led);
  }

  /**
   * False when one of the redirected pods is gone or has lost its rules, or when the proxy does not have the
   * act.
   * @param path of the control call that renews it there.
   */
  async renew(id: string, ttlMs: number, path: string): Promise<boolean> {
    const { client, services, agent } = this.#world;
    const led = this.#led.get(id);
    if (led === undefined) return false;
    const [proxy] = await findProxies(client, this.#namespaces(), id);
    if (!proxy?.isRunning) return false;
    const body = { id, ttlMs };
    const { renewed } = await callProxy<{ renewed: boolean }>(client, proxy, 'POST', path, { body });
    if (!renewed) return false;
    const there = await Promise.all(
      led.map(async ({ service, uids, request }) => {
        // Listed again: an agent that was started since the last time is not started twice.
        const now = await listNetPods(client, whereIs(services, service));
        const pods = now.filter((pod) => uids.includes(pod.uid));
        const again = { ...request, ttlMs: Math.round(ttlMs) };
        const answers = await this.#inEach(pods, (pod, container) => agent.renew(pod, container, again));
        return pods.length === uids.length && answers.every((isThere) => isThere);
      }),
    );
    return there.every((isThere) => isThere);
  }

  /**
   * Removes the act from the proxy, then the rules that lead to it, then the proxy. Idempotent, and needs no
   * earlier state.
   * @param path of the control call that removes it.
   */
  async end(id: string, path: string): Promise<void> {
    const { client } = this.#world;
    for (const proxy of await findProxies(client, this.#namespaces(), id)) {
      if (!proxy.isRunning) continue;
      try {
        await callProxy(client, proxy, 'DELETE', path, { query: { id } });
      } catch (error) {
        // The proxy is about to be deleted together with its act: a missing answer must not prevent that.
        if (!(error instanceof ApiUnreachable) && !(error instanceof ApiError)) throw error;
      }
    }
    await this.#endRules(id);
    this.#led.delete(id);
    await deleteProxies(client, this.#namespaces(), id);
  }

  /** Every existing one, including starting and ending ones. */
  proxies = (): Promise<readonly ProxyPod[]> => findProxies(this.#world.client, this.#namespaces());

  /** With the counts of their listeners; nothing where one gives none. */
  async states(): Promise<readonly ProxyState[]> {
    return await Promise.all(
      (await this.proxies()).map(async (proxy) => ({
        proxy,
        routes: proxy.isRunning ? await this.#read(proxy) : [],
      })),
    );
  }

  async #read(proxy: ProxyPod): Promise<ProxyState['routes']> {
    try {
      return await readRoutes(this.#world.client, proxy);
    } catch (error) {
      // It is starting or ending: only its pod shows that it exists.
      if (error instanceof ApiError && error.status !== 401 && error.status !== 403) return [];
      throw error;
    }
  }

  /** One for each service that dials. */
  #requests(
    { id, links, ttlMs }: Redirect,
    routes: readonly Route[],
    proxy: readonly string[],
    peers: ReadonlyMap<string, readonly string[]>,
  ): readonly { readonly service: string; readonly request: AgentRequest }[] {
    return callersOf(links).map((service) => ({
      service,
      request: {
        id,
        ttlMs: Math.round(ttlMs),
        kind: 'detour',
        links: links
          .filter((name) => endsOf(name).from === service)
          .map((name) => ({
            name,
            peers: peers.get(name) ?? [],
            via: viasOf(
              routes.filter((route) => route.link === name),
              proxy,
            ),
          })),
      },
    }));
  }

  #inEach<T>(pods: readonly NetPod[], act: (pod: NetPod, container: string) => Promise<T>): Promise<T[]> {
    const settings = { image: this.#world.image, netAdmin: true };
    return Promise.all(
      pods.map((pod) => withAgent(this.#world.client, pod, settings, (container) => act(pod, container))),
    );
  }

  #namespaces = (): readonly string[] => namespacesOfServices(this.#world.services);
}
