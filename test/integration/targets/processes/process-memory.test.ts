/** Memory stress on processes that Gauntlet did not start, with real ones, its real holder and the real kernel. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { LEAST_MEMORY, type MemoryActs, type MemoryStress } from '../../../../src/core/acts/memory-acts.ts';
import type { ProcessVictim } from '../../../../src/core/topology.ts';
import { ms } from '../../../../src/core/units.ts';
import { thisPlace } from '../../../../src/system/holder.ts';
import {
  memoryGroupOf,
  moveTo,
  oomScoreAdjOf,
  removeGroup,
  whyNoGroupIn,
} from '../../../../src/system/memory-cgroup.ts';
import { isAlive, processStat } from '../../../../src/system/proc.ts';
import { openPlatform } from '../../../../src/targets/open-platform.ts';
import { endHolder, heldStresses } from '../../../../src/targets/processes/held-stresses.ts';
import { signalProcess } from '../../../support/signal-process.ts';

const home = memoryGroupOf(process.pid);
const why = whyNoGroupIn(home);
const folder = mkdtempSync(join(tmpdir(), 'gauntlet-process-memory-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const victims: ChildProcess[] = [];
const undone: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const undo of undone.splice(0).reverse()) await undo();
  for (const one of victims.splice(0)) one.kill('SIGKILL');
});

let count = 0;

/** A process with a name of its own, and the acts on it as a harness, a keeper and `recover` open them. */
async function rig(over: { readonly ttlMs?: number; readonly restart?: string; calm?: boolean } = {}) {
  count += 1;
  const word = `shop-memory-${process.pid}-${count}`;
  const program = "console.log('up'); setTimeout(() => undefined, 120000)";
  const child = spawn(process.execPath, ['-e', program, word], { stdio: ['ignore', 'pipe', 'ignore'] });
  victims.push(child);
  await new Promise((resolve) => child.stdout?.once('data', resolve));
  const pid = child.pid ?? 0;
  const victim: ProcessVictim = {
    ...{ service: 'web', instance: 'web-1', pid },
    startTicks: processStat(pid)?.startTicks ?? '',
  };
  const group = over.calm === true ? calmGroup(pid) : (home ?? '');
  const identity = `none:${word}`;
  const open = async (boot = thisPlace().boot): Promise<MemoryActs> => {
    const restart = over.restart === undefined ? null : { command: over.restart };
    const processes = { boot, services: { web: { command: word, restart } } };
    const platform = await openPlatform({
      ...{ platform: 'processes', identity, addresses: { brokers: [] }, processes },
    });
    undone.push(async () => platform.close?.());
    if (platform.memory === undefined) throw new Error('no acts');
    return platform.memory;
  };
  const acts = await open();
  const id = `memory-stress-${String(count).padStart(8, '0')}-0000-4000-8000-${String(process.pid).padStart(12, '0')}`;
  const stress: MemoryStress = {
    ...{ id, victim, group, oomScoreAdj: oomScoreAdjOf(pid) ?? 0 },
    ...{ limitBytes: LEAST_MEMORY, ttlMs: over.ttlMs ?? 60_000 },
  };
  undone.push(() => acts.end(stress));
  const isKilled = (): boolean => !isAlive(pid, victim.startTicks);
  const own = join(group, `gauntlet-${id}`);
  const held = () => heldStresses(identity, 'memory');
  return { acts, open, stress, victim, isKilled, own, held };
}

/** Inside it nobody is killed for lack of memory: who wants more waits, so that what is in place stays there. */
function calmGroup(pid: number): string {
  const group = join(home ?? '', `gauntlet-test-${process.pid}-${count}`);
  mkdirSync(group);
  writeFileSync(join(group, 'memory.oom_control'), '1');
  moveTo(group, pid);
  undone.push(async () => await removeGroup(group));
  return group;
}

describe.skipIf(why !== null)(why ?? 'a memory stress on processes', () => {
  it('lets the kernel kill the victim, keeps the count when its group is gone, and is ended', async () => {
    const { acts, open, stress, victim, isKilled, own, held } = await rig();
    expect(await acts.means(victim)).toMatchObject({ kind: 'cgroup', victim, group: home, oomScoreAdj: 0 });
    await acts.begin(stress);
    await expect.poll(isKilled, { timeout: 15_000 }).toBe(true);
    await expect.poll(() => existsSync(own), { timeout: 15_000 }).toBe(false);
    const [state] = await acts.list();
    expect(state).toMatchObject({ id: stress.id, limitBytes: LEAST_MEMORY, hogs: 0, victimKills: 1 });
    expect(state?.hits).toBeGreaterThan(0);
    expect(await acts.renew(stress.id, ms(60_000))).toBe(true);
    // A keeper knows that it is there, and ends it.
    const keeper = await open();
    expect(await keeper.list()).toMatchObject([{ id: stress.id, hogs: 0 }]);
    await keeper.end(stress);
    expect([await keeper.list(), await acts.list(), held()]).toEqual([[], [], []]);
    expect(await acts.renew(stress.id, ms(60_000))).toBe(false);
    expect(await keeper.endedAt(stress.id)).toBeGreaterThan(0);
    expect(await acts.means(victim)).toEqual({ kind: 'gone' });
  });

  it('ends by itself when it is not renewed', async () => {
    const { acts, stress, victim, held, own } = await rig({ ttlMs: 500, calm: true });
    await acts.begin(stress);
    await expect.poll(() => held(), { timeout: 15_000 }).toEqual([]);
    const now = [memoryGroupOf(victim.pid), oomScoreAdjOf(victim.pid), existsSync(own)];
    expect(now).toEqual([stress.group, 0, false]);
  });

  it('gives a victim that still runs its place and score back when holder and harness were killed', async () => {
    const { acts, open, stress, victim, own, held } = await rig({ calm: true });
    await acts.begin(stress);
    expect(memoryGroupOf(victim.pid)).toBe(join(own, 'victim'));
    const [one] = held();
    if (one === undefined) throw new Error('no holder');
    signalProcess(one.holder.pid, 'SIGKILL');
    await (await open()).end(stress);
    const now = [memoryGroupOf(victim.pid), oomScoreAdjOf(victim.pid), existsSync(own)];
    expect(now).toEqual([stress.group, 0, false]);
    expect(one.helpers.filter(({ pid, startTicks }) => isAlive(pid, startTicks))).toEqual([]);
  });

  it('is undone at once when the harness is gone', async () => {
    const { acts, stress, victim, own, held } = await rig({ calm: true });
    await acts.begin(stress);
    expect(await acts.list()).toMatchObject([{ id: stress.id, hogs: 2, victimKills: 0 }]);
    const [one] = held();
    // What the end of the pipe does.
    signalProcess(one?.holder.pid ?? 0, 'SIGTERM');
    await expect.poll(() => held(), { timeout: 15_000 }).toEqual([]);
    const now = [memoryGroupOf(victim.pid), oomScoreAdjOf(victim.pid), existsSync(own)];
    expect(now).toEqual([stress.group, 0, false]);
    expect(await acts.renew(stress.id, ms(60_000))).toBe(false);
  });

  it('starts the command that brings the victim back before it is killed', async () => {
    const mark = join(folder, 'again');
    const { acts, stress, isKilled } = await rig({ restart: `touch ${mark}` });
    await acts.begin(stress);
    await expect.poll(isKilled, { timeout: 15_000 }).toBe(true);
    await expect.poll(() => existsSync(mark), { timeout: 15_000 }).toBe(true);
  });

  it('does not begin what was undone, on a process that has only the pid, or of another boot', async () => {
    const { acts, open, stress, victim, held, own } = await rig();
    const other = { ...stress, victim: { ...victim, startTicks: '1' } };
    await expect(acts.begin(other)).rejects.toThrow(`${stress.id}: cannot start: web-1 has exited.`);
    const later = await open('another');
    expect(await later.means(victim)).toEqual({ kind: 'gone' });
    await expect(later.begin(stress)).rejects.toThrow('its processes are those of another machine or boot');
    await acts.end(stress);
    await expect(acts.begin(stress)).rejects.toThrow('it was undone already');
    await expect.poll(() => held(), { timeout: 15_000 }).toEqual([]);
    expect([existsSync(own), memoryGroupOf(victim.pid), oomScoreAdjOf(victim.pid)]).toEqual([false, home, 0]);
    for (const one of held()) endHolder(one);
  });
});
