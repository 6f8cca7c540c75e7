/** Real Sentinels with a master and its replica: the present master is asked, and an undo reaches the one that was altered. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { faultNamed } from '../../src/chaos/faults/registry.ts';
import type { World } from '../../src/chaos/world.ts';
import type { Login } from '../../src/core/login.ts';
import type { RedisNodes } from '../../src/core/redis-nodes.ts';
import { seededRng } from '../../src/core/rng.ts';
import { keepSecret } from '../../src/core/secrets.ts';
import type { Topology } from '../../src/core/topology.ts';
import { ms } from '../../src/core/units.ts';
import { monotonicClock } from '../../src/system/monotonic-clock.ts';
import { openAddressesPlatform } from '../../src/targets/addresses-platform.ts';
import { createProbe } from '../../src/targets/probes/create-probe.ts';
import { signalProcess } from '../support/signal-process.ts';
import { Bench } from './support/gauntlet.ts';
import { freePorts } from './support-services/free-port.ts';
import { startServers, type TestServer } from './support-services/redis-cluster.ts';
import { until } from './support-services/spawned.ts';
import { requireTestTools } from './support-services/test-tools.ts';

const [SECRET, WATCHERS] = ['of-the-servers', 'of-the-sentinels'];
const [VARIABLE, WATCHERS_VARIABLE] = ['GAUNTLET_TEST_REDIS', 'GAUNTLET_TEST_SENTINEL'];
const LONG = { timeoutMs: 30_000 } as const;
const FIRST_DOWN_AFTER_MS = 20_000;

/** A fresh connection to each of several servers takes long where a machine is busy. */
const SLOWLY = '{ every: 500ms, timeout: 10s }';

const bench = new Bench();
let servers: readonly TestServer[] = [];
let sentinels: readonly TestServer[] = [];
const closers: (() => unknown)[] = [];

const login = (name: string): Login => ({ password: { from: 'env', name } });

beforeAll(async () => {
  keepSecret(VARIABLE, SECRET);
  keepSecret(WATCHERS_VARIABLE, WATCHERS);
  const tools = await requireTestTools(['redis']);
  const [first = 0, second = 0] = await freePorts(2);
  const settings = (port: number, index: number) => [
    ...[`port ${port}`, 'save ""', 'repl-diskless-sync-delay 0'],
    ...[`requirepass "${SECRET}"`, `masterauth "${SECRET}"`],
    ...(index === 1 ? [`replicaof 127.0.0.1 ${first}`] : []),
  ];
  const access = { login: login(VARIABLE) };
  servers = await startServers(tools, bench.folder, 2, settings, { access, at: [first, second] });
  await until(async () => /master_link_status:up/.test(await server(1).info('replication')), LONG);
  const watched = (port: number) => [
    ...[`port ${port}`, `requirepass "${WATCHERS}"`, `sentinel sentinel-pass "${WATCHERS}"`],
    ...[`sentinel monitor shop 127.0.0.1 ${first} 2`, `sentinel auth-pass shop "${SECRET}"`],
    ...[
      `sentinel down-after-milliseconds shop ${FIRST_DOWN_AFTER_MS}`,
      'sentinel failover-timeout shop 10000',
    ],
  ];
  sentinels = await startServers(tools, bench.folder, 3, watched, {
    access: { login: login(WATCHERS_VARIABLE) },
    args: ['--sentinel'],
  });
  const knows = async (one: TestServer): Promise<boolean> => {
    const [master] = (await one.ask('SENTINEL', 'MASTERS')) as readonly (readonly string[])[];
    const of = (name: string) => master?.[master.indexOf(name) + 1];
    return of('num-slaves') === '1' && of('num-other-sentinels') === '2';
  };
  await until(async () => (await Promise.all(sentinels.map(knows))).every(Boolean), LONG);
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
afterAll(async () => {
  await Promise.all([...sentinels, ...servers].map((one) => one.stop()));
  expect(await bench.quiet(5000)).toEqual([]);
});

const server = (index: number): TestServer => servers[index] as TestServer;
const maxmemory = async (one: TestServer) => String(await one.ask('CONFIG', 'GET', 'maxmemory'));
const nodes = (master = 'shop'): RedisNodes => ({
  ...{ kind: 'sentinels', sentinels: sentinels.map((one) => one.address), master },
  access: { login: login(WATCHERS_VARIABLE) },
});

function topology(named = nodes()): Topology {
  const at = [{ address: sentinels[0]?.address ?? '', nodes: named, access: { login: login(VARIABLE) } }];
  const cache = { protocol: 'redis', at, asks: {}, proto: null } as const;
  return { platform: 'none', identity: 'none:cache', services: [{ name: 'cache', endpoints: [cache] }] };
}

function world(named = nodes()): World {
  const access = { login: login(VARIABLE) };
  const redisByService = { cache: { host: '127.0.0.1', port: 1, nodes: named, access } };
  const handle = {
    platform: 'none',
    identity: 'none:cache',
    addresses: { brokers: [], redisByService },
  } as const;
  const platform = openAddressesPlatform(handle, topology(named));
  closers.push(() => platform.close?.());
  return { platform, clock: monotonicClock, rng: seededRng(7) };
}

function probe(name: string, named = nodes()) {
  const one = createProbe(name, topology(named), monotonicClock);
  closers.push(() => one.close());
  return async (connection: 'held' | 'fresh', withinMs = 5000) =>
    (await one.send(connection, ms(withinMs))).outcome;
}

async function planOf(name: string, raw: object, on: World) {
  const fault = faultNamed(name);
  const parsed = fault.parse({ service: 'cache', ...raw });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return { fault, plan: await fault.plan(parsed.spec, on) };
}

function target(master = 'shop'): string {
  const file = join(bench.folder, `${master}.yaml`);
  const system = `schema: gauntlet.system/1\nname: shop\nsummary: a shop\nservices:\n  cache: { redis: { port: 6379, ask: { ready: ${SLOWLY}, write: ${SLOWLY} } } }\n`;
  writeFileSync(join(bench.folder, 'system.yaml'), system);
  const list = JSON.stringify(sentinels.map((one) => one.address));
  const address = `{ sentinels: ${list}, master: ${master}, login: { password: env:${WATCHERS_VARIABLE} } }`;
  const lines = ['schema: gauntlet.target/1', 'name: shop', 'system: ./system.yaml', 'platform: none'];
  const cache = `services: { cache: { address: ${address}, login: { password: env:${VARIABLE} } } }`;
  writeFileSync(file, [...lines, cache, 'policy: { optIn: true }', ''].join('\n'));
  return file;
}

describe('a master behind Sentinels', () => {
  it('answers, and a name that they do not know is one clear error of doctor', async () => {
    for (const name of ['cache', 'cache:write'])
      expect([await probe(name)('held'), await probe(name)('fresh')]).toEqual(['ok', 'ok']);
    expect(await probe('cache', nodes('store'))('fresh')).toBe('the Sentinels know no master store');
    process.env[VARIABLE] = SECRET;
    process.env[WATCHERS_VARIABLE] = WATCHERS;
    const good = await bench.run('doctor', '--target', target(), '--quiet');
    const bad = await bench.run('doctor', '--target', target('store'), '--quiet');
    expect([good.code, good.stdout]).toEqual([
      0,
      expect.stringContaining(`master shop of 3 of 3 Sentinels: ${server(0).address}`),
    ]);
    expect([bad.code, bad.stdout]).toEqual([
      expect.any(Number),
      expect.stringMatching(
        /the Sentinel at 127\.0\.0\.1:\d+ knows no master store; it knows shop\. Write one of/,
      ),
    ]);
    expect(bad.code).not.toBe(0);
  });

  it('loses its connections, is paused, and takes no node', async () => {
    const on = world();
    const kill = await planOf('redis-kill-connections', {}, on);
    const ask = probe('cache');
    expect(await ask('held')).toBe('ok');
    await kill.fault.apply(kill.plan, on, ms(3000));
    expect([await ask('held'), await ask('held')]).toEqual(['reset', 'ok, renewed']);
    const { fault, plan } = await planOf('redis-pause', { for: '5s' }, on);
    expect(plan.victim).toMatch(new RegExp(`^cache ${server(0).address} \\(master, run_id [0-9a-f]{8}\\)$`));
    await fault.apply(plan, on, ms(20_000));
    expect(await ask('fresh', 400)).toBe('stalled');
    await fault.undo(plan.undo as never, on);
    expect((await fault.removed(plan.undo as never, on)).gone).toBe(true);
    expect(await ask('fresh')).toBe('ok');
    await expect(planOf('redis-pause', { node: 'all', for: '5s' }, on)).rejects.toThrow(
      'redis-pause.node: expected a Redis Cluster behind cache, got Sentinels, whose present master is the victim. Remove node.',
    );
  });

  it('that hangs is left for its successor, also by a held connection, and is itself restored by recover', async () => {
    const running = bench.start([
      ...['inject', 'redis-maxmemory', '--for', '60s'],
      '--target',
      target(),
      '--yes',
    ]);
    await until(async () => (await maxmemory(server(0))) === 'maxmemory,1', {
      ...LONG,
      explain: () => running.output(),
    });
    const held = probe('cache');
    expect(await held('held')).toBe('ok');
    for (const line of bench.leftovers('keeper')) signalProcess(Number(line.split(' ')[0]), 'SIGKILL');
    running.child.kill('SIGKILL');
    await running.finished;
    // Short only now: a busy machine would cause failovers of its own.
    for (const one of sentinels) await one.ask('SENTINEL', 'SET', 'shop', 'down-after-milliseconds', '1000');
    server(0).signal('SIGSTOP');
    try {
      await until(async () => /^ok/.test(await held('held', 1000)), { ...LONG, everyMs: 100 });
      expect(await server(1).info('replication')).toContain('role:master');
      expect(await probe('cache:write')('fresh')).toBe('ok');
    } finally {
      server(0).signal('SIGCONT');
    }
    const { code, stdout } = await bench.run('recover');
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining(`${server(0).address}: maxmemory is 0 as before`),
    ]);
    expect([await maxmemory(server(0)), await maxmemory(server(1))]).toEqual(['maxmemory,0', 'maxmemory,0']);
  });
});
