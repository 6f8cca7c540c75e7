/** A sandbox of a system that nobody here has heard of: two plain programs, Kafka, Redis and PostgreSQL. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseSystem } from '../../src/config/system/read-system.ts';
import type { InstanceState } from '../../src/core/acts/instance-acts.ts';
import type { Platform } from '../../src/core/acts/platform.ts';
import { partsOf } from '../../src/core/sandbox/processes.ts';
import type { System } from '../../src/core/system.ts';
import { endpointOf } from '../../src/core/topology.ts';
import { ms } from '../../src/core/units.ts';
import { type Places, placesFrom } from '../../src/system/places.ts';
import { markedProcesses, markOf } from '../../src/system/sandbox/marked.ts';
import { requireParts } from '../../src/system/toolchain/parts.ts';
import { openPlatform } from '../../src/targets/open-platform.ts';
import { type SandboxHandle, startSandbox } from '../../src/targets/sandbox/sandbox.ts';
import { signalProcess } from '../support/signal-process.ts';
import { filesOf, livingOf, millisecondsUntil, processesOf } from './support-sandbox/test-bed.ts';

const FOLDER = join(import.meta.dirname, 'support-sandbox/shop');
const text = readFileSync(join(FOLDER, 'system.yaml'), 'utf8');
const NAME = 'shop';

const state = mkdtempSync(join(tmpdir(), 'gauntlet-shop-'));
const places: Places = { cache: placesFrom(process.env).cache, state };
let sandbox: SandboxHandle;
let platform: Platform;

async function start(system: System, name = NAME): Promise<SandboxHandle> {
  const progress = (): void => undefined;
  const tools = await requireParts(partsOf(system), { places, env: process.env, progress });
  return await startSandbox({ name, system, places, tools, owner: 'caller', progress });
}

beforeAll(async () => {
  sandbox = await start(parseSystem(join(FOLDER, 'system.yaml'), text));
  const { stateFile, topology } = sandbox.state;
  platform = await openPlatform({ platform: 'sandbox', identity: topology.identity, stateFile });
});

afterAll(async () => {
  await sandbox?.stop();
  rmSync(state, { recursive: true, force: true });
});

interface Ordered {
  readonly status: number;
  readonly count?: number;
  readonly by?: string;
}

async function order(): Promise<Ordered> {
  const url = endpointOf(sandbox.state.topology, 'web', 'http')?.at[0]?.address;
  try {
    const response = await fetch(`${url}/`, { signal: AbortSignal.timeout(3000) });
    return { status: response.status, ...((await response.json()) as object) };
  } catch {
    return { status: 0 };
  }
}

const one = async (service: string): Promise<InstanceState> => {
  const [found] = (await platform.instances?.list(service)) ?? [];
  if (found === undefined) throw new Error(`no ${service}`);
  return found;
};
const isReady = async (service: string): Promise<boolean> => (await one(service)).ready;
const answers = async (): Promise<boolean> => (await order()).status === 200;

describe('a sandbox of any system', () => {
  it('runs its programs, its migration once, and real servers with the declared topics and database', async () => {
    expect(await order()).toEqual({ status: 200, by: 'web-1', pong: '+PONG', count: 1 });
    expect((await order()).count).toBe(2);
    const topics = new Set((await platform.kafka?.partitions())?.map(({ topic }) => topic));
    expect([...topics].filter((topic) => topic.startsWith('orders.')).sort()).toEqual([
      'orders.done',
      'orders.new',
    ]);
    expect((await platform.instances?.list())?.map(({ instance }) => instance)).toEqual(
      expect.arrayContaining(['web-1', 'orders-1', 'bus-1', 'cache-1', 'store-1']),
    );
  });

  it.each(['orders->cache', 'orders->bus-1', 'orders->store'])(
    'cuts %s through the proxy, and restores it',
    async (link) => {
      await platform.links?.impair({ id: 'cut', links: [link], effect: { kind: 'cut' }, ttlMs: ms(60_000) });
      expect(await millisecondsUntil(async () => !(await answers()), 10_000)).toBeDefined();
      await platform.links?.heal('cut');
      expect(await millisecondsUntil(answers, 30_000)).toBeDefined();
    },
  );

  it.each(['orders', 'store'])('starts %s again when it is killed', async (service) => {
    const victim = await one(service);
    expect(await platform.instances?.signal(victim, 'SIGKILL')).toBe('sent');
    const isNew = async (): Promise<boolean> => (await one(service)).restarts > victim.restarts;
    expect(await millisecondsUntil(isNew, 10_000)).toBeDefined();
    expect(await millisecondsUntil(() => isReady(service), 60_000)).toBeDefined();
    expect(await millisecondsUntil(answers, 30_000)).toBeDefined();
  });

  it('ends what a program has started with it: the next one finds its port free', async () => {
    const mark = markOf(NAME, sandbox.state.supervisor);
    const before = markedProcesses(mark, 'web-1');
    expect(before.length).toBe(2);
    const victim = await one('web');
    if (!('pid' in victim)) throw new Error('a process');
    signalProcess(victim.pid, 'SIGKILL');
    expect(await millisecondsUntil(() => livingOf(before).length === 0, 10_000)).toBeDefined();
    expect(await millisecondsUntil(answers, 30_000)).toBeDefined();
    expect((await one('web')).restarts).toBe(1);
  });

  it('leaves nothing when it is stopped', async () => {
    const mark = markOf(NAME, sandbox.state.supervisor);
    const processes = [...processesOf(places, NAME), ...markedProcesses(mark)];
    expect(livingOf(processes).length).toBeGreaterThan(6);
    await sandbox.stop();
    expect(livingOf(processes)).toEqual([]);
    expect(markedProcesses(mark)).toEqual([]);
    expect(filesOf(places, NAME)).toEqual([]);
  });
});

describe('a program that listens on every address', () => {
  it('is found by its sockets and refused with the way out, and nothing is left', async () => {
    const file = join(state, 'system.yaml');
    const changed = text
      .slice(0, text.indexOf('  orders:\n'))
      .replace(
        '[sh, -c, "node web.mjs; true"]',
        `[node, ${join(FOLDER, 'web.mjs')}], env: { HOST: 0.0.0.0 }`,
      );
    writeFileSync(file, changed);
    const starting = start(parseSystem(file, changed), 'wide');
    await expect(starting).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringMatching(
        /^web-1: expected to listen on 127\.\d+\.0\.1:21000 only, got a listener on 0\.0\.0\.0:21000, which is every address of this machine\. Let the program listen on the address in HOST/,
      ),
    });
    expect(filesOf(places, 'wide')).toEqual([]);
  });
});
