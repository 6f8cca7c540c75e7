/**
 * Where k6 gets the newest token in the middle of a run: it cannot read files after its start, and N virtual
 * users at the token endpoint would be load on a system that nobody tests. On loopback, at a path that only
 * this run knows.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { keepSecret } from '../../core/secrets.ts';
import type { HeldToken } from './token-renewer.ts';

export class TokenDoor {
  readonly url: string;
  readonly #server: Server;

  private constructor(url: string, server: Server) {
    this.url = url;
    this.#server = server;
  }

  /** @param held undefined: there is no token that could be sent. */
  static async open(held: () => HeldToken | undefined): Promise<TokenDoor> {
    const path = `/${randomBytes(32).toString('hex')}`;
    // k6 names the URL in its log when a request fails.
    keepSecret('token-path', path.slice(1));
    const server = createServer((request, response) => {
      request.resume();
      const isKnown = request.method === 'GET' && isSame(request.url ?? '', path);
      const now = isKnown ? held() : undefined;
      response.writeHead(isKnown ? (now ? 200 : 503) : 404, {
        'content-type': 'application/json',
        'cache-control': 'no-store',
        // Asked once in a token's life: nobody keeps hundreds of connections open for that.
        connection: 'close',
      });
      response.end(JSON.stringify(now ?? {}));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    server.unref();
    return new TokenDoor(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`, server);
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
