/** Logins at a real Redis with users: probes, refusals, and an undo from another process. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Login } from '../../src/core/login.ts';
import { keepSecret } from '../../src/core/secrets.ts';
import type { RedisEndpoint, Topology } from '../../src/core/topology.ts';
import { ms } from '../../src/core/units.ts';
import { RedisLine } from '../../src/protocols/redis/line.ts';
import { RemoteRedisController } from '../../src/protocols/redis/remote-controller.ts';
import { monotonicClock } from '../../src/system/monotonic-clock.ts';
import { createProbe } from '../../src/targets/probes/create-probe.ts';
import { signalProcess } from '../support/signal-process.ts';
import { Bench } from './support/gauntlet.ts';
import { startRedis, type TestRedis } from './support-services/redis.ts';
import { until } from './support-services/spawned.ts';
import { requireTestTools } from './support-services/test-tools.ts';

const SECRET = 'cache-7Wq,=é☕secret';
const VARIABLE = 'GAUNTLET_TEST_CACHE_PASSWORD';
const env = (name: string) => ({ from: 'env', name }) as const;
const FULL: Login = { user: 'chaos', password: env(VARIABLE) };
const LIMITED: Login = { user: 'reader', password: env(VARIABLE) };

const bench = new Bench();
const file = join(bench.folder, 'shop.yaml');
let redis: TestRedis;
const closers: (() => void)[] = [];

beforeAll(async () => {
  keepSecret(VARIABLE, SECRET);
  keepSecret('WRONG', 'no such secret');
  const acl = join(bench.folder, 'users.acl');
  const users = ['default off', `chaos on >${SECRET} ~* &* +@all`];
  const reader = `reader on >${SECRET} ~* &* +@all -config -client|pause -client|kill`;
  writeFileSync(acl, [...users, reader].map((one) => `user ${one}\n`).join(''));
  redis = await startRedis(await requireTestTools(['redis']), undefined, ['--aclfile', acl]);
  writeFileSync(
    join(bench.folder, 'system.yaml'),
    'schema: gauntlet.system/1\nname: shop\nsummary: a shop\nservices:\n  cache: { redis: 6379 }\n',
  );
  writeFileSync(
    file,
    `schema: gauntlet.target/1
name: shop
system: ./system.yaml
platform: none
services:
  cache: { address: "redis://127.0.0.1:${redis.port}", login: { user: chaos, password: env:${VARIABLE} } }
policy: { optIn: true }
`,
  );
});
afterEach(() => {
  delete process.env[VARIABLE];
  for (const close of closers.splice(0)) close();
});
afterAll(async () => {
  await redis?.stop();
  expect(await bench.quiet(5000)).toEqual([]);
});

const endpoint = (login?: Login): RedisEndpoint => ({
  host: '127.0.0.1',
  port: redis.port,
  ...(login && { access: { login } }),
});

async function answer(name: string, login?: Login): Promise<string> {
  const access = login && { access: { login } };
  const at = [{ address: `redis://127.0.0.1:${redis.port}`, ...access }];
  const cache = { protocol: 'redis', at, asks: {}, proto: null } as const;
  const topology: Topology = {
    ...{ platform: 'none', identity: 'none:cache' },
    services: [{ name: 'cache', endpoints: [cache] }],
  };
  const probe = createProbe(name, topology, monotonicClock);
  closers.push(() => probe.close());
  const said = [await probe.send('held', ms(5000)), await probe.send('fresh', ms(5000))];
  return [...new Set(said.map((one) => one.outcome))].join(', ');
}

function controller(login?: Login): RemoteRedisController {
  const one = RemoteRedisController.at(endpoint(login));
  closers.push(() => one.stop());
  return one;
}

describe('a login at Redis', () => {
  it('asks, writes and acts', async () => {
    expect([await answer('cache', FULL), await answer('cache:write', FULL)]).toEqual(['ok', 'ok']);
    const acts = controller(FULL);
    expect(await acts.identity()).toMatch(/^[0-9a-f]{40}$/);
    await acts.pause({ id: 'pause', mode: 'all', ttlMs: ms(5000) });
    await acts.endPause('pause');
    expect(await acts.killNormalConnections()).toBeGreaterThanOrEqual(0);
  });

  it('with a wrong password, or none, is said as that', async () => {
    const wrong: Login = { user: 'chaos', password: env('WRONG') };
    expect(await answer('cache', wrong)).toBe('Redis refused the login of user chaos');
    await expect(controller(wrong).identity()).rejects.toMatchObject({
      got: 'Redis refused the login of user chaos: WRONGPASS invalid username-password pair or user is disabled.',
      next: 'Check the login of this service in the target file.',
    });
    expect(await answer('cache')).toBe('NOAUTH Authentication required.');
    await expect(controller().identity()).rejects.toThrow(
      'redis: expected a login that may INFO, got NOAUTH Authentication required.. Redis requires a login: write login: { user: …, password: env:… } of this service in the target file.',
    );
  });

  it('without a right for a command is told with the fix, and asks on', async () => {
    expect(await answer('cache', LIMITED)).toBe('ok');
    const acts = controller(LIMITED);
    const next = 'Give the user of the login this right (ACL SETUSER), or log in as another user.';
    await expect(acts.config('maxmemory')).rejects.toMatchObject({
      kind: 'refused',
      problems: [{ expected: 'a login that may CONFIG GET', got: expect.stringMatching(/^NOPERM /), next }],
    });
    await expect(acts.pause({ id: 'p', mode: 'write', ttlMs: ms(1000) })).rejects.toMatchObject({
      problems: [{ expected: 'a login that may CLIENT PAUSE', got: expect.stringMatching(/^NOPERM /), next }],
    });
  });
});

const maxmemory = async (): Promise<unknown> => {
  const line = await RedisLine.open(endpoint(FULL), 1000);
  try {
    return await line.call(['CONFIG', 'GET', 'maxmemory'], 1000);
  } finally {
    line.close();
  }
};
const is = (value: string) => async () => JSON.stringify(await maxmemory()) === `["maxmemory","${value}"]`;

/** Everything that the programs have written. */
const written = (folder: string): string =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile() && !/users\.acl$/.test(one.name))
    .map((one) => readFileSync(join(one.parentPath, one.name), 'utf8'))
    .join('\n');

describe('a fault at a Redis with a login', () => {
  it('is undone by the keeper, and by recover once the secret is there again; the secret is nowhere', async () => {
    process.env[VARIABLE] = SECRET;
    const begun = ['inject', 'redis-maxmemory', '--for', '60s', '--target', file, '--yes'];
    const first = bench.start(begun);
    await until(is('1'), { timeoutMs: 30_000, explain: () => 'not injected' });
    first.child.kill('SIGKILL');
    await until(is('0'), { timeoutMs: 30_000, explain: () => 'not undone by the keeper' });
    await first.finished;

    const second = bench.start(begun);
    await until(is('1'), { timeoutMs: 30_000, explain: () => 'not injected' });
    const lines = bench.leftovers();
    expect(lines.join('\n')).not.toContain(SECRET);
    for (const line of bench.leftovers('keeper')) signalProcess(Number(line.split(' ')[0]), 'SIGKILL');
    second.child.kill('SIGKILL');
    const said = await second.finished;
    delete process.env[VARIABLE];
    const without = await bench.run('recover');
    expect([without.code, await maxmemory()]).toEqual([5, ['maxmemory', '1']]);
    expect(without.stdout).toContain(
      `undo failed: login.password: expected a value in the environment variable ${VARIABLE}, got nothing. Set ${VARIABLE} in the environment of this command.`,
    );
    process.env[VARIABLE] = SECRET;
    const recovered = await bench.run('recover');
    expect([recovered.code, await maxmemory()]).toEqual([0, ['maxmemory', '0']]);

    expect(existsSync(bench.state)).toBe(true);
    const everything = [written(bench.folder), JSON.stringify([said, without, recovered])].join('\n');
    expect(everything).toContain(VARIABLE);
    for (const form of [SECRET, encodeURIComponent(SECRET), Buffer.from(SECRET).toString('base64')])
      expect(everything).not.toContain(form);
  });

  it('is not begun with a wrong password, and doctor says why', async () => {
    process.env[VARIABLE] = 'no such secret';
    const { code, stdout, stderr } = await bench.run('doctor', '--target', file, '--quiet');
    expect([code, `${stdout}${stderr}`]).toEqual([
      expect.any(Number),
      expect.stringContaining('Redis refused the login of user chaos'),
    ]);
    expect(code).not.toBe(0);
  });
});
