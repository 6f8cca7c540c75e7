/** Probes and contracts over TLS, to real servers in this process, with certificates of an authority of their own. */
import { createServer as createPlainWeb } from 'node:http';
import { createServer as createWeb } from 'node:https';
import type { Server as NetServer } from 'node:net';
import { createServer as createTls, type TlsOptions } from 'node:tls';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { parseSystem } from '../../../src/config/system/read-system.ts';
import type { TlsAccess } from '../../../src/core/access.ts';
import type { Protocol } from '../../../src/core/system.ts';
import { servicesAt, type Topology } from '../../../src/core/topology.ts';
import { ms } from '../../../src/core/units.ts';
import { askHttpContract } from '../../../src/protocols/http/http-contract.ts';
import { RedisLine } from '../../../src/protocols/redis/line.ts';
import { monotonicClock } from '../../../src/system/monotonic-clock.ts';
import { createProbe } from '../../../src/targets/probes/create-probe.ts';
import { type Authority, newAuthority, type Pair } from '../../support/certificates.ts';

let own: Authority;
let other: Authority;
let server: Pair;
let client: Pair;
const closers: (() => unknown)[] = [];
beforeAll(() => {
  own = newAuthority();
  other = newAuthority();
  server = own.issue('server');
  client = own.issue('client');
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
afterAll(() => {
  own?.remove();
  other?.remove();
});

const at = (protocol: Protocol, address: string, tls?: TlsAccess, ask = ''): Topology => {
  const text = `schema: gauntlet.system/1\nname: shop\nsummary: A shop\nservices:\n  one: { ${protocol}: { port: 1${ask} } }`;
  const access = tls === undefined ? {} : { access: { tls } };
  const addresses = { one: { [protocol]: [{ address, ...access }] } };
  const services = servicesAt(parseSystem('system.yaml', text), addresses);
  return { platform: 'none', identity: 'none:t', services };
};

async function answers(topology: Topology, name = 'one'): Promise<string> {
  const probe = createProbe(name, topology, monotonicClock);
  closers.push(() => probe.close());
  const found = new Set<string>();
  for (const connection of ['held', 'held', 'fresh'] as const)
    found.add((await probe.send(connection, ms(5000))).outcome);
  return [...found].join();
}

async function listening(made: NetServer): Promise<number> {
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  closers.push(() => made.close());
  return (made.address() as { port: number }).port;
}

const strict = (): TlsOptions => ({ ca: own.ca, cert: server.cert, key: server.key, requestCert: true });

async function web(options: TlsOptions, answer = '{"status":"up"}'): Promise<string> {
  const made = createWeb(options, (request, response) => {
    if (request.url === '/moved') response.writeHead(302, { location: '/' }).end();
    else response.writeHead(200, { 'content-type': 'application/json' }).end(answer);
  });
  closers.push(() => made.closeAllConnections());
  return `https://127.0.0.1:${await listening(made)}`;
}

const fileOf = (name: string) => ({ from: 'file', name }) as const;
const trusted = (): TlsAccess => ({ ca: fileOf(own.caFile) });
const withPair = ({ certFile, keyFile }: Pair): TlsAccess => ({
  ...trusted(),
  cert: fileOf(certFile),
  key: fileOf(keyFile),
});

describe('a probe of HTTPS', () => {
  it('is answered with the authority and the certificate of the target, and not without either', async () => {
    const url = await web(strict());
    expect(await answers(at('http', url, withPair(client)))).toBe('ok');
    expect(await answers(at('http', url, { ...withPair(client), ca: fileOf(other.caFile) }))).toBe(
      'TLS failed: its certificate authority is not trusted here',
    );
    expect(await answers(at('http', url, trusted()))).toBe('TLS failed: it requires a client certificate');
  });

  it('says that a certificate has expired, or is for another name, and takes another name that is meant', async () => {
    const late = own.issue('late', 'IP:127.0.0.1', -1);
    const named = own.issue('named', 'DNS:web.shop');
    const [expired, elsewhere] = [await web(late), await web(named)];
    expect(await answers(at('http', expired, trusted()))).toBe('TLS failed: its certificate has expired');
    expect(await answers(at('http', elsewhere, trusted()))).toBe(
      'TLS failed: its certificate is for another name (web.shop, not 127.0.0.1)',
    );
    expect(await answers(at('http', elsewhere, { ...trusted(), serverName: 'web.shop' }))).toBe('ok');
    expect(await answers(at('http', expired, { insecure: true }))).toBe('ok');
  });

  it('is no answer of a plain server, and a plain probe none of a TLS server', async () => {
    const plain = await listening(createPlainWeb((_, response) => response.end()));
    expect(await answers(at('http', `https://127.0.0.1:${plain}`, {}))).toBe(
      'TLS failed: it does not speak TLS at this port',
    );
  });
});

describe('a contract over HTTPS', () => {
  it('has the same certificates, and follows a redirect where the load does', async () => {
    const url = await web(strict());
    const ask = { kind: 'http', method: 'get', path: '/moved', headers: {}, body: null } as const;
    const question = { ...ask, statuses: [[200, 200]] as const, fields: {} };
    const around = { words: () => () => undefined };
    const options = { follow: true, timeoutMs: 5000 };
    const address = (tls: TlsAccess) => ({ address: url, access: { tls } });
    await askHttpContract(address(withPair(client)), question, around, options);
    await expect(
      askHttpContract(address(withPair(client)), question, around, { ...options, follow: false }),
    ).rejects.toThrow('http-302');
    await expect(askHttpContract(address({}), question, around, options)).rejects.toThrow(
      'TLS failed: its certificate authority is not trusted here',
    );
  });
});

describe('a round trip on a WebSocket', () => {
  it('goes over TLS as the rest of its service', async () => {
    const made = createWeb(strict());
    const sockets = new WebSocketServer({ server: made });
    closers.push(() => sockets.close());
    const cache = createTls(strict(), (socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        const sent = /\{.*\}/.exec(bytes.toString())?.[0] ?? '';
        for (const one of sockets.clients) one.send(sent);
        socket.write(':1\r\n');
      });
    });
    const [port, cachePort] = [await listening(made), await listening(cache)];
    const text = `schema: gauntlet.system/1
name: shop
summary: A shop
services:
  web: { http: { port: 1, ask: { round: { send: { to: cache, channel: c, json: { id: "\${id}" } }, hear: { websocket: /ws, json: { id: "\${id}" }, within: 2s } } } } }
  cache: { redis: 1 }`;
    const access = { access: { tls: withPair(client) } };
    const addresses = {
      web: { http: [{ address: `https://127.0.0.1:${port}`, ...access }] },
      cache: { redis: [{ address: `rediss://127.0.0.1:${cachePort}`, ...access }] },
    };
    const services = servicesAt(parseSystem('system.yaml', text), addresses);
    expect(await answers({ platform: 'none', identity: 'none:t', services }, 'web:round')).toBe('ok');
  });
});

describe('a probe of gRPC', () => {
  it('is answered over TLS, and says why it is not', async () => {
    const made = new Server();
    const pair = { cert_chain: Buffer.from(server.cert), private_key: Buffer.from(server.key) };
    const keys = ServerCredentials.createSsl(Buffer.from(own.ca), [pair], true);
    const port = await new Promise<number>((resolve, reject) => {
      made.bindAsync('127.0.0.1:0', keys, (error, bound) => (error ? reject(error) : resolve(bound)));
    });
    closers.push(() => made.forceShutdown());
    const address = `127.0.0.1:${port}`;
    expect(await answers(at('grpc', address, withPair(client)))).toBe('ok');
    expect(await answers(at('grpc', address, { ...withPair(client), serverName: 'localhost' }))).toBe('ok');
    expect(await answers(at('grpc', address, { insecure: true, ...withPair(client) }))).toBe('ok');
    expect(await answers(at('grpc', address, {}))).toBe(
      'TLS failed: its certificate authority is not trusted here',
    );
    expect(await answers(at('grpc', address, { ...withPair(client), serverName: 'web.shop' }))).toMatch(
      /^TLS failed: its certificate is for another name/,
    );
  });
});

describe('the line of Redis commands', () => {
  it('goes over TLS, with a certificate that is read when it is opened', async () => {
    const made = createTls(strict(), (socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => socket.write('+PONG\r\n'));
    });
    const where = { host: '127.0.0.1', port: await listening(made) };
    const line = await RedisLine.open({ ...where, access: { tls: withPair(client) } }, 5000);
    closers.push(() => line.close());
    expect(await line.call(['PING'], 5000)).toBe('PONG');
    const missing = { ...trusted(), ca: fileOf('/nowhere/ca.pem') };
    await expect(RedisLine.open({ ...where, access: { tls: missing } }, 5000)).rejects.toThrow(
      'tls.ca: expected a file that can be read: /nowhere/ca.pem, got ENOENT.',
    );
  });
});
