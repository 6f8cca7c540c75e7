/** One suite over the questions of each protocol, to real servers in this process. */
import { createServer } from 'node:http';
import { createServer as createTcp } from 'node:net';
import { join } from 'node:path';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { parseSystem } from '../../../src/config/system/read-system.ts';
import { sendBearer } from '../../../src/core/bearer.ts';
import type { Plan } from '../../../src/core/plan.ts';
import { type Addresses, servicesAt, type Topology } from '../../../src/core/topology.ts';
import { ms } from '../../../src/core/units.ts';
import { findSystem } from '../../../src/run/files/systems.ts';
import { smokeContracts } from '../../../src/run/story/contract-smoke.ts';
import { monotonicClock } from '../../../src/system/monotonic-clock.ts';
import { projectRoot } from '../../../src/system/project.ts';
import { createProbe } from '../../../src/targets/probes/create-probe.ts';
import { startSpecialist } from '../../../systems/neural-hive-mind/stand-ins/src/specialist/specialist.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const at = (services: string, addresses: Addresses): Topology => {
  const text = `schema: gauntlet.system/1\nname: shop\nsummary: A shop\nservices:\n${services}`;
  return {
    platform: 'none',
    identity: 'none:t',
    services: servicesAt(parseSystem('system.yaml', text), addresses),
  };
};

async function answers(name: string, topology: Topology): Promise<readonly string[]> {
  const probe = createProbe(name, topology, monotonicClock);
  closers.push(() => probe.close());
  const found: string[] = [];
  for (const connection of ['held', 'held', 'fresh'] as const)
    found.push((await probe.send(connection, ms(2000))).outcome);
  return found;
}

const portOf = (server: { address(): unknown }): number => (server.address() as { port: number }).port;

async function web(
  answer: (path: string) => { status: number; body?: string; headers?: Record<string, string> },
) {
  const server = createServer((request, response) => {
    const { status, body = '', headers = {} } = answer(`${request.method} ${request.url}`);
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  return `http://127.0.0.1:${portOf(server)}`;
}

describe('a good answer over HTTP', () => {
  const ask = (question: string): string => `  web: { http: { ask: { ready: ${question} } } }`;
  const cases = [
    [
      '{ get: /items, good: { json: { items.1.id: 7 } } }',
      { status: 200, body: '{"items":[{},{"id":7}]}' },
      'ok',
    ],
    [
      '{ get: /items, good: { json: { items.2.id: 7 } } }',
      { status: 200, body: '{"items":[{}]}' },
      'items.2.id missing',
    ],
    [
      '{ get: /, good: { json: { state: [new, kept] } } }',
      { status: 200, body: '{"state":"LOST_IT"}' },
      'lost-it',
    ],
    ['{ get: /, good: { json: { n: { not: 3 } } } }', { status: 200, body: '{"n":3}' }, 'n 3'],
    ['{ get: /, good: { json: { n: { exists: false } } } }', { status: 200, body: '{"n":3}' }, 'n 3'],
    ['{ get: /, good: { json: { n: { matches: "^a+$" } } } }', { status: 200, body: '{"n":"aab"}' }, 'aab'],
    ['{ get: /, good: { json: { n: 3 } } }', { status: 200, body: '<html>' }, 'not JSON'],
    ['{ get: /, good: 200 }', { status: 302, headers: { location: '/other' } }, 'http-302'],
    ['{ get: /, good: 3xx }', { status: 302, headers: { location: '/other' } }, 'ok'],
    ['{ head: /, good: 200 }', { status: 200, headers: { 'content-length': '9' } }, 'ok'],
    ['{ get: /, good: 200 }', { status: 200, body: 'x'.repeat(70_000) }, 'an answer above 64 KiB'],
  ] as const;
  it.each(cases)('%s', async (question, answer, outcome) => {
    const address = await web(() => answer);
    const topology = at(ask(question), { web: { http: [{ address }] } });
    expect(await answers('web', topology)).toEqual([outcome, outcome, outcome]);
  });
});

describe('a question with a token', () => {
  it('has the newest one', async () => {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(
      () => server.close(),
      () => server.closeAllConnections(),
    );
    const address = `http://127.0.0.1:${portOf(server)}`;
    const ask = `ready: { get: /, headers: { authorization: "Bearer \${token}" } }`;
    const topology = at(`  web: { http: { ask: { ${ask} } } }`, { web: { http: [{ address }] } });
    let newest = 'first';
    closers.push(sendBearer(() => newest));
    await answers('web', topology);
    newest = 'second';
    await answers('web', topology);
    expect([seen[0], seen.at(-1)]).toEqual(['Bearer first', 'Bearer second']);
  });
});

describe('a contract over gRPC', () => {
  it('is kept by a specialist: its message is built from the file beside the system', async () => {
    const specialist = await startSpecialist({
      ...{ specialist: 'business', instance: 'business-1', host: '127.0.0.1', grpcPort: 0, httpPort: 0 },
      ...{ evaluationMs: 0, workers: 10, graceMs: 10 },
    });
    closers.push(() => specialist.stop());
    const system = findSystem(join(projectRoot, 'systems/neural-hive-mind/system.yaml'), '');
    if ('expected' in system) throw new Error(system.expected);
    const named = (service: string): Topology => {
      const addresses = { [service]: { grpc: [{ address: specialist.listening['grpc'] ?? '' }] } };
      return { platform: 'none', identity: 'none:t', services: servicesAt(system, addresses) };
    };
    const plan = (service: string) => ({ id: 'r1', load: [{ flows: [{ service }] }] }) as unknown as Plan;
    await smokeContracts(plan('specialist-business'), named('specialist-business'), undefined);
    await expect(
      smokeContracts(plan('specialist-technical'), named('specialist-technical'), undefined),
    ).rejects.toThrow(
      /^specialist-technical:contract: neural_hive\.specialist\.SpecialistService\/EvaluatePlan at 127\.0\.0\.1:\d+: expected OK with specialist_type technical and opinion\.recommendation approve, reject, review_required, conditional, got specialist_type "business"\. Check the address and the version of specialist-technical\.$/,
    );
  });
});

describe('a contract over gRPC with a token', () => {
  it('carries it as metadata', async () => {
    const server = new Server();
    const path = '/neural_hive.specialist.SpecialistService/EvaluatePlan';
    const same = (bytes: Buffer): Buffer => bytes;
    server.register<Buffer, Buffer>(
      path,
      ({ metadata }: ServerUnaryCall<Buffer, Buffer>, reply: sendUnaryData<Buffer>) => {
        const isKnown = metadata.get('authorization')[0] === 'Bearer shop-token';
        if (isKnown) reply(null, Buffer.alloc(0));
        else reply({ code: 16, details: 'no token' });
      },
      same,
      same,
      'unary',
    );
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
    closers.push(() => server.forceShutdown());
    const system = findSystem(join(projectRoot, 'systems/neural-hive-mind/system.yaml'), '');
    if ('expected' in system) throw new Error(system.expected);
    const addresses = { 'specialist-business': { grpc: [{ address: `127.0.0.1:${port}` }] } };
    const topology: Topology = {
      ...{ platform: 'none', identity: 'none:t' },
      services: servicesAt(system, addresses),
    };
    const plan = { id: 'r1', load: [{ flows: [{ service: 'specialist-business' }] }] } as unknown as Plan;
    await expect(smokeContracts(plan, topology, undefined)).rejects.toThrow('grpc-UNAUTHENTICATED: no token');
    await expect(smokeContracts(plan, topology, 'shop-token')).rejects.toThrow('opinion.recommendation');
  });
});

describe('a service without a question of its own', () => {
  async function grpc(add: (server: Server) => void): Promise<Topology> {
    const server = new Server();
    add(server);
    const port = await new Promise<number>((resolve, reject) => {
      const credentials = ServerCredentials.createInsecure();
      server.bindAsync('127.0.0.1:0', credentials, (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
    closers.push(() => server.forceShutdown());
    return at('  orders: { grpc: 50051 }', { orders: { grpc: [{ address: `127.0.0.1:${port}` }] } });
  }
  const bytes = (value: Buffer): Buffer => value;
  const health = (status: number) => (server: Server) =>
    server.addService(
      {
        Check: {
          ...{ path: '/grpc.health.v1.Health/Check', requestStream: false, responseStream: false },
          ...{ requestSerialize: bytes, requestDeserialize: bytes },
          ...{ responseSerialize: bytes, responseDeserialize: bytes },
        },
      },
      {
        Check: (_call: unknown, done: (error: null, answer: Buffer) => void) =>
          done(null, Buffer.from([8, status])),
      },
    );

  it('is asked for its health over gRPC, and is up without that service', async () => {
    expect(await answers('orders', await grpc(health(1)))).toEqual(['ok', 'ok', 'ok']);
    expect(await answers('orders', await grpc(health(2)))).toEqual(Array(3).fill('not-serving'));
    expect(await answers('orders', await grpc(() => undefined))).toEqual(['ok', 'ok', 'ok']);
  });

  it('is connected to over TCP, and over any protocol with `connect`', async () => {
    const server = createTcp((socket) => socket.on('error', () => undefined));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const port = portOf(server);
    const topology = at('  cache: { tcp: 7000 }\n  web: { http: { ask: { ready: connect } } }', {
      cache: { tcp: [{ address: `127.0.0.1:${port}` }] },
      web: { http: [{ address: `http://127.0.0.1:${port}` }] },
    });
    expect(await answers('cache', topology)).toEqual(['ok', 'ok', 'ok']);
    expect(await answers('web', topology)).toEqual(['ok', 'ok', 'ok']);
    server.close();
    expect(await answers('cache', topology)).toEqual(['refused', 'refused', 'refused']);
  });
});
