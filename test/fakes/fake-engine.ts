/**
 * A Docker engine in memory, on a real unix socket: the answers of engine 20.10 as they were read from it, for the
 * endpoints that Gauntlet asks. Tests change its containers as a crash, a policy or another user would.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { FakeAgents, hasLabel } from './fake-agents.ts';

export interface FakeContainer {
  readonly id: string;
  name: string;
  labels: Record<string, string>;
  running: boolean;
  paused: boolean;
  pid: number;
  startTime: string;
  endTime: string;
  health: string | null;
  policy: string;
  most: number;
  restarts: number;
  address: string;
  /** Seconds; null: the engine's own. */
  stopTimeout: number | null;
  /** Names in its network, shared with others or not. */
  aliases: string[];
  /** Ports of this machine. */
  published: { port: number; address?: string }[];
}

export const idOf = (number: number): string => number.toString(16).padStart(64, '0');

export class FakeEngine {
  id = 'ENGINE-1';
  containers: FakeContainer[] = [];
  readonly agents = new FakeAgents();
  /** Each request that changed something, as `POST /containers/shop-web-1/pause`. */
  readonly acts: string[] = [];
  /** Answers this once, instead of doing it. */
  refuseNext: { readonly status: number; readonly message: string } | null = null;
  /** Containers ignore what asks them to end; the tests end them. */
  isDraining = false;
  readonly #streams = new Set<ServerResponse>();
  readonly #server: Server;
  #next = 1;

  constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  async listen(path: string): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(path, resolve));
  }

  async close(): Promise<void> {
    for (const one of this.#streams) one.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  add(service: string, over: Partial<FakeContainer> = {}): FakeContainer {
    const number = this.#next++;
    const project = over.labels?.['com.docker.compose.project'] ?? 'shop';
    const one: FakeContainer = {
      id: idOf(number),
      name: `${project}-${service}-${number}`,
      ...{ running: true, paused: false, pid: 0, health: null, policy: 'no', most: 0, restarts: 0 },
      address: `172.30.0.${number}`,
      stopTimeout: null,
      ...{ aliases: [], published: [] },
      startTime: '2026-11-29T20:00:00.123456789Z',
      endTime: '0001-01-01T00:00:00Z',
      ...over,
      labels: {
        'com.docker.compose.project': project,
        'com.docker.compose.service': service,
        ...over.labels,
      },
    };
    this.containers.push(one);
    return one;
  }

  get streams(): number {
    return this.#streams.size;
  }

  /** To everyone who listens, as the engine writes it. */
  say(action: string, one: FakeContainer, at: number): void {
    const event = { Type: 'container', Action: action, Actor: { ID: one.id }, timeNano: at * 1e6 };
    for (const stream of this.#streams) stream.write(`${JSON.stringify(event)}\n`);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://docker');
    if (url.pathname === '/events') {
      request.resume();
      this.#streams.add(response);
      response.on('close', () => this.#streams.delete(response));
      response.writeHead(200, { 'content-type': 'application/json' });
      response.flushHeaders();
      return;
    }
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const [status, body] = this.#reply(request.method ?? 'GET', url, text === '' ? null : JSON.parse(text));
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(Buffer.isBuffer(body) ? body : body === undefined ? '' : JSON.stringify(body));
    });
  }

  #reply(method: string, url: URL, body: unknown): readonly [number, unknown?] {
    if (url.pathname === '/info') return [200, { ID: this.id }];
    if (url.pathname === '/containers/json')
      return [
        200,
        [...this.#list(url).map(listed), ...this.agents.listed(labelsIn(url), !isOfUnstarted(url))],
      ];
    const agent = this.agents.reply(method, url.pathname, body);
    if (agent !== undefined) return agent;
    const [, , id, verb] = url.pathname.split('/');
    const one = this.containers.find((each) => each.id === id);
    if (one === undefined) return [404, { message: `No such container: ${id}` }];
    if (method === 'GET') return [200, described(one)];
    if (this.refuseNext !== null) {
      const { status, message } = this.refuseNext;
      this.refuseNext = null;
      return [status, { message }];
    }
    this.acts.push(`${method} /containers/${one.name}/${verb}`);
    if (verb === 'stop') return this.#stop(one);
    if (verb === 'start') return this.#start(one);
    if (!one.running) return [409, { message: `Container ${id} is not running` }];
    if (one.paused === (verb === 'pause')) return [409, { message: `already ${verb}d` }];
    one.paused = verb === 'pause';
    return [204];
  }

  /** Its drain is not waited for: an answer would come at its end. */
  #stop(one: FakeContainer): readonly [number] {
    if (!one.running) return [304];
    if (!this.isDraining) one.running = false;
    return [204];
  }

  #start(one: FakeContainer): readonly [number] {
    if (one.running) return [304];
    one.running = true;
    one.startTime = `2026-11-29T20:${String(10 + this.#next++)}:00Z`;
    return [204];
  }

  #list(url: URL): readonly FakeContainer[] {
    const label = labelsIn(url);
    return this.containers.filter((one) => label.every((each) => hasLabel(one.labels, each)));
  }
}

const filtersIn = (url: URL): { label?: string[]; status?: string[] } =>
  JSON.parse(url.searchParams.get('filters') ?? '{}');
const labelsIn = (url: URL): readonly string[] => filtersIn(url).label ?? [];
const isOfUnstarted = (url: URL): boolean => filtersIn(url).status?.includes('created') === true;

const listed = ({ id, labels }: FakeContainer) => ({ Id: id, Labels: labels });

const described = (one: FakeContainer) => ({
  Id: one.id,
  Name: `/${one.name}`,
  RestartCount: one.restarts,
  State: {
    ...{ Running: one.running, Paused: one.paused, Restarting: false, Pid: one.pid },
    ...{ StartedAt: one.startTime, FinishedAt: one.endTime },
    ...(one.health !== null && { Health: { Status: one.health } }),
  },
  Config: { Labels: one.labels, StopTimeout: one.stopTimeout },
  NetworkSettings: {
    Networks: {
      shop_default: { IPAddress: one.address, GlobalIPv6Address: '', Aliases: one.aliases },
    },
    Ports: {
      '9092/tcp': one.published.map(({ port, address = '0.0.0.0' }) => ({
        HostIp: address,
        HostPort: String(port),
      })),
      '9093/tcp': null,
    },
  },
  HostConfig: {
    NetworkMode: 'shop_default',
    RestartPolicy: { Name: one.policy, MaximumRetryCount: one.most },
  },
});
