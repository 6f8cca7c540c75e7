/** Faults inside Redis and on requests, on a whole sandbox: its own probes see them, its own clients feel them, nothing stays. */
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FaultOutcome } from '../../src/chaos/fault-request.ts';
import { createJournal, type Journal, openEntries } from '../../src/chaos/healing/journal.ts';
import { runFault } from '../../src/chaos/injector.ts';
import type { Platform } from '../../src/core/platform.ts';
import { seededRng } from '../../src/core/rng.ts';
import { ms } from '../../src/core/units.ts';
import { listSandboxes, type SandboxHandle, startSandbox, stopSandbox } from '../../src/sandbox/sandbox.ts';
import { monotonicClock } from '../../src/system/monotonic-clock.ts';
import { openPlatform } from '../../src/targets/open-platform.ts';
import { ProbeWatch } from '../../src/targets/probes/probe-watch.ts';
import { plannedFault } from './support-chaos/redis-stage.ts';
import { type TestGround, testGround } from './support-sandbox/ground.ts';

let ground: TestGround;
let sandbox: SandboxHandle;
let platform: Platform;
let feed: ProbeWatch;
let journal: Journal;

beforeAll(async () => {
  ground = await testGround();
  const { places, tools } = ground;
  sandbox = await startSandbox({
    name: 'requests',
    places,
    tools,
    owner: 'caller',
    progress: () => undefined,
  });
  const { stateFile, topology, probeTopology } = sandbox.state;
  const handle = { platform: 'sandbox', identity: topology.identity, stateFile } as const;
  platform = await openPlatform(handle);
  feed = new ProbeWatch({ topology: probeTopology, clock: monotonicClock });
  const path = join(places.state, 'run', 'journal.ndjson');
  journal = createJournal({ path, places, run: 'requests', platform: handle, clock: monotonicClock });
});

afterAll(async () => {
  await feed.stop();
  for (const { name } of listSandboxes(ground.places)) await stopSandbox(name, ground.places);
  ground.remove();
});

const run = (kind: string, raw: unknown): Promise<FaultOutcome> =>
  runFault({
    planned: plannedFault(kind, raw),
    world: { platform, clock: monotonicClock, rng: seededRng(1) },
    feed,
    journal,
    lease: {
      ttlMs: ms(3000),
      holder: 'test',
      lost: new AbortController().signal,
      release: async () => undefined,
    },
    policy: { optIn: true, protected: [], hours: 'any' },
    signal: new AbortController().signal,
    report: () => undefined,
    removalTimeoutMs: ms(20_000),
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
  const record = await run(kind, raw);
  expect(record, record.injection?.evidence).toMatchObject({ status: 'injected', cutShort: null });
  expect(openEntries(journal.path)).toEqual([]);
});

describe('http-fault', () => {
  const asking = () => {
    const { hostname: host, port } = new URL(sandbox.state.topology.gateway?.url ?? '');
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
    const { result, counts } = await counting(ask, () => run('http-fault', raw));
    close();
    expect(result, result.injection?.evidence).toMatchObject({ status: 'injected', cutShort: null });
    expect(Object.keys(counts).sort()).toEqual(['200', '418']);
    expect(counts['418']).toBeGreaterThan(20);
    expect(sockets.size).toBe(1);
    expect(await platform.http?.list()).toEqual([]);
  });
});

describe('grpc-fault', () => {
  const asking = () => {
    const client = new Client(
      sandbox.state.topology.specialists.business ?? '',
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

  it('is what every client gets, those with open connections too, and nobody gets anything else', async () => {
    const { ask, close } = asking();
    expect(await ask()).toBe('OK');
    const raw = { service: 'specialist-business', status: 'RESOURCE_EXHAUSTED', for: '2s' };
    const { result, counts } = await counting(ask, () => run('grpc-fault', raw));
    expect(result, result.injection?.evidence).toMatchObject({ status: 'injected', cutShort: null });
    const hit = 'RESOURCE_EXHAUSTED: fault injected by gauntlet';
    expect(Object.keys(counts).sort()).toEqual(['OK', hit]);
    expect(counts[hit]).toBeGreaterThan(50);
    expect(await ask()).toBe('OK');
    close();
  });
});
