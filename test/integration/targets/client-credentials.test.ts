/** Client credentials at a real token endpoint: what is sent, what is taken, and the words of each refusal. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { ClientCredentials } from '../../../src/core/target-auth.ts';
import { askForToken } from '../../../src/targets/tokens/client-credentials.ts';
import { TokenDoor } from '../../../src/targets/tokens/token-door.ts';
import type { HeldToken } from '../../../src/targets/tokens/token-renewer.ts';
import { newAuthority, type Pair } from '../../support/certificates.ts';
import { TokenServer } from '../../support/token-server.ts';

const SECRET = 'of a client: with+signs';
const ID = 'gaunt:let';
const { signal } = new AbortController();
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function tokens(livesS = 300): Promise<TokenServer> {
  const server = await new TokenServer({ clientId: ID, clientSecret: SECRET, livesS }).start();
  closers.push(() => server.stop());
  return server;
}

/** An endpoint that gives every question this answer. */
async function saying(status: number, body: object | string): Promise<string> {
  const server: Server = createServer((_, response) => {
    response
      .writeHead(status, { location: '/elsewhere' })
      .end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => new Promise((resolve) => void server.close(() => resolve())));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
}

const client = (tokenUrl: string, more: Partial<ClientCredentials> = {}): ClientCredentials => ({
  ...{
    tokenUrl,
    clientId: ID,
    clientSecret: { from: 'env', name: 'S' },
    clientAuth: 'basic',
    insecure: false,
  },
  ...more,
});
const ask = (tokenUrl: string, more: Partial<ClientCredentials> = {}, secret = SECRET) =>
  askForToken(client(tokenUrl, more), secret, signal);

describe('client credentials', () => {
  it('are sent as basic auth, both parts encoded, or in the body; scope and audience where they are given', async () => {
    const server = await tokens();
    const first = await ask(server.tokenUrl, { scope: 'read write' });
    expect(first).toEqual({ token: server.issued[0]?.token, lifetimeMs: 300_000 });
    await ask(server.tokenUrl, { clientAuth: 'post', audience: 'shop' });
    expect(server.asked.map((one) => one.form)).toEqual([
      { grant_type: 'client_credentials', scope: 'read write' },
      { grant_type: 'client_credentials', audience: 'shop', client_id: ID, client_secret: SECRET },
    ]);
  });

  it('that are wrong are refused once, in the words of the endpoint', async () => {
    const server = await tokens();
    await expect(ask(server.tokenUrl, {}, 'wrong')).rejects.toMatchObject({
      message: 'HTTP 401: unauthorized_client: Invalid client or Invalid client credentials (wrong)',
      mayPass: false,
    });
  });

  it.each([
    [503, 'come back later', 'HTTP 503: come back later', true, undefined],
    [429, '', 'HTTP 429', true, undefined],
    [302, '', 'HTTP 302', false, 'Write the address that it redirects to as tokenUrl.'],
    [404, '', 'HTTP 404', false, 'Check the path of tokenUrl.'],
    [400, { error: 'invalid_scope' }, 'HTTP 400: invalid_scope', false, 'Check scope.'],
    [
      200,
      { access_token: 'opaque' },
      'no expires_in in its answer, so nobody knows when to renew the token',
      false,
      'Check that tokenUrl is the token endpoint.',
    ],
    [
      200,
      { access_token: 'x', expires_in: 3 },
      'a token that lives 3 s, and at least 5 s are needed',
      false,
      'Check that tokenUrl is the token endpoint.',
    ],
    [200, '<html>', 'no access_token in its answer', false, 'Check that tokenUrl is the token endpoint.'],
    [
      200,
      { access_token: 'x', token_type: 'mac', expires_in: 60 },
      'a token of type mac',
      false,
      'Check that tokenUrl is the token endpoint.',
    ],
  ])('get %s %j as %s', async (status, body, message, mayPass, next) => {
    const refused = await ask(await saying(status, body)).catch((error: unknown) => error);
    expect(refused).toMatchObject({ message, mayPass, next });
  });

  it('know the life of a token by its own words, where the endpoint has none', async () => {
    const payload = Buffer.from(JSON.stringify({ iat: 1000, exp: 1120 })).toString('base64url');
    const url = await saying(200, { access_token: `e30.${payload}.sig` });
    expect(await ask(url)).toMatchObject({ lifetimeMs: 120_000 });
  });

  it('say why there is no answer', async () => {
    const server = await tokens();
    server.down = 1;
    await expect(ask(server.tokenUrl)).rejects.toThrow('closed the connection without an answer');
    await expect(ask('http://127.0.0.1:1/token')).rejects.toThrow(
      'nothing listens at its address (ECONNREFUSED)',
    );
  });
});

describe('a token endpoint behind an authority of its own', () => {
  it('is trusted by its CA, and otherwise the words say what is wrong', async () => {
    const authority = newAuthority();
    try {
      const pair = authority.issue('login');
      const other = authority.issue('other', 'DNS:elsewhere.test');
      const open = async (one: Pair): Promise<TokenServer> => {
        const options = { clientId: ID, clientSecret: SECRET, livesS: 60, pair: one };
        const server = await new TokenServer(options).start();
        closers.push(() => server.stop());
        return server;
      };
      const good = await open(pair);
      const tls = { ca: { from: 'file', name: authority.caFile } } as const;
      expect((await ask(good.tokenUrl, { tls })).token).toBe(good.issued[0]?.token);
      await expect(ask(good.tokenUrl)).rejects.toThrow(
        'TLS failed: its certificate authority is not trusted here',
      );
      await expect(ask((await open(other)).tokenUrl, { tls })).rejects.toThrow(
        'TLS failed: its certificate is for another name (elsewhere.test, not 127.0.0.1)',
      );
      expect((await ask(good.tokenUrl, { tls: { insecure: true } })).lifetimeMs).toBe(60_000);
    } finally {
      authority.remove();
    }
  });
});

describe('the door for scripts', () => {
  it('has the newest token at its secret path, 503 without one, and nothing at any other path', async () => {
    let held: HeldToken | undefined = { token: 't', askAgainAt: 1, goodUntil: 2 } as HeldToken;
    const door = await TokenDoor.open(() => held);
    closers.push(() => door.close());
    expect(door.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{64}$/);
    expect(await (await fetch(door.url)).json()).toEqual(held);
    held = undefined;
    expect([(await fetch(door.url)).status, await (await fetch(door.url)).text()]).toEqual([503, '{}']);
    const { origin, pathname } = new URL(door.url);
    for (const path of ['/', `${pathname}0`, `${pathname.slice(0, -1)}ä`, `${pathname}?a`])
      expect((await fetch(`${origin}${path}`)).status).toBe(404);
    expect((await fetch(door.url, { method: 'POST' })).status).toBe(404);
  });
});
