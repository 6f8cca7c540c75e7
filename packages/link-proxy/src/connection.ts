/**
 * One proxied connection: the client's socket, the server's socket, and a lane for each direction. Promises:
 * half-closed connections stay half-open; a reset of one side resets the other, after the bytes that preceded
 * it; a connection accepted during a cut hangs, and reaches a server only if its client still waits when the
 * cut ends. A connection that is rejected never reaches a server.
 */
import { connect, type Socket, type TcpNetConnectOpts } from 'node:net';
import type { AlarmClock } from './alarm-clock.ts';
import { FrameTracker, GOAWAY, PREFACE } from './frame-tracker.ts';
import { Lane, type LaneCounter } from './lane.ts';
import type { Direction, LaneEffects } from './lane-effects.ts';
import { reject } from './rejection.ts';

export interface Upstream {
  readonly instance: string;
  readonly host: string;
  readonly port: number;
  readonly ready: boolean;
}

/** What a connection needs from its link. */
export interface ConnectionHost {
  readonly counters: Readonly<Record<Direction, LaneCounter>>;
  /** One for the whole proxy. */
  readonly clock: AlarmClock;
  effects(direction: Direction): LaneEffects;
  /** The address to dial: the hop, or the next ready server in turn, or undefined when there is none. */
  nextUpstream(): Upstream | undefined;
  /** The hop in front of the servers, if there is one now. */
  readonly via: Upstream | undefined;
  /** The answer to new connections, which are then closed; undefined: they are carried. */
  readonly rejectsWith: string | undefined;
  closed(connection: Connection): void;
  /** It is the client's socket that closes now, and no connection of the link any more. */
  rejected(connection: Connection, client: Socket): void;
}

/**
 * Fewer pauses than with Node's 16 KiB at hundreds of MB/s; also what a cut may leave in a socket's own
 * buffer.
 */
export const SOCKET_BUFFER_BYTES = 256 * 1024;
/**
 * How an HTTP/1.1 request begins (RFC 9112 §3). The preface of HTTP/2 matches too, so it is checked first.
 */
const REQUEST_LINE = /^[A-Z]{3,9} [/*h]/;
/** The FIN of a client that gave up during the cut waits in our kernel: this is the time to read up to it. */
const STILL_THERE_MS = 5;

export class Connection {
  readonly #client: Socket;
  readonly #host: ConnectionHost;
  readonly #up: Lane;
  #server: Socket | undefined;
  #down: Lane | undefined;
  #via: Upstream | undefined;
  /** True when no request is in progress: the last bytes came from the server, or there were none yet. */
  #answered = true;
  /** Set until the client's first bytes show that it does not use HTTP/2. */
  #frames: FrameTracker | undefined = new FrameTracker();
  #isHttp2 = false;
  #letGoNext = false;
  #wasLetGo = false;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(client: Socket, host: ConnectionHost) {
    this.#client = client;
    this.#host = host;
    this.#up = new Lane(client, host.counters.upstream, host.effects('upstream'), host.clock);
    // Registered after the lane's listener, which has paused the socket, but called before it.
    client.prependListener('data', this.#onRequestBytes);
    client.on('error', () => {});
    client.on('close', (hadError) => this.#sideClosed('client', hadError));
  }

  /** True until a server is dialled. */
  get waits(): boolean {
    return this.#server === undefined;
  }

  stuckBytes(direction: Direction): number {
    return (direction === 'upstream' ? this.#up : this.#down)?.stuckBytes ?? 0;
  }

  /** Dials a server, or is rejected in its place; hangs where the link is cut. */
  start(): void {
    if (!this.#hangs) this.#admit();
  }

  effectsChanged(): void {
    if (this.#closed) return;
    this.#up.change(this.#host.effects('upstream'));
    this.#down?.change(this.#host.effects('downstream'));
    if (!this.#server && !this.#timer && !this.#hangs) {
      this.#timer = setTimeout(() => this.#dialIfStillThere(), STILL_THERE_MS);
    }
  }

  /**
   * HTTP/2 cannot move between two calls, because its headers refer to earlier ones: its client gets a
   * GOAWAY.
   */
  routeChanged(): void {
    if (this.#isHttp2 && this.#server) this.#letGo();
  }

  /** Sends GOAWAY once, between two frames of the server: now, or after the frame in progress. */
  #letGo(): void {
    this.#letGoNext = false;
    if (this.#closed || this.#wasLetGo || this.#via === this.#host.via) return;
    if (this.#frames?.atBoundary !== true || this.#down?.idle !== true) {
      this.#letGoNext = true;
      return;
    }
    this.#wasLetGo = true;
    this.#client.write(GOAWAY);
  }

  /** Ends both sides immediately with RST. */
  destroy(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#up.close();
    this.#down?.close();
    for (const socket of [this.#client, this.#server]) {
      if (socket && !socket.destroyed) socket.resetAndDestroy();
    }
    this.#host.closed(this);
  }

  /**
   * In a real partition the SYN of a client that gave up never arrived, so nothing of it may reach the
   * server.
   */
  #dialIfStillThere(): void {
    this.#timer = undefined;
    if (this.#hangs) return;
    if (this.#up.ended) this.destroy();
    else this.#admit();
  }

  /** Of a connection without a server: no SYN arrives, or no rejection comes back. */
  get #hangs(): boolean {
    const { rejectsWith } = this.#host;
    return (
      this.#host.effects('upstream').cut ||
      (rejectsWith !== undefined && this.#host.effects('downstream').cut)
    );
  }

  #admit(): void {
    const { rejectsWith } = this.#host;
    if (rejectsWith === undefined) this.#dial();
    else this.#reject(rejectsWith);
  }

  #reject(answer: string): void {
    this.#closed = true;
    this.#up.close();
    this.#client.off('data', this.#onRequestBytes);
    this.#host.rejected(this, this.#client);
    reject(this.#client, answer);
  }

  /**
   * A client that waits for each answer (HTTP without pipelining) begins a request when it sends after an
   * answer. Only then may the connection go to another server, and only if no byte of the previous exchange
   * is still in a lane.
   */
  #onRequestBytes = (chunk: Buffer): void => {
    const begins = this.#answered;
    this.#answered = false;
    if (this.#frames && !this.#isHttp2) {
      this.#isHttp2 = chunk.subarray(0, PREFACE.length).equals(PREFACE);
      if (!this.#isHttp2) this.#frames = undefined;
    }
    const isElsewhere = this.#server !== undefined && this.#via !== this.#host.via;
    if (isElsewhere && this.#isHttp2) this.#letGo();
    if (!begins || !isElsewhere || !this.#canMoveWith(chunk)) return;
    this.#down?.close();
    const old = this.#server;
    this.#server = undefined;
    old?.destroy();
    this.#dial();
  };

  /** After an early answer the rest of the request's body may follow, which is not a new request. */
  #canMoveWith(chunk: Buffer): boolean {
    const isIdle = this.#up.idle && this.#down?.idle === true;
    return isIdle && !this.#isHttp2 && REQUEST_LINE.test(chunk.toString('latin1', 0, 16));
  }

  #dial(): void {
    this.#via = this.#host.via;
    const upstream = this.#host.nextUpstream();
    if (!upstream) {
      this.destroy();
      return;
    }
    const options: TcpNetConnectOpts & { readonly highWaterMark: number } = {
      host: upstream.host,
      port: upstream.port,
      allowHalfOpen: true,
      noDelay: true,
      highWaterMark: SOCKET_BUFFER_BYTES,
    };
    const server = connect(options);
    this.#server = server;
    server.on('error', () => {});
    server.on('close', (hadError) => {
      // A server socket that was replaced belongs to no connection any more.
      if (this.#server === server) this.#sideClosed('server', hadError);
    });
    const { counters, clock } = this.#host;
    this.#down = new Lane(server, counters.downstream, this.#host.effects('downstream'), clock);
    server.prependListener('data', (chunk: Buffer) => {
      this.#answered = true;
      this.#frames?.see(chunk);
      if (this.#letGoNext) setImmediate(() => this.#letGo());
    });
    this.#down.connect(this.#client);
    this.#up.connect(server);
  }

  #sideClosed(side: 'client' | 'server', hadError: boolean): void {
    if (this.#closed) return;
    const [lane, backLane, other] =
      side === 'client' ? [this.#up, this.#down, this.#server] : [this.#down, this.#up, this.#client];
    // Bytes that wait for the closed side have no receiver any more.
    backLane?.close();
    if (!other || other.destroyed) this.destroy();
    else if (hadError) lane?.sourceWasReset();
  }
}
