/** A target that is only addresses: plain processes of the user, with Gauntlet's proxy in front of them. */
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { placesFrom } from '../../src/system/places.ts';
import { requireParts } from '../../src/system/toolchain/parts.ts';
import { signalProcess } from '../support/signal-process.ts';
import { Bench } from './support/gauntlet.ts';
import { freePorts } from './support-services/free-port.ts';
import { startRedis, type TestRedis } from './support-services/redis.ts';

const bench = new Bench();
const file = join(bench.folder, 'shop.yaml');
let redis: TestRedis;
let web: Server;
let ports: { readonly web: number; readonly throughWeb: number; readonly throughRedis: number };

beforeAll(async () => {
  const places = placesFrom(process.env);
  const tools = await requireParts(['redis'], { places, env: process.env, progress: () => undefined });
  redis = await startRedis(tools);
  const [throughWeb = 0, throughRedis = 0] = await freePorts(2);
  web = createServer((_, answer) => {
    // As a service does that dials its store anew for each request.
    const line = connect(throughRedis, '127.0.0.1', () => line.write('PING\r\n'));
    line.once('data', () => answer.end('pong') && line.destroy());
    line.once('error', () => void answer.writeHead(500).end());
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  ports = { web: (web.address() as AddressInfo).port, throughWeb, throughRedis };
  writeTarget(throughRedis);
});

function writeTarget(throughRedis: number): void {
  const system = join(bench.folder, 'system.yaml');
  writeFileSync(
    system,
    `schema: gauntlet.system/1
name: shop
summary: a shop
services:
  web: { http: { port: 8080, ask: { ready: { get: /, good: 200 } } } }
  cache: { redis: 6379 }
links: [web -> cache]
`,
  );
  writeFileSync(
    file,
    `schema: gauntlet.target/1
name: shop
system: ./system.yaml
platform: none
services:
  web: { address: "http://127.0.0.1:${ports.web}" }
  cache: { address: "redis://127.0.0.1:${redis.port}" }
links:
  - { from: client, to: web, listen: "127.0.0.1:${ports.throughWeb}", dial: "127.0.0.1:${ports.web}" }
  - { from: web, to: cache, listen: "127.0.0.1:${throughRedis}", dial: "127.0.0.1:${redis.port}" }
policy: { optIn: true }
`,
  );
}

afterEach(async () => {
  writeTarget(ports.throughRedis);
  await bench.run('proxy', 'down', file);
});
afterAll(async () => {
  web.close();
  await redis.stop();
  expect(await bench.quiet(5000)).toEqual([]);
});

const ask = async (): Promise<string> => {
  const answer = await fetch(`http://127.0.0.1:${ports.throughWeb}/`, { signal: AbortSignal.timeout(1000) });
  return answer.text();
};
const works = (stdout: string): readonly string[] =>
  stdout.split('\n').flatMap((line) => /^ {2}([a-z-]+) +works /.exec(line)?.[1] ?? []);

/** All that a server says to a client that speaks first, until it closes. */
const firstWords = (port: number, words: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let said = '';
    const line = connect(port, '127.0.0.1', () => line.write(words));
    line.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    line.on('error', reject).on('end', () => resolve(said));
  });

describe('gauntlet proxy', () => {
  it('carries the links until it is stopped, and is found again', async () => {
    const up = await bench.run('proxy', 'up', file);
    expect(up).toMatchObject({ code: 0, stderr: '' });
    expect(up.stdout).toContain(`web->cache  │ 127.0.0.1:${ports.throughRedis}`);
    expect(await ask()).toBe('pong');
    expect((await bench.run('proxy', 'up', file)).stdout).toContain('It was up already.');
    const { stdout } = await bench.run('proxy', 'status', file, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      now: [{ name: 'client->web' }, { name: 'web->cache' }],
      notes: [],
    });
    expect((await bench.run('proxy', 'down', file)).stdout).toBe('The proxy is down.\n');
    expect((await bench.run('proxy', 'down', file)).stdout).toBe('No proxy of this target was up.\n');
    await expect(ask()).rejects.toThrow();
  });

  it('refuses a port that is taken, with the way out, and leaves nothing', async () => {
    writeTarget(ports.web);
    const up = await bench.run('proxy', 'up', file);
    expect(up.code).toBe(69);
    expect(up.stderr).toContain(
      `link web->cache: expected to listen on 127.0.0.1:${ports.web}, got EADDRINUSE`,
    );
    expect(up.stderr).toContain('Choose another listen address, or stop what listens there.');
    expect(await bench.quiet(5000)).toEqual([]);
  });

  it('refuses other links than it carries, for itself and for a run', async () => {
    await bench.run('proxy', 'up', file);
    const [other = 0] = await freePorts(1);
    writeTarget(other);
    expect(await bench.run('proxy', 'up', file)).toMatchObject({ code: 77 });
    const doctor = await bench.run('doctor', '--quiet', '--target', file);
    expect(doctor.stdout).toContain(
      'expected a proxy with the links of the target file, got one with other links.',
    );
  });

  it('gives a target of addresses the faults on links, requests and Redis', async () => {
    const without = await bench.run('doctor', '--quiet', '--target', file);
    expect(without.stdout).toContain(`Start it with: gauntlet proxy up ${file}`);
    await bench.run('proxy', 'up', file);
    const { stdout } = await bench.run('doctor', '--quiet', '--target', file);
    expect(works(stdout)).toEqual(
      expect.arrayContaining([
        ...['cut-link', 'slow-link', 'half-open-link', 'reset-link', 'http-fault'],
        ...['redis-pause', 'redis-maxclients', 'redis-maxmemory', 'redis-kill-connections', 'noop'],
      ]),
    );
  });

  it('cuts a link, and a killed harness leaves nothing behind', async () => {
    await bench.run('proxy', 'up', file);
    const harness = bench.start([
      'inject',
      'cut-link',
      'from=web',
      'to=cache',
      '--for',
      '60s',
      '--target',
      file,
      '--yes',
    ]);
    // A cut is proven by bytes that do not arrive, so somebody has to send some.
    const users = setInterval(() => void ask().catch(() => undefined), 100);
    await harness.said('injected, proven').finally(() => clearInterval(users));
    await expect(ask()).rejects.toThrow();
    const down = await bench.run('proxy', 'down', file);
    expect(down).toMatchObject({ code: 77 });
    expect(down.stderr).toContain('expected no fault in place, got one on web->cache.');
    signalProcess(harness.child.pid ?? 0, 'SIGKILL');
    await expect.poll(() => ask().catch(() => 'cut'), { timeout: 15_000 }).toBe('pong');
    expect(await bench.quiet(10_000, 'keeper')).toEqual([]);
  });

  it('rejects new connections to Redis and spares open ones, and a killed harness leaves nothing behind', async () => {
    await bench.run('proxy', 'up', file);
    const open = connect(ports.throughRedis, '127.0.0.1');
    let [answers, ended] = ['', false];
    open.on('data', (chunk: Buffer) => {
      answers += chunk.toString();
    });
    open
      .on('error', () => undefined)
      .on('close', () => {
        ended = true;
      });
    // One client keeps its connection, the users of web come with new ones.
    const clients = setInterval(() => {
      open.write('PING\r\n');
      void ask().catch(() => undefined);
    }, 100);
    const args = ['inject', 'redis-maxclients', '--for', '60s', '--target', file, '--yes'];
    const harness = bench.start(args);
    await harness.said('injected, proven').finally(() => clearInterval(clients));
    expect(harness.output()).toMatch(
      /by its links: web->cache: \d+ new connections? rejected, what was open \(\d+ connections?\) carried \d+ bytes of answers since/,
    );
    expect(await firstWords(ports.throughRedis, 'AUTH user word\r\nHELLO 3\r\n')).toBe(
      '-ERR max number of clients reached\r\n',
    );
    const soFar = answers.length;
    open.write('PING\r\n');
    await expect.poll(() => answers.slice(soFar)).toContain('+PONG');
    expect(await firstWords(redis.port, 'CONFIG GET maxclients\r\nQUIT\r\n')).toMatch(/\$5\r\n10000\r\n/);
    signalProcess(harness.child.pid ?? 0, 'SIGKILL');
    await expect.poll(() => ask().catch(() => 'rejected'), { timeout: 15_000 }).toBe('pong');
    expect(ended).toBe(false);
    open.destroy();
    expect(await bench.quiet(10_000, 'keeper')).toEqual([]);
  });

  it('outlives the process that started it when that is killed before it has answered', async () => {
    const up = bench.start(['proxy', 'up', file]);
    await expect.poll(() => bench.leftovers('link-proxy').length, { timeout: 10_000, interval: 1 }).toBe(1);
    signalProcess(up.child.pid ?? 0, 'SIGKILL');
    await up.finished;
    await expect
      .poll(async () => (await bench.run('proxy', 'status', file)).code, { timeout: 10_000 })
      .toBe(0);
    expect((await bench.run('proxy', 'down', file)).stdout).toBe('The proxy is down.\n');
  });
});
