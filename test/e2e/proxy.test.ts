/** The proxy as the program it is, with a real Redis behind it and the probes that will judge it in front. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LinkEffect, LinkState } from '../../src/core/acts/link-acts.ts';
import type { Tools } from '../../src/core/tools.ts';
import { epochMs } from '../../src/core/units.ts';
import { callControl } from '../../src/system/control-socket.ts';
import { monotonicClock } from '../../src/system/monotonic-clock.ts';
import { placesFrom } from '../../src/system/places.ts';
import { programPath } from '../../src/system/project.ts';
import { requireParts } from '../../src/system/toolchain/parts.ts';
import { ProbeWatch } from '../../src/targets/probes/probe-watch.ts';
import { topologyOf } from '../fakes/topology.ts';
import { dependsOnMachine } from './support/machine.ts';
import { freePorts } from './support-services/free-port.ts';

const sleep = (forMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, forMs));

const anyPort = async (): Promise<number> => (await freePorts(1))[0] ?? 0;

const exitOf = (child: ChildProcess): Promise<number | string | null> =>
  new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)));

let folder: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gauntlet-proxy-e2e-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = exitOf(child);
    child.kill('SIGKILL');
    await gone;
  }
  rmSync(folder, { recursive: true, force: true });
});

interface Program {
  readonly child: ChildProcess;
  readonly control: string;
  readonly output: { stdout: string; stderr: string };
}

function startProgram(links: Readonly<Record<string, { listen: number; to: number }>>): Program {
  const control = join(folder, 'control');
  const config = join(folder, 'config.json');
  const host = '127.0.0.1';
  const configured = Object.entries(links).map(([name, { listen, to }]) => ({
    name,
    from: name.split('->')[0],
    to: name.split('->')[1],
    listen: { host, port: listen },
    upstreams: [{ instance: 'server-1', host, port: to, ready: true }],
  }));
  writeFileSync(config, JSON.stringify({ controlSocket: control, links: configured }));
  const child = spawn(process.execPath, [programPath('packages/link-proxy/src/main'), config], {
    stdio: 'pipe',
  });
  children.push(child);
  const output = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => {
    output.stdout += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    output.stderr += chunk.toString();
  });
  return { child, control, output };
}

async function listening(program: Program): Promise<void> {
  while (!program.output.stdout.includes('\n')) await sleep(5);
  expect(program.output.stdout).toBe('{"listening":true}\n');
}

describe('the proxy program', () => {
  it('ends when its supervisor is gone, or is asked to', async () => {
    for (const end of [
      (child: ChildProcess): unknown => child.stdin?.end(),
      (child: ChildProcess) => child.kill(),
    ]) {
      const program = startProgram({ 'a->b': { listen: await anyPort(), to: 1 } });
      await listening(program);
      const exited = exitOf(program.child);
      end(program.child);
      expect(await exited).toBe(0);
      expect(program.output.stderr).toBe('');
    }
  });

  it('says which address is taken, and exits with 1', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => blocker.once('listening', resolve));
    const address = blocker.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const program = startProgram({ 'a->b': { listen: port, to: 1 } });
    expect(await exitOf(program.child)).toBe(1);
    expect(program.output).toEqual({
      stdout: '',
      stderr: `link a->b: expected to listen on 127.0.0.1:${port}, got EADDRINUSE.\n`,
    });
    blocker.close();
  });

  it('removes an impairment by itself when the process that applied it was killed', async () => {
    const program = startProgram({ 'a->b': { listen: await anyPort(), to: 1 } });
    await listening(program);
    const body = { id: 'f1', links: ['a->b'], effect: { kind: 'cut' }, ttlMs: 700 };
    const code = `
      import { callControl } from ${JSON.stringify(programPath('src/system/control-socket'))};
      await callControl(${JSON.stringify(program.control)}, 'PUT', '/impairments', { body: ${JSON.stringify(body)} });
      console.log('put');
      setInterval(() => callControl(${JSON.stringify(program.control)}, 'POST', '/impairments/renew', { body: { id: 'f1', ttlMs: 700 } }), 100);
    `;
    const holder = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: 'pipe' });
    children.push(holder);
    await new Promise((resolve) => holder.stdout?.once('data', resolve));
    const impaired = async (): Promise<boolean> =>
      (await callControl<LinkState[]>(program.control, 'GET', '/links')).some(
        (link) => link.impairedBy.length > 0,
      );
    await sleep(1500);
    expect(await impaired()).toBe(true);
    const from = performance.now();
    holder.kill('SIGKILL');
    while (await impaired()) await sleep(10);
    expect(performance.now() - from).toBeLessThan(700 + 1000);
  });

  it(
    'holds sixteen connections to the bandwidth of one, within 5 % (depends on the machine)',
    dependsOnMachine,
    async () => {
      const echo = createServer((socket) => {
        socket.on('error', () => {});
        socket.on('data', (chunk) => socket.write(chunk));
      }).listen(0, '127.0.0.1');
      await new Promise((resolve) => echo.once('listening', resolve));
      const address = echo.address();
      const to = typeof address === 'object' && address ? address.port : 0;
      const [listen = 0] = await freePorts(1);
      const program = startProgram({ 'a->b': { listen, to } });
      await listening(program);
      for (const connections of [1, 4, 16]) {
        const body = {
          id: 'f1',
          links: ['a->b'],
          effect: { kind: 'throttle', bitsPerSecond: 1e6 },
          ttlMs: 60_000,
        };
        await callControl(program.control, 'PUT', '/impairments', { body });
        let [bytes, first, last] = [0, 0, 0];
        const sockets = Array.from({ length: connections }, () => {
          const socket = connect(listen, '127.0.0.1');
          socket.write(Buffer.alloc(1 << 20));
          socket.on('data', (chunk) => {
            last = performance.now();
            if (first === 0) first = last;
            else bytes += chunk.length;
          });
          return socket;
        });
        await sleep(2500);
        for (const socket of sockets) socket.resetAndDestroy();
        // What a closed client had sent before is still on its way, and would share the line with the next round.
        await callControl(program.control, 'DELETE', '/impairments?id=f1');
        const connected = async (): Promise<number> =>
          (await callControl<LinkState[]>(program.control, 'GET', '/links'))[0]?.connections ?? 0;
        while ((await connected()) > 0) await sleep(10);
        const ratio = (bytes * 8000) / (last - first) / 1e6;
        expect(ratio).toBeGreaterThan(0.95);
        expect(ratio).toBeLessThan(1.05);
      }
      echo.close();
    },
  );
});

describe('a real Redis behind the proxy', () => {
  let tools: Tools;
  beforeAll(async () => {
    const places = placesFrom(process.env);
    tools = await requireParts(['redis'], { places, env: process.env, progress: () => {} });
  });

  it('is seen cut, slow and back by the probes on a held and on a fresh connection', async () => {
    const [redisPort = 0, listen = 0] = await freePorts(2);
    const env = { ...process.env };
    if (tools.redis?.libraryPath) env['LD_LIBRARY_PATH'] = tools.redis.libraryPath;
    const options = ['--port', `${redisPort}`, '--bind', '127.0.0.1', '--save', '', '--dir', folder];
    children.push(spawn(tools.redis?.server ?? 'redis-server', options, { stdio: 'ignore', env }));
    const program = startProgram({ 'probe->redis': { listen, to: redisPort } });
    await listening(program);
    const topology = topologyOf({ redis: { url: `redis://127.0.0.1:${listen}` } });
    const watch = new ProbeWatch({ topology, clock: monotonicClock });
    await watch.watch(['redis']);
    const since = (at: number) =>
      (['held', 'fresh'] as const).map((connection) => watch.since('redis', connection, epochMs(at)));
    const bothFrom = async (
      at: number,
      good: (outcome: string, tookMs: number) => boolean,
    ): Promise<number> => {
      for (;;) {
        const found = since(at).map((samples) => samples.find((one) => good(one.outcome, one.tookMs)));
        if (found[0] && found[1]) return Math.max(found[0].at, found[1].at) - at;
        await sleep(10);
      }
    };
    const impair = (effect: LinkEffect): Promise<unknown> =>
      callControl(program.control, 'PUT', '/impairments', {
        body: { id: 'f1', links: ['probe->redis'], effect, ttlMs: 60_000 },
      });
    const heal = (): Promise<unknown> => callControl(program.control, 'DELETE', '/impairments?id=f1');

    await bothFrom(monotonicClock.now(), (outcome) => outcome.startsWith('ok'));
    const cutAt = monotonicClock.now();
    await impair({ kind: 'cut' });
    await bothFrom(cutAt, (outcome) => outcome === 'stalled');
    expect(since(cutAt + 50).flatMap((samples) => samples.filter((one) => one.ok))).toEqual([]);
    const healedAt = monotonicClock.now();
    await heal();
    expect(await bothFrom(healedAt, (outcome) => outcome === 'ok')).toBeLessThan(1000);

    const slowAt = monotonicClock.now();
    // 1 KiB at 32 bytes/ms is 32 ms each way, and 40 ms of latency: nothing faster than 72 ms can be true.
    await impair({ kind: 'throttle', latencyMs: 40, bitsPerSecond: 256_000 });
    await bothFrom(slowAt + 20, (outcome, tookMs) => outcome === 'ok' && tookMs >= 70);
    await sleep(500);
    expect(since(slowAt + 20).every((samples) => samples.every((one) => one.tookMs >= 70))).toBe(true);
    const backAt = monotonicClock.now();
    await heal();
    await bothFrom(backAt, (outcome, tookMs) => outcome === 'ok' && tookMs < 20);
    await watch.stop();
  });
});
