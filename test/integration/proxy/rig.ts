/** A proxy with real sockets on loopback, servers of the test's own, and clients that remember what they saw. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LinkProxy, startProxy } from '../../../packages/link-proxy/src/proxy.ts';
import type { LinkEffect, LinkState } from '../../../src/core/acts/link-acts.ts';
import { callControl } from '../../../src/system/control-socket.ts';

export const settle = (forMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, forMs));

/** Resolves when the condition holds; the test's own time limit is the deadline. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await settle(2);
}

/** One side of a connection, and everything that it received. */
export class Side {
  readonly socket: Socket;
  readonly chunks: Buffer[] = [];
  received = 0;
  ended = false;
  closed = false;
  failure: string | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.chunks.push(chunk);
      this.received += chunk.length;
    });
    socket.on('end', () => {
      this.ended = true;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.failure = error.code;
    });
    socket.on('close', () => {
      this.closed = true;
    });
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }
}

export class Rig {
  readonly accepted: Side[] = [];
  readonly #closers: (() => unknown)[] = [];
  #proxy: LinkProxy | undefined;
  readonly #folder = mkdtempSync(join(tmpdir(), 'gauntlet-proxy-'));
  readonly control = join(this.#folder, 's');

  /** A server that remembers its connections; with `echo` it sends back what it gets. */
  async server(options: { readonly echo?: boolean; readonly paused?: boolean } = {}): Promise<number> {
    const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.#closers.push(() => socket.destroy());
      this.accepted.push(new Side(socket));
      if (options.echo === true) socket.on('data', (chunk) => socket.write(chunk));
      if (options.paused === true) socket.pause();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#closers.push(() => server.close());
    return portOf(server);
  }

  async start(links: Readonly<Record<string, readonly { port: number; ready?: boolean }[]>>): Promise<void> {
    this.#proxy = await startProxy({
      controlSocket: this.control,
      links: Object.entries(links).map(([name, servers]) => ({
        name,
        from: 'client',
        to: 'server',
        listen: { host: '127.0.0.1', port: 0 },
        upstreams: servers.map(({ port, ready }, index) => upstream(index, port, ready ?? true)),
      })),
    });
  }

  async dial(link: string): Promise<Side> {
    const port = this.#proxy?.ports.get(link) ?? 0;
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
    this.#closers.push(() => socket.destroy());
    const side = new Side(socket);
    await new Promise((resolve) => socket.once('connect', resolve).once('error', resolve));
    return side;
  }

  async impair(id: string, links: readonly string[], effect: LinkEffect, ttlMs = 60_000): Promise<void> {
    await callControl(this.control, 'PUT', '/impairments', { body: { id, links, effect, ttlMs } });
  }

  async heal(id: string): Promise<boolean> {
    const answer = await callControl<{ healed: boolean }>(this.control, 'DELETE', `/impairments?id=${id}`);
    return answer.healed;
  }

  async upstreams(name: string, ready: readonly { port: number; ready: boolean }[]): Promise<void> {
    const upstreams = ready.map((one, index) => upstream(index, one.port, one.ready));
    await callControl(this.control, 'PUT', '/links/upstreams', { body: { name, upstreams } });
  }

  links(): Promise<readonly LinkState[]> {
    return callControl<LinkState[]>(this.control, 'GET', '/links');
  }

  async close(): Promise<void> {
    await this.#proxy?.close();
    for (const close of this.#closers) close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const upstream = (index: number, port: number, ready: boolean) => ({
  instance: `server-${index + 1}`,
  host: '127.0.0.1',
  port,
  ready,
});

function portOf(server: Server): number {
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}
