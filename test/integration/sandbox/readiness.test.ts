import { createServer as createHttp } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import {
  all,
  asked,
  kafkaReady,
  postgresReady,
  redisReady,
} from '../../../packages/sandbox/src/supervisor/readiness.ts';
import type { HttpAsk, WantedFields } from '../../../src/core/system.ts';
import { asksOf, diallerOf } from '../../../src/protocols/asks.ts';
import { fakeBroker } from '../../fakes/fake-broker.ts';

const servers: { server: Server; sockets: Set<Socket> }[] = [];
afterEach(() => {
  for (const { server, sockets } of servers.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

async function listen(server: Server): Promise<{ host: string; port: number; connections: () => number }> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  servers.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port, connections: () => connections };
}

/** Of a question that a system file may hold. */
function httpReady({ host, port }: { host: string; port: number }, path: string, fields: WantedFields = {}) {
  const question: HttpAsk = {
    ...{ kind: 'http', method: 'get', path, headers: {}, body: null },
    ...{ statuses: [[200, 399]], fields },
  };
  const at = [{ address: `http://${host}:${port}` }];
  const asks = { ready: { question, everyMs: null, timeoutMs: null } };
  const itself = { services: [{ name: 'web', endpoints: [{ protocol: 'http', at, asks, proto: null }] }] };
  return all(asksOf(itself).map((one) => asked(diallerOf(one, itself))));
}

const says = (answer: string | Buffer): Server =>
  createServer((socket) => socket.once('data', () => socket.write(answer)));

describe('readiness by HTTP', () => {
  it('is a status from 200 to 399', async () => {
    let status = 200;
    const endpoint = await listen(createHttp((_request, response) => response.writeHead(status).end('{}')));
    const seen: [number, boolean][] = [];
    for (status of [200, 204, 302, 399, 400, 404, 500, 503]) {
      seen.push([status, await httpReady(endpoint, '/ready')(1000)]);
    }
    expect(seen.filter(([, ready]) => ready).map(([code]) => code)).toEqual([200, 204, 302, 399]);
    expect(endpoint.connections()).toBe(seen.length);
  });

  it('is a good answer in every field that the question names', async () => {
    const says = { state: 'starting' };
    const endpoint = await listen(createHttp((_request, response) => response.end(JSON.stringify(says))));
    const wanted: WantedFields = { state: { kind: 'one-of', values: ['up'] } };
    expect(await httpReady(endpoint, '/', wanted)(1000)).toBe(false);
    says.state = 'up';
    expect(await httpReady(endpoint, '/', wanted)(1000)).toBe(true);
  });

  it('is not there while one of several questions has no good answer', async () => {
    const yes = async (): Promise<boolean> => true;
    expect(await all([])(1000)).toBe(true);
    expect(await all([yes, yes])(1000)).toBe(true);
    expect(await all([yes, async () => false])(1000)).toBe(false);
  });

  it('is false without an answer in time, or without a listener', async () => {
    const silent = await listen(createServer());
    expect(await httpReady(silent, '/ready')(30)).toBe(false);
    const { server } = servers[0] ?? {};
    await new Promise((resolve) => {
      for (const socket of servers[0]?.sockets ?? []) socket.destroy();
      server?.close(resolve);
    });
    expect(await httpReady(silent, '/ready')(1000)).toBe(false);
  });
});

describe('readiness of Redis', () => {
  it('is PONG, and not an error or LOADING', async () => {
    expect(await redisReady(await listen(says('+PONG\r\n')))(1000)).toBe(true);
    expect(await redisReady(await listen(says('-LOADING Redis is loading\r\n')))(1000)).toBe(false);
    expect(await redisReady(await listen(says('+PO')))(30)).toBe(false);
  });

  it('is not there when the connection is closed without an answer', async () => {
    expect(await redisReady(await listen(createServer((socket) => socket.end())))(1000)).toBe(false);
  });
});

describe('readiness of PostgreSQL', () => {
  it('is the beginning of a session, and not the refusal of one that still recovers', async () => {
    expect(await postgresReady(await listen(says('R\0\0\0\x08\0\0\0\0')))(1000)).toBe(true);
    expect(await postgresReady(await listen(says('E\0\0\0\x20SFATAL')))(1000)).toBe(false);
  });
});

describe('readiness of a broker', () => {
  const ask = async (brokers: readonly number[], nodeId: number): Promise<boolean> => {
    const broker = await fakeBroker({ brokers });
    const ready = await kafkaReady({ nodeId, host: broker.host, port: broker.port })(1000);
    await broker.close();
    return ready;
  };

  it('is its own id among the living ones', async () => {
    expect(await ask([1, 2, 3], 2)).toBe(true);
  });

  it('is not there while it is fenced: it answers, but does not count itself', async () => {
    expect(await ask([1, 3], 2)).toBe(false);
  });

  it('is not there when the answer is none', async () => {
    const foreign = await listen(createServer((socket) => socket.end('HTTP/1.1 400 Bad Request')));
    expect(await kafkaReady({ nodeId: 2, ...foreign })(1000)).toBe(false);
  });
});
