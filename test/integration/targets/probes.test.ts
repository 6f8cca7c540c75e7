import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { join } from 'node:path';
import {
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServiceClientConstructor,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { afterEach, describe, expect, it } from 'vitest';
import { ms } from '../../../src/core/units.ts';
import { monotonicClock } from '../../../src/system/monotonic-clock.ts';
import { projectRoot } from '../../../src/system/project.ts';
import type { Probe } from '../../../src/targets/probes/connection-probe.ts';
import { createProbe } from '../../../src/targets/probes/create-probe.ts';
import { type Parts, topologyOf } from '../../fakes/topology.ts';

const closers: (() => unknown)[] = [];
afterEach(() => {
  for (const close of closers.splice(0).reverse()) close();
});

const DEADLINE = ms(2000);
function probeOf(name: string, parts: Parts): Probe {
  const probe = createProbe(name, topologyOf(parts), monotonicClock);
  closers.push(() => probe.close());
  return probe;
}

async function outcomes(probe: Probe, ...connections: ('held' | 'fresh')[]): Promise<string[]> {
  const found: string[] = [];
  for (const connection of connections) {
    const sample = await probe.send(connection, DEADLINE);
    expect(sample.ok).toBe(sample.outcome.startsWith('ok'));
    found.push(sample.outcome);
  }
  return found;
}

async function listening(server: NetServer, port = 0): Promise<number> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  closers.push(() => server.close());
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

/** A TCP server that answers through `serve`; its connections can be cut off. */
async function tcp(serve: (chunk: Buffer, socket: Socket) => void) {
  const sockets = new Set<Socket>();
  let accepted = 0;
  const server = createServer((socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (chunk) => serve(chunk, socket));
    closers.push(() => socket.destroy());
  });
  const port = await listening(server);
  return {
    port,
    server,
    accepted: () => accepted,
    hangUp: async () => {
      for (const socket of sockets) socket.resetAndDestroy();
      while (sockets.size > 0) await new Promise((resolve) => setTimeout(resolve, 1));
      await new Promise((resolve) => setTimeout(resolve, 10));
    },
  };
}

describe('the gateway probe', () => {
  it('asks GET /ready on one keep-alive connection, and says what the gateway says', async () => {
    let status = 200;
    const asked: string[] = [];
    const sockets = new Set<unknown>();
    const server = createHttpServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      sockets.add(request.socket);
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ status: 'ready' }));
    });
    const port = await listening(server);
    const probe = probeOf('gateway', { gateway: { url: `http://127.0.0.1:${port}` } });
    expect(await outcomes(probe, 'held', 'held')).toEqual(['ok', 'ok']);
    status = 503;
    expect(await outcomes(probe, 'held')).toEqual(['http-503']);
    expect([asked, sockets.size]).toEqual([['GET /ready', 'GET /ready', 'GET /ready'], 1]);
    status = 200;
    server.closeAllConnections();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await outcomes(probe, 'held', 'held', 'held')).toEqual(['reset', 'ok, renewed', 'ok']);
    expect(await outcomes(probe, 'fresh', 'fresh')).toEqual(['ok', 'ok']);
    expect(sockets.size).toBe(4);
  });

  it('understands an answer that comes in pieces', async () => {
    const { port } = await tcp((_chunk, socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Le');
      setTimeout(() => socket.write('ngth: 4\r\n\r\nab'), 5);
      setTimeout(() => socket.write('cd'), 10);
    });
    const probe = probeOf('gateway', { gateway: { url: `http://127.0.0.1:${port}` } });
    expect(await outcomes(probe, 'held', 'held')).toEqual(['ok', 'ok']);
  });
});

describe('the probe of writes to Redis', () => {
  it('asks for a write that changes nothing, and says what the server says to it', async () => {
    const asked: string[] = [];
    let word = ':0\r\n';
    const redis = await tcp((chunk, socket) => {
      asked.push(chunk.toString());
      socket.write(word);
    });
    const probe = probeOf('redis:write', { redis: { url: `redis://127.0.0.1:${redis.port}` } });
    expect(await outcomes(probe, 'held')).toEqual(['ok']);
    word = "-OOM command not allowed when used memory > 'maxmemory'.\r\n";
    expect(await outcomes(probe, 'held', 'fresh')).toEqual([
      "OOM command not allowed when used memory > 'maxmemory'.",
      "OOM command not allowed when used memory > 'maxmemory'.",
    ]);
    const command = '*4\r\n$8\r\nSETRANGE\r\n$20\r\ngauntlet:write-probe\r\n$1\r\n0\r\n$0\r\n\r\n';
    expect(asked).toEqual([command, command, command]);
  });
});

describe('the Redis probe', () => {
  it('moves 1 KiB each way, so that a narrow bandwidth shows', async () => {
    let bytes = 0;
    const redis = await tcp((chunk, socket) => {
      bytes += chunk.length;
      if (bytes % 1047 === 0) socket.write(`$1024\r\n${'g'.repeat(1024)}\r\n`);
    });
    const probe = probeOf('redis', { redis: { url: `redis://127.0.0.1:${redis.port}` } });
    expect(await outcomes(probe, 'held', 'held', 'fresh')).toEqual(['ok', 'ok', 'ok']);
    expect(bytes).toBe(3 * 1047);
    await redis.hangUp();
    expect(await outcomes(probe, 'held', 'held')).toEqual(['reset', 'ok, renewed']);
  });

  it('gives the words of Redis when it says no', async () => {
    const redis = await tcp((_chunk, socket) => socket.write('-NOAUTH Authentication required.\r\n'));
    const probe = probeOf('redis', { redis: { url: `redis://127.0.0.1:${redis.port}` } });
    expect(await outcomes(probe, 'held', 'fresh')).toEqual([
      'NOAUTH Authentication required.',
      'NOAUTH Authentication required.',
    ]);
  });

  it('tells refused, reset and stalled apart', async () => {
    const silent = await tcp(() => {});
    const rude = await tcp((_chunk, socket) => socket.resetAndDestroy());
    const probe = (port: number): Probe => probeOf('redis', { redis: { url: `redis://127.0.0.1:${port}` } });
    expect(await outcomes(probe(1), 'held', 'fresh')).toEqual(['refused', 'refused']);
    expect(await outcomes(probe(rude.port), 'held', 'fresh')).toEqual(['reset', 'reset']);
    const stalled = probe(silent.port);
    expect(await stalled.send('fresh', ms(30))).toMatchObject({ ok: false, outcome: 'stalled' });
    expect(await stalled.send('held', ms(30))).toMatchObject({ ok: false, outcome: 'stalled' });
  });
});

describe('the Kafka probe', () => {
  it('asks a broker for its API versions, on one connection and on new ones', async () => {
    const keys: number[] = [];
    const broker = await tcp((chunk, socket) => {
      keys.push(chunk.readInt16BE(4));
      const answer = Buffer.alloc(4 + 4 + 2 + 4);
      answer.writeInt32BE(10, 0);
      answer.writeInt32BE(chunk.readInt32BE(8), 4);
      socket.write(answer.subarray(0, 7));
      setTimeout(() => socket.write(answer.subarray(7)), 2);
    });
    const kafka = { brokers: [{ id: 3, client: `127.0.0.1:${broker.port}` }] };
    const probe = probeOf('kafka-3', { kafka });
    expect(await outcomes(probe, 'held', 'held', 'fresh')).toEqual(['ok', 'ok', 'ok']);
    expect([keys, broker.accepted()]).toEqual([[18, 18, 18], 2]);
    await broker.hangUp();
    broker.server.close();
    expect(await outcomes(probe, 'held', 'held', 'fresh')).toEqual(['reset', 'refused', 'refused']);
  });
});

describe('a specialist probe', () => {
  const definition = loadPackageDefinition(
    loadSync('specialist.proto', {
      includeDirs: [join(projectRoot, 'systems/neural-hive-mind/proto')],
      enums: String,
    }),
  ) as unknown as { neural_hive: { specialist: { SpecialistService: ServiceClientConstructor } } };

  async function specialist(status: () => string, port = 0) {
    const server = new Server();
    const { service } = definition.neural_hive.specialist.SpecialistService;
    server.addService(service, {
      EvaluatePlan: () => {},
      GetCapabilities: () => {},
      HealthCheck: (_call: unknown, done: (error: null, answer: object) => void) =>
        done(null, { status: status(), details: { type: 'business', version: '1' } }),
    });
    const bound = await new Promise<number>((resolve, reject) => {
      const credentials = ServerCredentials.createInsecure();
      server.bindAsync(`127.0.0.1:${port}`, credentials, (error, at) =>
        error ? reject(error) : resolve(at),
      );
    });
    closers.push(() => server.forceShutdown());
    return { server, port: bound };
  }

  it('asks HealthCheck and reads the status, whatever details come with it', async () => {
    let status = 'SERVING';
    const { port } = await specialist(() => status);
    const probe = probeOf('specialist-business', { specialists: { business: `127.0.0.1:${port}` } });
    expect(await outcomes(probe, 'held', 'held', 'fresh')).toEqual(['ok', 'ok', 'ok']);
    status = 'NOT_SERVING';
    expect(await outcomes(probe, 'held', 'fresh')).toEqual(['not-serving', 'not-serving']);
    status = 'UNKNOWN';
    expect(await outcomes(probe, 'held')).toEqual(['unknown']);
  });

  it('notices that its connection went away between two requests, though the channel would hide it', async () => {
    const first = await specialist(() => 'SERVING');
    const probe = probeOf('specialist-business', { specialists: { business: `127.0.0.1:${first.port}` } });
    expect(await outcomes(probe, 'held')).toEqual(['ok']);
    first.server.forceShutdown();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(await outcomes(probe, 'held', 'held', 'fresh')).toEqual(['reset', 'refused', 'refused']);
    await specialist(() => 'SERVING', first.port);
    expect(await outcomes(probe, 'held', 'held', 'fresh')).toEqual(['ok, renewed', 'ok', 'ok']);
  });

  it('is reset by a server that takes the connection and drops it', async () => {
    const rude = await tcp((_chunk, socket) => socket.resetAndDestroy());
    const probe = probeOf('specialist-business', { specialists: { business: `127.0.0.1:${rude.port}` } });
    expect(await outcomes(probe, 'fresh', 'held')).toEqual(['reset', 'reset']);
  });
});

describe('a probe that the target does not have', () => {
  it('is refused with the probes there are', () => {
    const parts = { redis: { url: 'redis://127.0.0.1:1' }, specialists: { business: '127.0.0.1:2' } };
    expect(() => probeOf('specialist-busines', parts)).toThrow(
      'probe: expected one of specialist-business, redis, redis:write, got "specialist-busines". Did you mean specialist-business?',
    );
  });
});
