/** Faults inside Redis and on requests, on a whole sandbox: its own probes see them, its own clients feel them, nothing stays. */
import { Agent, request } from 'node:http';
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEntries } from '../../src/chaos/healing/journal.ts';
import { endpointOf } from '../../src/core/topology.ts';
import { type FaultBench, faultBench } from './support-chaos/fault-bench.ts';
import { makeTestBed, type TestBed } from './support-sandbox/test-bed.ts';

let testBed: TestBed;
let bench: FaultBench;

beforeAll(async () => {
  testBed = await makeTestBed();
  bench = await faultBench('requests', testBed);
});

afterAll(async () => {
  await bench?.close();
  testBed.remove();
});

/** Asks one after another until it is stopped, and counts the answers. */
async function counting<T>(
  ask: () => Promise<string>,
  meanwhile: () => Promise<T>,
): Promise<{ readonly result: T; readonly counts: Readonly<Record<string, number>> }> {
  const counts: Record<string, number> = {};
  let running = true;
  const loop = (async () => {
    while (running) {
      const answer = await ask();
      counts[answer] = (counts[answer] ?? 0) + 1;
    }
  })();
  try {
    return { result: await meanwhile(), counts };
  } finally {
    running = false;
    await loop;
  }
}

it.each([
  ['redis-pause', { mode: 'all', for: '1s' }],
  ['redis-pause', { mode: 'write', for: '1s' }],
  ['redis-maxclients', { for: '1s' }],
  ['redis-maxmemory', { for: '1s' }],
  ['redis-kill-connections', {}],
])('%s %j is seen through the links of the probes and leaves nothing', async (kind, raw) => {
  const record = await bench.run(kind, raw);
  expect(record, record.injection?.evidence).toMatchObject({ status: 'injected', cutShort: null });
  expect(openEntries(bench.journal.path)).toEqual([]);
});

describe('http-fault', () => {
  const asking = () => {
    const { hostname: host, port } = new URL(
      endpointOf(bench.sandbox.state.topology, 'gateway', 'http')?.at[0]?.address ?? '',
    );
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const sockets = new Set<unknown>();
    const ask = (): Promise<string> =>
      new Promise((resolve) => {
        const outgoing = request({ host, port, path: '/health', agent }, (incoming) => {
          sockets.add(incoming.socket);
          incoming.resume().on('end', () => setTimeout(() => resolve(String(incoming.statusCode)), 5));
        });
        outgoing.on('error', (error) => resolve(error.message));
        outgoing.end();
      });
    return { ask, sockets, close: () => agent.destroy() };
  };

  it('hits about its share of the requests, on the connection that the client holds', async () => {
    const { ask, sockets, close } = asking();
    const raw = { path: '/health', status: 418, share: '50%', for: '2s' };
    const { result, counts } = await counting(ask, () => bench.run('http-fault', raw));
    close();
    expect(result, result.injection?.evidence).toMatchObject({ status: 'injected', cutShort: null });
    expect(Object.keys(counts).sort()).toEqual(['200', '418']);
    expect(counts['418']).toBeGreaterThan(20);
    expect(sockets.size).toBe(1);
    expect(await bench.platform.http?.list()).toEqual([]);
  });
});

describe('grpc-fault', () => {
  const asking = () => {
    const client = new Client(
      endpointOf(bench.sandbox.state.topology, 'specialist-business', 'grpc')?.at[0]?.address ?? '',
      credentials.createInsecure(),
      { 'grpc.use_local_subchannel_pool': 1 },
    );
    const bytes = (value: Buffer): Buffer => value;
    const path = '/neural_hive.specialist.SpecialistService/HealthCheck';
    const ask = (): Promise<string> =>
      new Promise((resolve) => {
        const done = (error: ServiceError | null): void => {
          const word = error ? `${status[error.code]}: ${error.details}` : 'OK';
          setTimeout(() => resolve(word), 5);
        };
        client.makeUnaryRequest(path, bytes, bytes, Buffer.alloc(0), { deadline: Date.now() + 5000 }, done);
      });
    return { ask, close: () => client.close() };
  };

  it('is the answer for every client, also on open connections, and no client gets another one', async () => {
    const { ask, close } = asking();
    expect(await ask()).toBe('OK');
    const raw = { service: 'specialist-business', status: 'RESOURCE_EXHAUSTED', for: '2s' };
    const { result, counts } = await counting(ask, () => bench.run('grpc-fault', raw));
    expect(result, result.injection?.evidence).toMatchObject({ status: 'injected', cutShort: null });
    const hit = 'RESOURCE_EXHAUSTED: fault injected by gauntlet';
    expect(Object.keys(counts).sort()).toEqual(['OK', hit]);
    expect(counts[hit]).toBeGreaterThan(50);
    expect(await ask()).toBe('OK');
    close();
  });
});
