/** Faults on requests, with real HTTP servers and clients: what is picked is hit, everything else is as without them. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect, createServer as createRawServer, type Server as NetServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startProxy } from '../../../packages/link-proxy/src/proxy.ts';
import type { HttpFault, HttpFaultState } from '../../../src/core/acts/http-acts.ts';
import { callControl } from '../../../src/system/control-socket.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Answer {
  readonly status: number;
  readonly rawHeaders: readonly string[];
  readonly trailers: unknown;
  readonly body: Buffer;
  readonly tookMs: number;
  readonly socket: Socket;
}

interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: Buffer;
  readonly agent?: Agent;
}

async function rig(serve: (incoming: IncomingMessage, outgoing: ServerResponse) => void, raw?: NetServer) {
  const sockets = new Set<Socket>();
  const server = createServer({ keepAliveTimeout: 60_000 }, serve);
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const folder = mkdtempSync(join(tmpdir(), 'gauntlet-http-'));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  const controlSocket = join(folder, 's');
  if (raw) {
    await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve));
    closers.push(() => raw.close());
  }
  const port = ((raw ?? server).address() as { port: number }).port;
  const proxy = await startProxy({
    controlSocket,
    links: [
      {
        name: 'client->gateway',
        from: 'client',
        to: 'gateway',
        listen: { host: '127.0.0.1', port: 0 },
        upstreams: [{ instance: 'gateway-1', host: '127.0.0.1', port, ready: true }],
      },
    ],
  });
  closers.push(() => proxy.close());
  const linkPort = proxy.ports.get('client->gateway') ?? 0;
  const keepAlive = new Agent({ keepAlive: true, maxSockets: 1 });
  closers.push(() => keepAlive.destroy());
  const ask = (path: string, { method = 'GET', headers = {}, body, agent = keepAlive }: Ask = {}) =>
    new Promise<Answer>((resolve, reject) => {
      const from = performance.now();
      const outgoing = request({ host: '127.0.0.1', port: linkPort, path, method, headers, agent });
      outgoing.on('error', reject);
      outgoing.on('response', (incoming) => {
        const { socket, rawHeaders } = incoming;
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('aborted', () => reject(new Error('broken off')));
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            rawHeaders,
            trailers: incoming.trailers,
            body: Buffer.concat(chunks),
            tookMs: performance.now() - from,
            socket,
          }),
        );
      });
      outgoing.end(body);
    });
  const put = (over: Partial<HttpFault>): Promise<unknown> =>
    callControl(controlSocket, 'PUT', '/http-faults', {
      body: {
        id: 'f',
        protocol: 'http',
        links: ['client->gateway'],
        share: 1,
        seed: 1,
        ttlMs: 60_000,
        ...over,
      },
    });
  const dial = (): Promise<Socket> =>
    new Promise((resolve) => {
      const socket = connect(linkPort, '127.0.0.1', () => resolve(socket));
      socket.on('error', () => {});
      closers.push(() => socket.destroy());
    });
  return {
    ask,
    dial,
    put,
    sockets,
    end: (id = 'f') => callControl(controlSocket, 'DELETE', `/http-faults?id=${id}`),
    renew: (ttlMs: number) =>
      callControl(controlSocket, 'POST', '/http-faults/renew', { body: { id: 'f', ttlMs } }),
    list: () => callControl<HttpFaultState[]>(controlSocket, 'GET', '/http-faults'),
  };
}

const plain = (_incoming: IncomingMessage, outgoing: ServerResponse): void => {
  outgoing.end('from the server');
};

describe('a status', () => {
  it('comes on the connection that was open, and the server answers on it again afterwards', async () => {
    const { ask, put, end, sockets } = await rig(plain);
    const before = await ask('/');
    await put({ status: 503 });
    const during = await ask('/');
    await end();
    const after = await ask('/');
    expect([before.status, during.status, after.status]).toEqual([200, 503, 200]);
    expect(after.body.toString()).toBe('from the server');
    expect(during.socket).toBe(before.socket);
    expect(after.socket).toBe(before.socket);
    // The server saw its idle connection end, and one more come.
    expect(sockets.size).toBe(2);
  });

  it('comes on new connections', async () => {
    const { ask, put, end, sockets } = await rig(plain);
    await put({ status: 429 });
    const fresh = () => ask('/', { agent: new Agent() });
    expect((await fresh()).status).toBe(429);
    expect(sockets.size).toBe(0);
    await end();
    expect((await fresh()).status).toBe(200);
  });

  it('hits only the method and the path that were chosen, and counts', async () => {
    const { ask, put, list } = await rig(plain);
    await put({ status: 503, method: 'POST', path: '/intentions' });
    const statuses = [
      (await ask('/intentions', { method: 'POST', body: Buffer.from('x') })).status,
      (await ask('/intentions/voice?a=1', { method: 'POST' })).status,
      (await ask('/intentions')).status,
      (await ask('/intentions-old', { method: 'POST' })).status,
      (await ask('/ready')).status,
    ];
    expect(statuses).toEqual([503, 503, 200, 200, 200]);
    expect(await list()).toEqual([{ id: 'f', links: ['client->gateway'], requests: 2, hits: 2 }]);
  });

  it('hits the share that was asked for, and the same requests for the same seed', async () => {
    const { ask, put } = await rig(plain);
    const round = async (): Promise<number[]> => {
      await put({ status: 503, share: 0.3, seed: 7 });
      const statuses: number[] = [];
      for (let index = 0; index < 200; index += 1) statuses.push((await ask('/')).status);
      return statuses;
    };
    const first = await round();
    const hits = first.filter((status) => status === 503).length;
    // 200 draws of 30 %: ± 4 standard deviations.
    expect(hits).toBeGreaterThan(34);
    expect(hits).toBeLessThan(86);
    expect(await round()).toEqual(first);
  });
});

describe('a delay', () => {
  it('is added to the time that the server takes', async () => {
    const { ask, put } = await rig(plain);
    await put({ delayMs: 120 });
    const { status, tookMs } = await ask('/');
    expect(status).toBe(200);
    expect(tookMs).toBeGreaterThanOrEqual(120);
  });

  it('ends for waiting requests when the fault ends', async () => {
    const { ask, put, end, list } = await rig(plain);
    await put({ delayMs: 60_000 });
    const waiting = ask('/');
    while ((await list())[0]?.hits !== 1) await new Promise((resolve) => setTimeout(resolve, 2));
    await end();
    expect((await waiting).status).toBe(200);
  });
});

describe('the lease', () => {
  it('ends by itself unless it is renewed', async () => {
    const { ask, put, renew, list } = await rig(plain);
    await put({ status: 503, ttlMs: 80 });
    expect((await ask('/')).status).toBe(503);
    expect(await renew(150)).toEqual({ renewed: true });
    while ((await list()).length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await ask('/')).status).toBe(200);
    expect(await renew(150)).toEqual({ renewed: false });
  });
});

describe('what is not hit', () => {
  const big = randomBytes(3_000_000);
  const echo = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const hash = createHash('sha256');
    incoming.on('data', (chunk: Buffer) => hash.update(chunk));
    incoming.on('end', () => {
      outgoing.writeHead(201, 'Made', [
        'Date',
        'Sat, 01 Jan 2000 00:00:00 GMT',
        'Set-Cookie',
        'a=1',
        'Set-Cookie',
        'b=2',
        'X-Seen',
        JSON.stringify(incoming.rawHeaders),
        'X-Hash',
        hash.digest('hex'),
        'Trailer',
        'X-End',
        'Transfer-Encoding',
        'chunked',
      ]);
      outgoing.write(big);
      outgoing.addTrailers({ 'X-End': 'done' });
      outgoing.end();
    });
  };

  it('arrives as it was sent, both ways: headers, bodies, trailers', async () => {
    const { ask, put, list } = await rig(echo);
    const send: Ask = {
      method: 'POST',
      headers: { 'X-Case': 'Kept', 'x-many': ['1', '2'], 'Transfer-Encoding': 'chunked' },
      body: big,
    };
    const direct = await ask('/a?b=c', send);
    await put({ share: 0, status: 503 });
    const through = await ask('/a?b=c', send);
    expect((await list())[0]?.requests).toBe(1);
    const { rawHeaders, status, trailers, body } = through;
    expect({ rawHeaders, status, trailers }).toEqual({
      rawHeaders: direct.rawHeaders,
      status: 201,
      trailers: { 'x-end': 'done' },
    });
    expect(body.equals(big)).toBe(true);
    expect(rawHeaders).toContain(createHash('sha256').update(big).digest('hex'));
  });

  it('has no body where none was sent', async () => {
    const { ask, put } = await rig((incoming, outgoing) => outgoing.end(JSON.stringify(incoming.rawHeaders)));
    const bare = () => ask('/', { method: 'POST', headers: { 'content-length': '0' } });
    const direct = await bare();
    await put({ share: 0, status: 503 });
    expect((await bare()).body.toString()).toBe(direct.body.toString());
    const without = await ask('/', { method: 'DELETE' });
    expect(without.body.toString()).not.toContain('Transfer-Encoding');
  });

  it('stays with its server when the rest of a body follows an early answer', async () => {
    const heard: string[] = [];
    const server = createRawServer((socket) => {
      let text = '';
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        if (text === '') socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
        text += chunk.toString();
        heard.push(chunk.toString());
      });
    });
    const { put, dial } = await rig(plain, server);
    const client = await dial();
    client.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello');
    await new Promise((resolve) => client.once('data', resolve));
    await put({ status: 503 });
    client.write('world');
    while (heard.length < 2) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(heard[1]).toBe('world');
    client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    // Two turns without an answer in between are one: it stays.
    while (heard.length < 3) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(heard[2]).toMatch(/^GET /);
  });

  it('breaks off for the client when it breaks off at the server', async () => {
    const { ask, put } = await rig((_incoming, outgoing) => {
      outgoing.writeHead(200, { 'content-length': '100' });
      outgoing.write('half');
      setTimeout(() => outgoing.destroy(), 20);
    });
    await put({ share: 0, status: 503 });
    await expect(ask('/')).rejects.toThrow(/broken off|ECONNRESET|hang up|aborted/);
  });

  it('is correct while faults start and end: no request is lost, mixed up or answered by another server', async () => {
    const { ask, put, end } = await rig((incoming, outgoing) => {
      setTimeout(() => outgoing.end(incoming.url), Number(incoming.url?.slice(-1)) / 3);
    });
    let running = true;
    const toggle = (async () => {
      for (let round = 0; running; round += 1) {
        await put({ share: 0, status: 503 });
        await new Promise((resolve) => setTimeout(resolve, (round * 7) % 13));
        await end();
        await new Promise((resolve) => setTimeout(resolve, (round * 5) % 11));
      }
      return true;
    })();
    const clients = Array.from({ length: 8 }, async (_, client) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      closers.push(() => agent.destroy());
      const used = new Set<Socket>();
      for (let index = 0; index < 150; index += 1) {
        const path = `/${client}/${index}`;
        const { status, body, socket } = await ask(path, { agent });
        expect([status, body.toString()]).toEqual([200, path]);
        used.add(socket);
      }
      return used.size;
    });
    expect(await Promise.all(clients)).toEqual(Array.from({ length: 8 }, () => 1));
    running = false;
    await toggle;
  });
});

describe('a fault that is not one', () => {
  it('is refused with every wrong field', async () => {
    const { put } = await rig(plain);
    await expect(put({ share: 2, delayMs: 5, jitterMs: 6, status: 99, links: ['x'] })).rejects.toThrow(
      [
        'status: expected a number from 200 to 599, got 99.',
        'links[0]: expected one of client->gateway, got "x".',
        'share: expected a number from 0 to 1, got 2.',
        'jitterMs: expected at most delayMs, got 6.',
      ].join('\n  '),
    );
    await expect(put({})).rejects.toThrow(/body: expected delayMs, status or both, got /);
  });
});
