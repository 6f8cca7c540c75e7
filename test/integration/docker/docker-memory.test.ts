/**
 * Memory stress on containers, against an engine in memory and the real kernel: the container is a process in
 * a memory group that has its id. A real engine is in test/e2e.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LEAST_MEMORY, type MemoryActs, type MemoryStress } from '../../../src/core/acts/memory-acts.ts';
import { ms } from '../../../src/core/units.ts';
import {
  memoryGroupOf,
  moveTo,
  oomScoreAdjOf,
  removeGroup,
  setOomScoreAdj,
} from '../../../src/system/memory-cgroup.ts';
import { isAlive, processStat } from '../../../src/system/proc.ts';
import { victimIn } from '../../../src/targets/docker/containers.ts';
import { openPlatform } from '../../../src/targets/open-platform.ts';
import { heldStresses } from '../../../src/targets/processes/held-stresses.ts';
import { type FakeContainer, FakeEngine } from '../../fakes/fake-engine.ts';
import { lacksMemoryGroups, MemoryHome } from '../../support/memory-home.ts';

const TARGET = `none:docker-memory-${process.pid}`;

let folder: string;
let engine: FakeEngine;
let home: MemoryHome;
const children: ChildProcess[] = [];
const opened: { close?(): void }[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gauntlet-docker-memory-'));
  engine = new FakeEngine();
  home = new MemoryHome();
  await engine.listen(join(folder, 's'));
});
afterEach(async () => {
  for (const one of opened.splice(0)) one.close?.();
  for (const one of children.splice(0)) one.kill('SIGKILL');
  await engine.close();
  await home.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** As a harness, a keeper and `recover` open them. */
async function open(id = 'ENGINE-1'): Promise<MemoryActs> {
  const services = { web: { service: 'web', restart: null } };
  const docker = { socket: join(folder, 's'), engine: id, services, agent: 'agent:1' };
  const platform = await openPlatform({
    ...{ platform: 'docker', identity: TARGET, addresses: { brokers: [] }, docker },
  });
  opened.push(platform);
  if (platform.memory === undefined) throw new Error('no acts');
  return platform.memory;
}

const victimOf = ({ name, id, startTime }: FakeContainer) =>
  victimIn('web', { name, id, startTime } as Parameters<typeof victimIn>[1]);

let count = 0;
/** @param calm nobody is killed in its group: who wants more memory waits. */
async function rig(calm: boolean) {
  count += 1;
  const program = "console.log('up'); setTimeout(() => undefined, 120000)";
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(child);
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  const pid = child.pid ?? 0;
  const web = engine.add('web', { pid });
  const group = join(home.group, web.id);
  mkdirSync(group);
  if (calm) writeFileSync(join(group, 'memory.oom_control'), '1');
  moveTo(group, pid);
  const run = victimOf(web);
  const victim = {
    ...{ service: 'web', instance: web.name, pid },
    startTicks: processStat(pid)?.startTicks ?? '',
  };
  const id = `memory-stress-${String(count).padStart(8, '0')}-0000-4000-8000-${String(process.pid).padStart(12, '0')}`;
  const stress: MemoryStress = {
    ...{ id, victim, run, group, oomScoreAdj: 0, limitBytes: LEAST_MEMORY, ttlMs: 60_000 },
  };
  return { web, run, victim, group, stress, own: join(group, `gauntlet-${id}`) };
}

const held = () => heldStresses(TARGET, 'memory');

describe.skipIf(lacksMemoryGroups !== null)(lacksMemoryGroups ?? 'a memory stress on a container', () => {
  it('lets the kernel kill its main process, inside the group of the container', async () => {
    const { run, victim, group, stress, own } = await rig(false);
    const acts = await open();
    expect(await acts.means(run)).toMatchObject({ kind: 'cgroup', victim, run, group, oomScoreAdj: 0 });
    await acts.begin(stress);
    const kills = async () => (await acts.list()).map((one) => one.victimKills);
    await expect.poll(kills, { timeout: 15_000 }).toEqual([1]);
    await expect.poll(() => existsSync(own), { timeout: 15_000 }).toBe(false);
    // The engine removes the group of a container that has ended.
    await removeGroup(group);
    expect(await kills()).toEqual([1]);
    await acts.end(stress);
    expect([await acts.list(), held()]).toEqual([[], []]);
    expect(engine.acts).toEqual([]);
  });

  it('is undone by another process, and where its run has ended no process is touched', async () => {
    const { web, victim, group, stress, own } = await rig(true);
    const acts = await open();
    await acts.begin(stress);
    expect(memoryGroupOf(victim.pid)).toBe(join(own, 'victim'));
    await (await open()).end(stress);
    expect([memoryGroupOf(victim.pid), oomScoreAdjOf(victim.pid), existsSync(own)]).toEqual([
      group,
      0,
      false,
    ]);
    expect(await acts.renew(stress.id, ms(60_000))).toBe(false);
    setOomScoreAdj(victim.pid, 1000);
    web.startTime = '2026-11-29T21:00:00Z';
    await acts.end(stress);
    expect(oomScoreAdjOf(victim.pid)).toBe(1000);
  });

  it('is left to its holder where another engine answers, and undone by the right one', async () => {
    const { victim, group, stress, own } = await rig(true);
    await (await open()).begin(stress);
    await expect((await open('ENGINE-2')).end(stress)).rejects.toThrow('expected engine ENGINE-2');
    expect(held()).toHaveLength(1);
    await (await open()).end(stress);
    expect([memoryGroupOf(victim.pid), oomScoreAdjOf(victim.pid), existsSync(own)]).toEqual([
      group,
      0,
      false,
    ]);
  });

  it.each([
    ['was started again', (web: FakeContainer) => Object.assign(web, { startTime: '2026-11-29T21:00:00Z' })],
    ['has ended', (web: FakeContainer) => Object.assign(web, { running: false })],
    ['was made anew', () => engine.containers.splice(0, 1)],
  ])('does not begin when the container %s', async (_, change) => {
    const { web, run, victim, group, stress, own } = await rig(true);
    const acts = await open();
    change(web);
    expect(await acts.means(run)).toEqual({ kind: 'gone' });
    await expect(acts.begin(stress)).rejects.toThrow(`cannot start: ${web.name} has exited`);
    expect([memoryGroupOf(victim.pid), existsSync(own), held()]).toEqual([group, false, []]);
    expect(isAlive(victim.pid, victim.startTicks)).toBe(true);
  });

  it('is not possible where its process is not one of this machine, with the way out', async () => {
    const web = engine.add('web', { pid: process.pid });
    expect(await (await open()).means(victimOf(web))).toEqual({
      kind: 'none',
      why: `none: pid ${process.pid}, which the engine names, is not its process here`,
      fix: 'Run Gauntlet on the machine of the engine, outside of containers: it ends the main process of a container, as a crash does.',
    });
  });
});
