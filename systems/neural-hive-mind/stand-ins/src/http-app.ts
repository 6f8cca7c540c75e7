/**
 * A few routes on node:http with FastAPI's answers: `detail` bodies for 404, 405 and for errors of a handler.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { formatAddress } from '../../../../src/core/address.ts';
import { reportProblem } from './program.ts';

export interface Reply {
  readonly status: number;
  /** Sent as JSON; a string is sent as plain text. */
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Call {
  readonly request: IncomingMessage;
  /** The path segment that `*` matched, decoded. */
  readonly rest: string;
}

/** `*` in a path matches one segment. Of two routes that match, the first one answers. */
export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly handle: (call: Call) => Promise<Reply>;
}

export interface HttpApp {
  readonly address: string;
  /** Requests being handled now. */
  active(): number;
  stop(): Promise<void>;
}

export interface HttpAppOptions {
  readonly host: string;
  readonly port: number;
  readonly routes: readonly Route[];
  /** Answers before routing (CORS preflight), or adds headers to every answer. */
  readonly before?: (request: IncomingMessage) => Reply | undefined;
  readonly headersFor?: (request: IncomingMessage) => Readonly<Record<string, string>>;
}

export async function serveHttp(options: HttpAppOptions): Promise<HttpApp> {
  let active = 0;
  let stopping = false;
  const server = createServer((request, response) => {
    active += 1;
    response.once('close', () => {
      active -= 1;
    });
    answer(options, request).then(
      (reply) => send(options, request, response, reply, stopping),
      (error: unknown) => {
        reportProblem(`${request.method} ${request.url}`, error);
        send(options, request, response, { status: 500, body: 'Internal Server Error' }, stopping);
      },
    );
  });
  // uvicorn closes an idle connection after 5 s; a load generator that reuses one at that instant would see
  // resets that the system did not cause, so the stand-in keeps them longer.
  server.keepAliveTimeout = 75_000;
  await listen(server, options.host, options.port);
  return {
    address: formatAddress({ host: options.host, port: (server.address() as AddressInfo).port }),
    active: () => active,
    stop: () =>
      new Promise<void>((resolve) => {
        stopping = true;
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

async function answer(options: HttpAppOptions, request: IncomingMessage): Promise<Reply> {
  const early = options.before?.(request);
  if (early) return early;
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  const matching = options.routes.flatMap((route) => {
    const rest = matchPath(route.path, path);
    return rest === undefined ? [] : [{ route, rest }];
  });
  const found = matching.find(({ route }) => route.method === request.method);
  if (found) return found.route.handle({ request, rest: found.rest });
  if (matching.length === 0) return { status: 404, body: { detail: 'Not Found' } };
  const allow = matching.map(({ route }) => route.method).join(', ');
  return { status: 405, body: { detail: 'Method Not Allowed' }, headers: { allow } };
}

/** What `*` matched, decoded; empty without one. Undefined: another path. */
function matchPath(pattern: string, path: string): string | undefined {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  const at = wanted.indexOf('*');
  if (wanted.length !== given.length || !wanted.every((one, index) => index === at || one === given[index]))
    return undefined;
  if (at === -1) return '';
  const rest = given[at] ?? '';
  if (rest === '') return undefined;
  try {
    return decodeURIComponent(rest);
  } catch {
    return rest;
  }
}

function send(
  options: HttpAppOptions,
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  last: boolean,
): void {
  const isText = typeof reply.body === 'string';
  const payload = Buffer.from(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body));
  response.writeHead(reply.status, {
    'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json',
    'content-length': payload.length,
    ...(last ? { connection: 'close' } : {}),
    ...options.headersFor?.(request),
    ...reply.headers,
  });
  response.end(payload);
}

/**
 * Far above every text and recording that the load sends. The real gateway has no limit; this one shares a
 * machine.
 */
export const MOST_BODY_BYTES = 64 * 1024 * 1024;

/** The whole body. @throws Error above 64 MiB. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MOST_BODY_BYTES) throw new Error('a body above 64 MiB');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}
