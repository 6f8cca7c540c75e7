/**
 * One link of the system under test: a listener in front of the ready servers, and the connections through
 * it. Without a ready server a new connection is reset, because a Service without endpoints refuses
 * connections.
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { LinkFlow, LinkState } from '../../../src/core/acts/link-acts.ts';
import type { AlarmClock } from './alarm-clock.ts';
import { Connection, type ConnectionHost, SOCKET_BUFFER_BYTES, type Upstream } from './connection.ts';
import { type ActiveEffect, CLEAR, compose, type Direction, type LaneEffects } from './lane-effects.ts';

export interface LinkConfig {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly listen: { readonly host: string; readonly port: number };
  readonly upstreams: readonly Upstream[];
}

export class Link implements ConnectionHost {
  readonly config: LinkConfig;
  readonly clock: AlarmClock;
  readonly counters = {
    upstream: { bytes: 0, chunks: 0, heldMs: 0 },
    downstream: { bytes: 0, chunks: 0, heldMs: 0 },
  };
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  readonly #impairments = new Map<string, ActiveEffect>();
  #effects: Readonly<Record<Direction, LaneEffects>> = { upstream: CLEAR, downstream: CLEAR };
  #upstreams: readonly Upstream[];
  #via: Upstream | undefined;
  #turn = 0;
  #resetting = false;
  #resets = 0;
  #rejected = 0;
  /** Sockets of rejected connections that are not closed yet. */
  readonly #leaving = new Set<Socket>();

  constructor(config: LinkConfig, clock: AlarmClock) {
    this.config = config;
    this.clock = clock;
    this.#upstreams = config.upstreams;
    this.#server = createServer(
      { allowHalfOpen: true, noDelay: true, pauseOnConnect: true, highWaterMark: SOCKET_BUFFER_BYTES },
      (client) => {
        if (this.#resetting) {
          this.#resets += 1;
          client.on('error', () => {});
          client.resetAndDestroy();
          return;
        }
        const connection = new Connection(client, this);
        this.#connections.add(connection);
        connection.start();
      },
    );
  }

  /** Resolves with the port it listens on. Rejects with the system's error, such as EADDRINUSE. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.config.listen, () => {
        this.#server.off('error', reject);
        const address = this.#server.address();
        resolve(typeof address === 'object' && address ? address.port : this.config.listen.port);
      });
    });
  }

  effects(direction: Direction): LaneEffects {
    return this.#effects[direction];
  }

  nextUpstream(): Upstream | undefined {
    return this.#via ?? this.nextServer();
  }

  get via(): Upstream | undefined {
    return this.#via;
  }

  /** Of several impairments the first. */
  get rejectsWith(): string | undefined {
    for (const { rejectsWith } of this.#impairments.values())
      if (rejectsWith !== undefined) return rejectsWith;
    return undefined;
  }

  /** Puts a hop in front of the servers, or removes it; open connections follow with their next request. */
  leadThrough(hop: Upstream | undefined): void {
    this.#via = hop;
    for (const connection of this.#connections) connection.routeChanged();
  }

  nextServer(): Upstream | undefined {
    const ready = this.#upstreams.filter((one) => one.ready);
    this.#turn += 1;
    return ready[this.#turn % ready.length];
  }

  closed(connection: Connection): void {
    this.#connections.delete(connection);
  }

  rejected(connection: Connection, client: Socket): void {
    this.#connections.delete(connection);
    this.#rejected += 1;
    this.#leaving.add(client);
    client.once('close', () => this.#leaving.delete(client));
  }

  /** Applies to new connections: an open one stays with its server, as behind a Service. */
  setUpstreams(upstreams: readonly Upstream[]): void {
    this.#upstreams = upstreams;
  }

  impair(id: string, effect: ActiveEffect): void {
    this.#impairments.set(id, effect);
    this.#recompose();
    if (!effect.reset) return;
    this.#resets += this.#connections.size;
    for (const connection of [...this.#connections]) connection.destroy();
  }

  heal(id: string): void {
    if (this.#impairments.delete(id)) this.#recompose();
  }

  state(): LinkState {
    const { name, from, to } = this.config;
    return {
      name,
      from,
      to,
      connections: this.#connections.size,
      bytes: this.counters.upstream.bytes + this.counters.downstream.bytes,
      traffic: {
        toServer: this.#flow('upstream'),
        toClient: this.#flow('downstream'),
        waiting: [...this.#connections].filter((one) => one.waits).length,
        resets: this.#resets,
        rejected: this.#rejected,
      },
      impairedBy: [...this.#impairments.keys()],
    };
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const connection of this.#connections) connection.destroy();
    for (const client of this.#leaving) client.destroy();
    await closed;
  }

  #flow(direction: Direction): LinkFlow {
    let stuckBytes = 0;
    for (const connection of this.#connections) stuckBytes += connection.stuckBytes(direction);
    return { ...this.counters[direction], stuckBytes };
  }

  #recompose(): void {
    const active = [...this.#impairments.values()];
    this.#resetting = active.some((one) => one.reset);
    this.#effects = { upstream: compose(active, 'upstream'), downstream: compose(active, 'downstream') };
    for (const connection of [...this.#connections]) connection.effectsChanged();
  }
}
