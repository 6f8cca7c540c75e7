/** A real Redis Cluster behind TLS and with users: who is asked, which node a fault alters, and its undo after a failover. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Fault, FaultPlan } from '../../src/chaos/fault.ts';
import { faultNamed } from '../../src/chaos/faults/registry.ts';
import type { World } from '../../src/chaos/world.ts';
import type { Access } from '../../src/core/access.ts';
import { seededRng } from '../../src/core/rng.ts';
import { keepSecret } from '../../src/core/secrets.ts';
import type { Topology } from '../../src/core/topology.ts';
import { ms } from '../../src/core/units.ts';
import { monotonicClock } from '../../src/system/monotonic-clock.ts';
import { openAddressesPlatform } from '../../src/targets/addresses-platform.ts';
import { createProbe } from '../../src/targets/probes/create-probe.ts';
import { type Authority, newAuthority } from '../support/certificates.ts';
import { signalProcess } from '../support/signal-process.ts';
import { Bench } from './support/gauntlet.ts';
import { startRedis, type TestRedis } from './support-services/redis.ts';
import { startCluster, type TestCluster, type TestServer } from './support-services/redis-cluster.ts';
import { until } from './support-services/spawned.ts';
import { requireTestTools } from './support-services/test-tools.ts';

const SECRET = 'cluster-5Kp,secret';
const VARIABLE = 'GAUNTLET_TEST_CLUSTER_PASSWORD';
const LONG_MS = 30_000;

/** A fresh connection to each of several servers takes long where a machine is busy. */
const SLOWLY = '{ every: 500ms, timeout: 10s }';

const bench = new Bench();
let own: Authority;
let cluster: TestCluster;
let stranger: TestRedis;
const closers: (() => unknown)[] = [];

const login = (user: string) => ({ user, password: { from: 'env', name: VARIABLE } }) as const;
const tls = () => ({ ca: { from: 'file', name: own.caFile } }) as const;
const access = (): Access => ({ tls: tls(), login: login('chaos') });

beforeAll(async () => {
  keepSecret(VARIABLE, SECRET);
  own = newAuthority();
  const pair = own.issue('server');
  const acl = join(bench.folder, 'users.acl');
  const rights = '+echo +setrange +get +info +cluster|slots +cluster|nodes +config|get +config|set';
  writeFileSync(
    acl,
    [
      'user default off',
      `user admin on >${SECRET} ~* &* +@all`,
      `user chaos on >${SECRET} ~gauntlet:* ${rights} +client|pause +client|kill`,
      '',
    ].join('\n'),
  );
  const tools = await requireTestTools(['redis']);
  cluster = await startCluster(tools, bench.folder, {
    replicas: 3,
    isTls: true,
    access: { tls: tls(), login: login('admin') },
    settings: [
      `tls-cert-file ${pair.certFile}`,
      `tls-key-file ${pair.keyFile}`,
      `tls-ca-cert-file ${own.caFile}`,
      'tls-auth-clients no',
      ...[`aclfile ${acl}`, 'masteruser admin', `masterauth ${SECRET}`],
    ],
  });
  stranger = await startRedis(tools);
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
afterAll(async () => {
  await Promise.all([cluster?.stop(), stranger?.stop()]);
  own?.remove();
  expect(await bench.quiet(5000)).toEqual([]);
});

const node = (index: number): TestServer => cluster.nodes[index] as TestServer;
const maxmemory = async (one: TestServer) => JSON.stringify(await one.ask('CONFIG', 'GET', 'maxmemory'));
const SET = '["maxmemory","1"]';
const AS_BEFORE = '["maxmemory","0"]';
/** Of each node, the replicas last. */
const everywhere = async () => await Promise.all(cluster.nodes.map(maxmemory));

function topology(seeds = [node(0), node(1)].map((one) => one.address), entered = access()): Topology {
  const nodes = { kind: 'cluster', seeds } as const;
  const at = [{ address: seeds[0] ?? '', nodes, access: entered }];
  const cache = { protocol: 'redis', at, asks: {}, proto: null } as const;
  return { platform: 'none', identity: 'none:cache', services: [{ name: 'cache', endpoints: [cache] }] };
}

function world(seeds?: readonly string[]): World {
  const where = topology(seeds === undefined ? undefined : [...seeds]);
  const [at] = where.services[0]?.endpoints[0]?.at ?? [];
  const redisByService = {
    cache: { host: '127.0.0.1', port: 1, nodes: at?.nodes as never, access: access() },
  };
  const handle = {
    platform: 'none',
    identity: 'none:cache',
    addresses: { brokers: [], redisByService },
  } as const;
  const platform = openAddressesPlatform(handle, where);
  closers.push(() => platform.close?.());
  return { platform, clock: monotonicClock, rng: seededRng(7) };
}

function probe(name: string) {
  const one = createProbe(name, topology(), monotonicClock);
  closers.push(() => one.close());
  return async (connection: 'held' | 'fresh', withinMs = 5000) =>
    (await one.send(connection, ms(withinMs))).outcome;
}

async function planOf(name: string, raw: object, on: World): Promise<{ fault: Fault; plan: FaultPlan }> {
  const fault = faultNamed(name);
  const parsed = fault.parse({ service: 'cache', ...raw });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return { fault, plan: await fault.plan(parsed.spec, on) };
}

const target = (cluster: readonly string[], more = '') => {
  const file = join(bench.folder, 'shop.yaml');
  writeFileSync(
    join(bench.folder, 'system.yaml'),
    `schema: gauntlet.system/1\nname: shop\nsummary: a shop\nservices:\n  cache: { redis: { port: 6379, ask: { ready: ${SLOWLY}, write: ${SLOWLY} } } }\n`,
  );
  const entered = `tls: { ca: "${own.caFile}" }, login: { user: chaos, password: env:${VARIABLE} }`;
  const cache = `{ address: { cluster: ${JSON.stringify(cluster)} }, ${entered} }`;
  const lines = ['schema: gauntlet.target/1', 'name: shop', 'system: ./system.yaml', 'platform: none'];
  writeFileSync(
    file,
    [...lines, `services: { cache: ${cache} }`, `policy: { optIn: true }${more}`, ''].join('\n'),
  );
  return file;
};

describe('a Redis Cluster', () => {
  it('answers when each master serves its slots, with the rights that are documented', async () => {
    for (const name of ['cache', 'cache:write']) {
      const ask = probe(name);
      expect([await ask('held'), await ask('fresh'), await ask('held')]).toEqual(['ok', 'ok', 'ok']);
    }
  });

  it('is said by doctor node by node, and a list with another server is one clear error', async () => {
    process.env[VARIABLE] = SECRET;
    const good = await bench.run('doctor', '--target', target([node(4).address]), '--quiet');
    const masters = [0, 1, 2].map((index) => node(index).address);
    expect([good.code, good.stdout]).toEqual([
      0,
      expect.stringContaining(
        `a Cluster: ${masters[0]} (slots 0-5460), ${masters[1]} (slots 5461-10921), ${masters[2]} (slots 10922-16383)`,
      ),
    ]);
    const at = `127.0.0.1:${stranger.port}`;
    const wrong = topology([at], {});
    const [ask] = wrong.services;
    expect(ask?.name).toBe('cache');
    const on = openAddressesPlatform({
      ...{ platform: 'none', identity: 'none:cache' },
      addresses: {
        brokers: [],
        redisByService: { cache: { host: '127.0.0.1', port: 1, nodes: { kind: 'cluster', seeds: [at] } } },
      },
    });
    closers.push(() => on.close?.());
    await expect(on.redisGroups?.['cache']?.masters()).rejects.toThrow(
      `cache: expected a Redis Cluster that serves every slot, got ${at} is no node of a Redis Cluster: ERR This instance has cluster support disabled. Write a single server as address: "redis://${at}", or name nodes that run with cluster-enabled yes.`,
    );
  });

  it('is paused at one master or all, and each gives good answers after the undo', async () => {
    const on = world();
    for (const raw of [
      { node: node(1).address, for: '5s' },
      { node: 'all', mode: 'write', for: '5s' },
    ]) {
      const { fault, plan } = await planOf('redis-pause', raw, on);
      const meant = raw.node === 'all' ? [0, 1, 2] : [1];
      expect(plan.victims).toEqual(
        meant.map((index) => expect.stringContaining(`cache ${node(index).address} (slots `)),
      );
      const ask = probe(raw.node === 'all' ? 'cache:write' : 'cache');
      expect(await ask('held')).toBe('ok');
      await fault.apply(plan, on, ms(20_000));
      expect([await ask('held', 400), await ask('fresh', 400)]).toEqual(['stalled', 'stalled']);
      expect(await fault.renew(plan, on, ms(20_000))).toBe(true);
      await fault.undo(plan.undo as never, on);
      await fault.undo(plan.undo as never, on);
      const state = await fault.removed(plan.undo as never, on);
      expect(state).toEqual({
        gone: true,
        evidence: expect.stringContaining(`${node(1).address}: redis-pause-`),
      });
      expect(await ask('fresh')).toBe('ok');
    }
  });

  it('loses the connections to one master, and keeps those to the others', async () => {
    const on = world();
    const { fault, plan } = await planOf('redis-kill-connections', { node: node(2).address }, on);
    const ask = probe('cache');
    expect(await ask('held')).toBe('ok');
    await fault.apply(plan, on, ms(3000));
    expect([await ask('held'), await ask('held'), await ask('fresh')]).toEqual([
      'reset',
      'ok, renewed',
      'ok',
    ]);
    expect((await fault.removed(plan.undo as never, on)).gone).toBe(true);
  });

  it('refuses a node that is no master, with those that are', async () => {
    await expect(planOf('redis-maxmemory', { node: node(3).address, for: '5s' }, world())).rejects.toThrow(
      `redis-maxmemory.node: expected one of one, all, ${[0, 1, 2].map((index) => node(index).address).join(', ')}, got "${node(3).address}"`,
    );
  });

  it('is not good while one slot is not served, of which only its master knows', async () => {
    const ask = probe('cache');
    expect(await ask('held')).toBe('ok');
    await node(1).ask('CLUSTER', 'DELSLOTS', '6000');
    const words = '1 of 16384 slots are served by no master';
    expect([await ask('held'), await ask('fresh')]).toEqual([words, words]);
    await node(1).ask('CLUSTER', 'ADDSLOTS', '6000');
    await until(async () => (await ask('held')) === 'ok', { timeoutMs: LONG_MS });
  });

  it('is out of memory at the master that the seed draws, which is restored after its process was killed and came back', async () => {
    const on = world();
    const { fault, plan } = await planOf('redis-maxmemory', { for: '5s' }, on);
    const again = await planOf('redis-maxmemory', { for: '5s' }, world());
    expect(again.plan.victim).toBe(plan.victim);
    const index = [0, 1, 2].find((one) => plan.victim.includes(node(one).address)) ?? 0;
    const [ask, reads] = [probe('cache:write'), probe('cache')];
    await fault.apply(plan, on, ms(3000));
    expect(await ask('fresh')).toMatch(/^OOM /);
    expect(await reads('fresh')).toBe('ok');
    expect((await everywhere()).filter((one) => one === SET)).toHaveLength(1);

    // Short only now: a busy machine would cause failovers of its own.
    for (const one of cluster.nodes) await one.ask('CONFIG', 'SET', 'cluster-node-timeout', '1000');
    expect(await reads('held')).toBe('ok');
    // It hangs: a held connection leaves it, too, once its replica has its slots.
    node(index).signal('SIGSTOP');
    await until(async () => (await reads('held', 1000)).startsWith('ok'), { timeoutMs: LONG_MS });
    node(index).signal('SIGKILL');
    await until(async () => (await reads('fresh', 1000)) === 'ok', { timeoutMs: LONG_MS });
    // Nothing proves that the process has ended: the address is silent.
    const words = `cache at ${node(index).address}: expected the server with run_id `;
    await expect(fault.undo(plan.undo as never, on)).rejects.toThrow(words);
    expect(await fault.removed(plan.undo as never, on)).toEqual({
      gone: false,
      evidence: expect.stringContaining(words),
    });
    for (const one of cluster.nodes)
      await one.ask('CONFIG', 'SET', 'cluster-node-timeout', '15000').catch(() => undefined);
    await node(index).restart();
    await fault.undo(plan.undo as never, on);
    expect(await fault.removed(plan.undo as never, on)).toEqual({
      gone: true,
      evidence: `${node(index).address}: maxmemory is 0 as before; Redis was restarted meanwhile`,
    });
    // It has heard of its successor, and is its replica: what follows begins with three pairs.
    await until(async () => /^role:slave/m.test(await node(index).info('replication')), {
      timeoutMs: LONG_MS,
    });
  });

  it('is restored by recover at the node that was altered, which is a replica by then', async () => {
    process.env[VARIABLE] = SECRET;
    const masters = await Promise.all(
      cluster.nodes.map(async (one) => /^role:master/m.test(await one.info('replication'))),
    );
    // One of the three pairs, whichever of the two is the master by now.
    const pairs = [0, 1, 2].map((one) => (masters[one] === true ? [one, one + 3] : [one + 3, one]));
    const [altered = 0, other = 0] = pairs[1] ?? [];
    const file = target([node(0).address, node(2).address]);
    const chosen = `node=${node(altered).address}`;
    const words = ['inject', 'redis-maxmemory', chosen, '--for', '60s', '--target', file, '--yes'];
    const dry = await bench.run(...words.slice(0, -1), '--dry-run');
    expect(dry.stdout).toContain(`writes of cache ${node(altered).address} (slots 5461-10921, run_id `);
    const running = bench.start(words);
    await until(async () => (await maxmemory(node(altered))) === SET, {
      timeoutMs: LONG_MS,
      explain: () => running.output(),
    });
    for (const line of bench.leftovers('keeper')) signalProcess(Number(line.split(' ')[0]), 'SIGKILL');
    running.child.kill('SIGKILL');
    await running.finished;
    const isInStep = async () => /master_link_status:up/.test(await node(other).info('replication'));
    await until(isInStep, { timeoutMs: LONG_MS });
    await node(other).ask('CLUSTER', 'FAILOVER', 'TAKEOVER');
    await until(async () => /^role:master/m.test(await node(other).info('replication')), {
      timeoutMs: LONG_MS,
    });
    await until(async () => /^role:slave/m.test(await node(altered).info('replication')), {
      timeoutMs: LONG_MS,
    });
    expect([await maxmemory(node(altered)), await maxmemory(node(other))]).toEqual([SET, AS_BEFORE]);
    const { code, stdout } = await bench.run('recover');
    expect([code, stdout]).toEqual([0, expect.stringContaining(node(altered).address)]);
    expect(await everywhere()).toEqual(Array(6).fill(AS_BEFORE));
    expect(await probe('cache')('fresh')).toBe('ok');
  });
});
