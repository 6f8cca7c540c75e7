/**
 * With real processes and the real kernel, because the choice of the killed process and its counters cannot
 * be faked. It has the preconditions of the fault.
 */
import { spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as settle } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { memoryControl } from '../../../../packages/sandbox/src/supervisor/memory-control.ts';
import { LEAST_MEMORY, type MemoryStress, MIB } from '../../../../src/core/acts/memory-acts.ts';
import { ms } from '../../../../src/core/units.ts';
import { cgroupMounts } from '../../../../src/system/cgroup-mounts.ts';
import {
  makeGroup,
  memoryGroupOf,
  moveTo,
  oomScoreAdjOf,
  roomIn,
  setOomScoreAdj,
  whyNoGroupIn,
} from '../../../../src/system/memory-cgroup.ts';
import { isAlive } from '../../../../src/system/proc.ts';
import { gatedLaunch } from '../../../../src/system/processes/launch.ts';
import type { ProcessIdentity } from '../../../../src/system/sandbox/state.ts';
import { removeGroups } from '../../../../src/system/sandbox/sweep.ts';
import { giveMemoryBack } from '../../../../src/system/stress/memory-of-victim.ts';
import { MemoryStressor } from '../../../../src/system/stress/memory-stressor.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';
import { signalProcess } from '../../../support/signal-process.ts';
import { endSleepers, sleeper } from '../../sandbox/processes.ts';

const home = memoryGroupOf(process.pid);
const why = whyNoGroupIn(home);

/** Records its input, and allocates the requested bytes, like the compiled program. */
const HOG = `const { appendFileSync } = require('node:fs');
const taken = [];
process.stdin.on('data', (chunk) => {
  appendFileSync(__dirname + '/heard', chunk);
  if (String(chunk).includes('go') && process.argv[2] !== '4000') {
    for (let at = 0; at < Number(process.argv[3]); at += 1 << 22) taken.push(Buffer.alloc(1 << 22, 1));
  }
}).on('end', () => process.exit());`;
/** The hogs of a stress with this ttl take nothing. */
const HARMLESS_MS = 4000;

const undone: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const undo of undone.splice(0)) await undo();
  endSleepers();
});

/** Of the controller, as it is mounted here. */
const memoryRoot = (): string =>
  cgroupMounts().find((one) => one.type === 'cgroup' && one.options.includes('memory'))?.point ?? '';

let made = 0;
function rig(over: Partial<MemoryStress> = {}, pid?: ProcessIdentity) {
  const folder = mkdtempSync(join(tmpdir(), 'gauntlet-memory-'));
  const hog = join(folder, 'hog.cjs');
  writeFileSync(hog, HOG);
  const clock = new VirtualClock(0);
  const stop = new AbortController();
  const victim = { service: 'hive', instance: 'hive-1', ...(pid ?? sleeper()) };
  const registered: ProcessIdentity[] = [];
  const groups = join(folder, 'groups');
  const stressor = new MemoryStressor({
    victims: () => [victim],
    launch: gatedLaunch(async (identity) => void registered.push(identity)),
    hog,
    log: join(folder, 'hog.log'),
    cwd: folder,
    record: (group) => appendFileSync(groups, `${group}\n`),
    clock,
    stopped: stop.signal,
  });
  made += 1;
  const stress: MemoryStress = {
    id: `memory-stress-${String(made).padStart(8, '0')}-0000-4000-8000-${String(process.pid).padStart(12, '0')}`,
    victim,
    group: home ?? '',
    oomScoreAdj: oomScoreAdjOf(victim.pid) ?? 0,
    limitBytes: LEAST_MEMORY,
    ttlMs: HARMLESS_MS,
    ...over,
  };
  undone.push(async () => {
    await stressor.end(stress);
    stop.abort(new Error('over'));
    rmSync(folder, { recursive: true, force: true });
  });
  const living = () => registered.filter((one) => isAlive(one.pid, one.startTicks));
  const own = join(home ?? '', `gauntlet-${stress.id}`);
  return { stressor, clock, victim, registered, stress, living, own, groups, heard: join(folder, 'heard') };
}

async function nodeProcess(): Promise<ProcessIdentity> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); console.log("up")'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  undone.push(async () => void child.kill('SIGKILL'));
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
  return { pid: child.pid ?? 0, startTicks: stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '' };
}

describe.skipIf(why !== null)(why ?? 'the memory stressor', () => {
  it('lets the kernel kill the victim alone, and says so by its count', { timeout: 30_000 }, async () => {
    const { stressor, victim, stress, own } = rig({ ttlMs: 3000 }, await nodeProcess());
    await stressor.begin(stress);
    while (isAlive(victim.pid, victim.startTicks)) await settle(5);
    const [state] = await stressor.list();
    expect(state).toMatchObject({ id: stress.id, limitBytes: LEAST_MEMORY, victimKills: 1 });
    expect(state?.hits).toBeGreaterThan(0);
    await stressor.end(stress);
    expect(existsSync(own)).toBe(false);
    expect(await stressor.list()).toEqual([]);
  });

  it('removes hogs and group as soon as the victim is gone, and keeps the count until it is ended', async () => {
    const { stressor, clock, victim, stress, living, own } = rig({ ttlMs: 3000 }, await nodeProcess());
    await stressor.begin(stress);
    while (isAlive(victim.pid, victim.startTicks)) await settle(5);
    const isGroupThere = async () => {
      await clock.advance(2);
      return existsSync(own);
    };
    await expect.poll(isGroupThere, { timeout: 15_000 }).toBe(false);
    expect(living()).toEqual([]);
    expect(await stressor.list()).toMatchObject([{ id: stress.id, hogs: 0, victimKills: 1 }]);
    expect(await stressor.renew(stress.id, ms(3000))).toBe(true);
    await stressor.end(stress);
    expect(await stressor.list()).toEqual([]);
  });

  it('kills no other process where the victim lives in the group of the whole machine', async () => {
    const victim = await nodeProcess();
    const root = memoryRoot();
    moveTo(root, victim.pid);
    const { stressor, stress, own } = rig({ ttlMs: 3000, group: root }, victim);
    expect(await stressor.means(stress.victim)).toMatchObject({ kind: 'cgroup', group: root });
    const bystander = sleeper();
    moveTo(root, bystander.pid);
    await stressor.begin(stress);
    while (isAlive(victim.pid, victim.startTicks)) await settle(5);
    expect(await stressor.list()).toMatchObject([{ victimKills: 1 }]);
    await stressor.end(stress);
    expect([isAlive(bystander.pid, bystander.startTicks), existsSync(own)]).toEqual([true, false]);
  });

  it('is given back from its data alone, with the score of what the victim has started meanwhile', async () => {
    const { victim, stress, stressor, living, own } = rig();
    await stressor.begin(stress);
    const child = sleeper();
    moveTo(join(own, 'victim'), child.pid);
    setOomScoreAdj(child.pid, 1000);
    await giveMemoryBack(stress);
    for (const { pid } of [victim, child])
      expect([memoryGroupOf(pid), oomScoreAdjOf(pid)]).toEqual([home, stress.oomScoreAdj]);
    expect([living(), existsSync(own)]).toEqual([[], false]);
    await giveMemoryBack(stress);
    expect(memoryGroupOf(victim.pid)).toBe(home);
  });

  it('ends no process that only a file names as a hog', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gauntlet-no-group-'));
    const { stress } = rig({ group: folder });
    const other = sleeper();
    const hogs = join(folder, `gauntlet-${stress.id}`, 'hog');
    mkdirSync(hogs, { recursive: true });
    writeFileSync(join(hogs, 'cgroup.procs'), `${other.pid}\n`);
    await giveMemoryBack(stress);
    expect(isAlive(other.pid, other.startTicks)).toBe(true);
    rmSync(folder, { recursive: true, force: true });
  });

  it('puts the victim into a group inside its own, and takes all of it back', async () => {
    const { stressor, clock, victim, registered, stress, living, own } = rig();
    await stressor.begin(stress);
    expect(memoryGroupOf(victim.pid)).toBe(join(own, 'victim'));
    expect(oomScoreAdjOf(victim.pid)).toBe(1000);
    expect(readFileSync(join(own, 'memory.limit_in_bytes'), 'utf8').trim()).toBe(String(LEAST_MEMORY));
    expect(registered.map((one) => memoryGroupOf(one.pid))).toEqual([join(own, 'hog'), join(own, 'hog')]);
    expect(await stressor.endedAt(stress.id)).toBeNull();
    expect(await stressor.list()).toMatchObject([{ hogs: 2, victimKills: 0, hogKills: 0 }]);
    await stressor.end(stress);
    expect(memoryGroupOf(victim.pid)).toBe(home);
    expect(oomScoreAdjOf(victim.pid)).toBe(stress.oomScoreAdj);
    expect([living(), existsSync(own), await stressor.list()]).toEqual([[], false, []]);
    expect(await stressor.endedAt(stress.id)).toBe(clock.now());
    const first = clock.now();
    await clock.advance(10);
    await stressor.end(stress);
    expect(memoryGroupOf(victim.pid)).toBe(home);
    expect(await stressor.endedAt(stress.id)).toBe(first);
  });

  it('ends by itself when it is not renewed within its ttl, and not before', async () => {
    const { stressor, clock, victim, stress, living, own } = rig();
    await stressor.begin(stress);
    await clock.advance(3000);
    expect(await stressor.renew(stress.id, ms(HARMLESS_MS))).toBe(true);
    await clock.advance(3900);
    expect(memoryGroupOf(victim.pid)).toBe(join(own, 'victim'));
    await clock.advance(200);
    while ((await stressor.list()).length > 0) await settle(5);
    expect(memoryGroupOf(victim.pid)).toBe(home);
    expect([living(), existsSync(own)]).toEqual([[], false]);
    expect(await stressor.renew(stress.id, ms(HARMLESS_MS))).toBe(false);
  });

  it('starts the hogs only when all of them and the victim are in the group, and forwards renewals', async () => {
    const { stressor, stress, heard } = rig();
    await stressor.begin(stress);
    expect(await stressor.renew(stress.id, ms(2500))).toBe(true);
    const both = () => (existsSync(heard) ? readFileSync(heard, 'utf8').split('\n').sort() : []);
    await expect.poll(both).toEqual(['', '2500', '2500', 'go', 'go']);
  });

  it('leaves a process alone that has the pid and not the start time of the victim', async () => {
    const { stressor, victim, stress, own } = rig();
    const other = { ...stress, victim: { ...victim, startTicks: '1' } };
    expect(await stressor.means(other.victim)).toEqual({ kind: 'gone' });
    await expect(stressor.begin(other)).rejects.toThrow(`${stress.id}: cannot start: hive-1 has exited.`);
    setOomScoreAdj(victim.pid, 1000);
    await stressor.end(other);
    expect(oomScoreAdjOf(victim.pid)).toBe(1000);
    expect(existsSync(own)).toBe(false);
  });

  it('does not begin what was ended before, nor from another group than it was planned in', async () => {
    const first = rig();
    await first.stressor.end(first.stress);
    await expect(first.stressor.begin(first.stress)).rejects.toThrow(
      `${first.stress.id}: cannot start: it was undone already.`,
    );
    const second = rig({ group: '/sys/fs/cgroup/memory/elsewhere' });
    await expect(second.stressor.begin(second.stress)).rejects.toThrow(
      `cannot start: hive-1 is in ${home}, not in /sys/fs/cgroup/memory/elsewhere.`,
    );
    expect([...first.registered, ...second.registered]).toEqual([]);
  });

  it('completes a start in progress before it ends the stress, for every caller', async () => {
    const { stressor, victim, stress, living, registered, own } = rig();
    const beginning = stressor.begin(stress);
    await stressor.end(stress);
    await beginning;
    expect(registered).toHaveLength(2);
    expect([living(), existsSync(own), memoryGroupOf(victim.pid)]).toEqual([[], false, home]);
  });

  it('says where the victim is counted, and how much room there is', async () => {
    const { stressor, victim } = rig();
    const means = await stressor.means(victim);
    expect(means).toMatchObject({ kind: 'cgroup', group: home, oomScoreAdj: 0 });
    expect(means.kind === 'cgroup' && means.roomBytes).toBeGreaterThan(MIB);
  });

  it('has its groups removed by the cleanup of the sandbox, after moving back the processes in them', async () => {
    const { stressor, victim, stress, own, groups, registered } = rig();
    await stressor.begin(stress);
    expect(readFileSync(groups, 'utf8')).toBe(`${own}\n`);
    for (const one of registered) signalProcess(one.pid, 'SIGKILL');
    removeGroups(groups);
    expect([existsSync(own), memoryGroupOf(victim.pid)]).toEqual([false, home]);
  });
});

describe.skipIf(why !== null)(why ?? 'a memory group', () => {
  it('is refused where a limit of the machine or of a group around is near: the room is the least of all', () => {
    const outer = join(home ?? '', `gauntlet-test-${process.pid}`);
    makeGroup(outer, 64 * MIB);
    try {
      const room = roomIn(join(outer, 'victim'));
      // The kernel counts what it needs for the groups themselves: 256 KiB here.
      expect(room).toBeGreaterThan(60 * MIB);
      expect(room).toBeLessThanOrEqual(64 * MIB);
    } finally {
      for (const part of ['victim', 'hog', '']) rmdirSync(join(outer, part));
    }
  });

  it('is never removed by a list that names what is not ours', () => {
    const other = join(home ?? '', `gauntlet-test-${process.pid}`);
    makeGroup(other, 64 * MIB);
    const { victim, groups } = rig();
    moveTo(join(other, 'victim'), victim.pid);
    try {
      writeFileSync(groups, `${other}\n${home}\n/gauntlet-memory-stress-\n`);
      removeGroups(groups);
      expect(memoryGroupOf(victim.pid)).toBe(join(other, 'victim'));
    } finally {
      moveTo(home ?? '', victim.pid);
      for (const part of ['victim', 'hog', '']) rmdirSync(join(other, part));
    }
  });
});

describe('a group that cannot be made', () => {
  it('names the missing precondition', () => {
    expect(whyNoGroupIn(undefined)).toBe(
      'no cgroup v1 memory controller (on cgroup v2 a cgroup that contains processes cannot limit cgroups inside it)',
    );
    const folder = mkdtempSync(join(tmpdir(), 'gauntlet-no-group-'));
    try {
      writeFileSync(join(folder, 'memory.use_hierarchy'), '0\n');
      expect(whyNoGroupIn(folder)).toBe(
        `a memory controller without hierarchy at ${folder}: a cgroup inside would escape its limits`,
      );
      writeFileSync(join(folder, 'memory.use_hierarchy'), '1\n');
      expect(whyNoGroupIn(folder)).toBe(
        `no right to write to ${folder} (root, and a cgroup file system that is not read-only)`,
      );
      writeFileSync(join(folder, 'cgroup.procs'), '');
      writeFileSync(join(folder, 'memory.oom_control'), 'oom_kill_disable 1\nunder_oom 0\n');
      expect(whyNoGroupIn(folder)).toBe(`an OOM killer that is switched off at ${folder}`);
      writeFileSync(join(folder, 'memory.oom_control'), 'oom_kill_disable 0\nunder_oom 0\n');
      expect(whyNoGroupIn(folder)).toBeNull();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is refused over the socket when the limit, the ttl or the id is not what a fault sends', async () => {
    const { stressor, stress } = rig();
    const handle = memoryControl(stressor);
    const put = (over: object) => handle({ method: 'PUT', path: '/memory', body: { ...stress, ...over } });
    await expect(put({ limitBytes: MIB })).rejects.toThrow(
      'memory: expected a limit of 96 to 256 MiB and a ttl above 0, got {"limitBytes":1048576,"ttlMs":4000}.',
    );
    await expect(put({ ttlMs: 0 })).rejects.toThrow('a ttl above 0, got {"limitBytes":100663296,"ttlMs":0}.');
    const bad = { ...stress, id: '../../other' };
    for (const [method, path] of [
      ['PUT', '/memory'],
      ['POST', '/memory/end'],
    ] as const) {
      await expect(handle({ method, path, body: bad })).rejects.toThrow(
        'memory: expected an id such as memory-stress-<uuid>, got "../../other".',
      );
    }
    expect(await handle({ method: 'GET', path: '/memory/list', body: undefined })).toEqual([]);
    expect(await handle({ method: 'GET', path: '/memory/nothing', body: undefined })).toBeUndefined();
  });
});
