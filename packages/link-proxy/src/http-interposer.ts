/**
 * An HTTP/1.1 hop between a link and its servers, in place while a fault delays requests of that link or
 * answers them with an error. Requests that match no rule are forwarded with their headers in the original
 * spelling and order. Each connection of a client stays with one server, on one connection, as without the
 * hop.
 */
import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Upstream } from './connection.ts';
import type { Interposer, RequestJudge } from './interposer.ts';

/** Far above what servers accept, so that the server's limit decides. */
const LONGEST_HEAD_BYTES = 1024 * 1024;

interface Route {
  readonly server: Upstream;
  readonly agent: Agent;
}

export class HttpInterposer implements Interposer {
  readonly upstream: Upstream;
  readonly #server: Server;
  readonly #judge: RequestJudge;
  readonly #nextServer: () => Upstream | undefined;
  /** Keyed by the socket of the client's connection. */
  readonly #routes = new WeakMap<Socket, Route>();

  private constructor(
    server: Server,
    port: number,
    nextServer: () => Upstream | undefined,
    judge: RequestJudge,
  ) {
    this.#server = server;
    this.#nextServer = nextServer;
    this.#judge = judge;
    this.upstream = { instance: 'http-interposer', host: '127.0.0.1', port, ready: true };
    server.on('request', (incoming, outgoing) => {
      // What Node refuses to forward (status 000, a header that it calls invalid) ends that connection only.
      this.#serve(incoming, outgoing).catch(() => incoming.socket.resetAndDestroy());
    });
    // A tunnel is not a request that a rule could match; without a listener Node closes it too.
    server.on('connect', (_incoming, socket) => socket.destroy());
  }

  /** @param nextServer the next ready server in turn, or undefined when there is none. */
  static listen(nextServer: () => Upstream | undefined, judge: RequestJudge): Promise<HttpInterposer> {
    // All time limits are the server's: this hop must never close a connection first.
    const server = createServer({
      maxHeaderSize: LONGEST_HEAD_BYTES,
      keepAliveTimeout: 0,
      requestTimeout: 0,
      headersTimeout: 0,
      noDelay: true,
    });
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        const port = typeof address === 'object' && address ? address.port : 0;
        resolve(new HttpInterposer(server, port, nextServer, judge));
      });
    });
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = incoming;
    const verdict = this.#judge(method, url.split('?')[0] ?? url);
    if (verdict.held) await verdict.held;
    if (outgoing.destroyed) return;
    if (verdict.status !== null) answer(incoming, outgoing, verdict.status);
    else this.#forward(incoming, outgoing);
  }

  #forward(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const route = this.#route(incoming.socket);
    if (!route) {
      incoming.socket.resetAndDestroy();
      return;
    }
    const { host, port } = route.server;
    const { method, url: path, rawHeaders: headers } = incoming;
    const onward = request({
      host,
      port,
      method,
      path,
      agent: route.agent,
      maxHeaderSize: LONGEST_HEAD_BYTES,
      // A flat list of names and values, which the types do not know; it keeps spelling, order and
      // repetitions.
      headers: headers as unknown as Record<string, string>,
    });
    // Without a length and without chunks there is no body, and Node must not announce one.
    const hasBody = 'content-length' in incoming.headers || 'transfer-encoding' in incoming.headers;
    if (!hasBody) onward.useChunkedEncodingByDefault = false;
    const orReset = (step: () => void): void => {
      try {
        step();
      } catch {
        onward.destroy();
        incoming.socket.resetAndDestroy();
      }
    };
    let isAnswered = false;
    onward.on('response', (back) => {
      isAnswered = true;
      outgoing.sendDate = false;
      orReset(() =>
        outgoing.writeHead(
          back.statusCode ?? 502,
          back.statusMessage ?? '',
          back.rawHeaders as unknown as string[],
        ),
      );
      back.on('end', () => orReset(() => outgoing.addTrailers(pairs(back.rawTrailers))));
      // An answer that breaks off must break off for the client too, not end normally.
      back.on('aborted', () => incoming.socket.resetAndDestroy());
      back.pipe(outgoing);
    });
    onward.on('error', () => incoming.socket.resetAndDestroy());
    onward.on('close', () => {
      // When the answer switches protocols (101), Node ends the request without an error.
      if (!isAnswered) incoming.socket.resetAndDestroy();
    });
    outgoing.on('close', () => {
      if (!outgoing.writableFinished) onward.destroy();
    });
    incoming.pipe(onward);
  }

  #route(socket: Socket): Route | undefined {
    const known = this.#routes.get(socket);
    if (known) return known;
    const server = this.#nextServer();
    if (!server) return undefined;
    const route = { server, agent: new Agent({ keepAlive: true, maxSockets: 1, noDelay: true }) };
    this.#routes.set(socket, route);
    socket.once('close', () => route.agent.destroy());
    return route;
  }
}

function answer(incoming: IncomingMessage, outgoing: ServerResponse, status: number): void {
  const body = JSON.stringify({ detail: 'fault injected by gauntlet' });
  // The body is read to its end, so that the connection can carry the next request.
  incoming.resume();
  outgoing.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-gauntlet-fault': 'http-fault',
  });
  outgoing.end(body);
}

const pairs = (flat: readonly string[]): [string, string][] =>
  flat.flatMap((name, index): [string, string][] => (index % 2 === 0 ? [[name, flat[index + 1] ?? '']] : []));
