/** A real HTTP server on loopback whose handler answers as a receiver does. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readBody } from '../../../src/system/bounded-body.ts';

export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The connection is closed instead. */
  readonly hangUp?: boolean;
}

export interface StubServer {
  readonly base: string;
  /** In the order of their arrival. */
  readonly asked: Asked[];
  /** Answers of the next requests, before the handler is asked. */
  readonly next: Answer[];
  close(): Promise<void>;
}

export async function stubServer(handle: (asked: Asked) => Answer): Promise<StubServer> {
  const asked: Asked[] = [];
  const next: Answer[] = [];
  const server = createServer((request, response) => {
    readBody(request, 64 * 1024 * 1024).then(
      (body) => {
        const url = new URL(request.url ?? '/', 'http://stub');
        const one = { method: request.method ?? '', url, path: url.pathname, headers: request.headers, body };
        asked.push(one);
        const answer = next.shift() ?? handle(one);
        if (answer.hangUp) {
          request.socket.destroy();
          return;
        }
        response.writeHead(answer.status, { connection: 'close', ...answer.headers });
        response.end(answer.body ?? '');
      },
      () => request.socket.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    base: `http://127.0.0.1:${port}`,
    asked,
    next,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
