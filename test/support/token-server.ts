/** A real authorization server for client credentials, and a shop behind its tokens: with short lives, and a switch. */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTls } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface TokenServerOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly livesS: number;
  /** Of the server. Absent: plain. */
  readonly pair?: { readonly cert: string; readonly key: string };
}

interface Issued {
  readonly token: string;
  readonly expiresAt: number;
}

const PROCESSED = { intent_id: 'i', status: 'processed', confidence: 0.95, domain: 'BUSINESS' };

export class TokenServer {
  readonly issued: Issued[] = [];
  /** Bodies and Authorization headers of every question, refused ones too. */
  readonly asked: { readonly at: number; readonly form: Readonly<Record<string, string>> }[] = [];
  /** By the shop: requests with a token that was good, expired, or none of ours. */
  readonly shop = { good: 0, expired: 0, unknown: 0 };
  /** So many questions are cut off without an answer. */
  down = 0;
  /** The shop takes no token any more, whatever it is. */
  isRevoked = false;
  readonly #options: TokenServerOptions;
  readonly #server: Server;

  constructor(options: TokenServerOptions) {
    this.#options = options;
    const answer = (request: IncomingMessage, response: ServerResponse): void =>
      void this.#answer(request, response);
    this.#server = options.pair ? createTls(options.pair, answer) : createServer(answer);
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    const scheme = this.#options.pair ? 'https' : 'http';
    return `${scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get tokenUrl(): string {
    return `${this.url}/realms/shop/protocol/openid-connect/token`;
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.url === new URL(this.tokenUrl).pathname)
      this.#grant(request, response, Buffer.concat(chunks).toString('utf8'));
    else this.#serve(request, response);
  }

  #grant(request: IncomingMessage, response: ServerResponse, body: string): void {
    const form = Object.fromEntries(new URLSearchParams(body));
    this.asked.push({ at: Date.now(), form });
    if (this.down > 0) {
      this.down -= 1;
      request.socket.destroy();
      return;
    }
    const [id, secret] = credentialsOf(request.headers.authorization, form);
    if (id !== this.#options.clientId || secret !== this.#options.clientSecret) {
      // In Keycloak's words; it echoes what it got, as some servers do.
      const error_description = `Invalid client or Invalid client credentials (${secret})`;
      send(response, 401, { error: 'unauthorized_client', error_description });
      return;
    }
    const token = `eyJ.${randomBytes(24).toString('base64url')}.${randomBytes(24).toString('base64url')}`;
    this.issued.push({ token, expiresAt: Date.now() + this.#options.livesS * 1000 });
    const answer = { access_token: token, token_type: 'Bearer', expires_in: this.#options.livesS };
    send(response, 200, { ...answer, scope: form['scope'] ?? '' });
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    // Its health is nobody's secret.
    if (request.method === 'GET') {
      send(response, 200, { status: 'ready' });
      return;
    }
    const sent = request.headers.authorization?.replace(/^Bearer /, '');
    const found = this.issued.find(({ token }) => token === sent);
    const kind = found === undefined ? 'unknown' : found.expiresAt <= Date.now() ? 'expired' : 'good';
    this.shop[kind] += 1;
    if (kind === 'good' && !this.isRevoked) send(response, 200, PROCESSED);
    else send(response, 401, { error: 'invalid_token', echo: request.headers.authorization ?? '' });
  }
}

function credentialsOf(
  header: string | undefined,
  form: Readonly<Record<string, string>>,
): readonly (string | undefined)[] {
  if (header === undefined) return [form['client_id'], form['client_secret']];
  const pair = Buffer.from(header.replace(/^Basic /, ''), 'base64')
    .toString('utf8')
    .split(':');
  return pair.map((one) => new URLSearchParams(`a=${one}`).get('a') ?? '');
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
