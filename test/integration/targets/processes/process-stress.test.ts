/** CPU stress on processes that Gauntlet did not start, with real ones, its real holder and the real scheduler calls. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Stress, StressActs } from '../../../../src/core/acts/stress-acts.ts';
import type { ProcessVictim } from '../../../../src/core/topology.ts';
import { ms } from '../../../../src/core/units.ts';
import { thisPlace } from '../../../../src/system/holder.ts';
import { processStat } from '../../../../src/system/proc.ts';
import { cpusOf, moveThreads, tasksetVersion } from '../../../../src/system/stress/cpu-affinity.ts';
import { openPlatform } from '../../../../src/targets/open-platform.ts';
import { heldStresses } from '../../../../src/targets/processes/held-stresses.ts';
import { signalProcess } from '../../../support/signal-process.ts';

const canRun = availableParallelism() > 1 && (await tasksetVersion()) !== undefined;
const folder = mkdtempSync(join(tmpdir(), 'gauntlet-process-stress-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const victims: ChildProcess[] = [];
const undone: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const undo of undone.splice(0)) await undo();
  for (const one of victims.splice(0)) one.kill('SIGKILL');
});

let count = 0;

/** A process with a name of its own, and the acts on it as a harness, a keeper and `recover` open them. */
async function rig(over: Partial<Stress> = {}) {
  count += 1;
  const word = `shop-${process.pid}-${count}`;
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => undefined, 120000)', word], {
    stdio: 'ignore',
  });
  victims.push(child);
  const pid = child.pid ?? 0;
  const victim: ProcessVictim = {
    ...{ service: 'web', instance: 'web-1', pid },
    startTicks: processStat(pid)?.startTicks ?? '',
  };
  const identity = `none:${word}`;
  const open = async (boot = thisPlace().boot): Promise<StressActs> => {
    const services = { web: { command: word, restart: null } };
    const processes = { boot, services };
    const platform = await openPlatform({
      ...{ platform: 'processes', identity, addresses: { brokers: [] }, processes },
    });
    undone.push(async () => platform.close?.());
    if (platform.stress === undefined) throw new Error('no acts');
    return platform.stress;
  };
  const usual = cpusOf(pid) ?? '';
  const cpu = Number(/(\d+)$/.exec(usual)?.[1]);
  const stress: Stress = {
    ...{ id: `cpu-stress-${word}`, cpu, victims: [{ victim, cpus: usual }] },
    ...{ workers: 2, ttlMs: 60_000, ...over },
  };
  const acts = await open();
  undone.push(() => acts.end(stress));
  return { acts, open, stress, victim, usual, cpu: String(cpu), held: () => heldStresses(identity, 'cpu') };
}

const name = canRun ? 'a stress on processes' : 'a stress on processes (needs two CPUs and taskset)';

describe.skipIf(!canRun)(name, () => {
  it('puts victim and spinners on one CPU, and another process lists and ends it', async () => {
    const { acts, open, stress, victim, usual, cpu } = await rig();
    await acts.begin(stress);
    expect(cpusOf(victim.pid)).toBe(cpu);
    const state = { id: stress.id, cpu: stress.cpu, spinners: 2, spinnerCpuMs: expect.any(Number) };
    expect(await acts.list()).toEqual([state]);
    expect(await acts.renew(stress.id, ms(60_000))).toBe(true);
    const other = await open();
    expect(await other.list()).toEqual([state]);
    await other.end(stress);
    expect([cpusOf(victim.pid), await other.list(), await acts.list()]).toEqual([usual, [], []]);
    expect(await acts.renew(stress.id, ms(60_000))).toBe(false);
    await other.end(stress);
    expect(cpusOf(victim.pid)).toBe(usual);
  });

  it('ends by itself when it is not renewed', async () => {
    const { acts, stress, victim, usual, held } = await rig({ ttlMs: 500 });
    await acts.begin(stress);
    await expect.poll(() => held(), { timeout: 15_000 }).toEqual([]);
    expect(cpusOf(victim.pid)).toBe(usual);
    expect(await acts.renew(stress.id, ms(500))).toBe(false);
  });

  it('is undone after its holder was killed, and its spinners do not stay', async () => {
    const { acts, open, stress, victim, usual, cpu, held } = await rig();
    await acts.begin(stress);
    const [one] = held();
    signalProcess(one?.holder.pid ?? 0, 'SIGKILL');
    const spins = (): boolean => one?.helpers.some(({ pid }) => processStat(pid) !== undefined) === true;
    await expect.poll(spins, { timeout: 15_000 }).toBe(false);
    expect([await acts.renew(stress.id, ms(60_000)), await acts.list()]).toEqual([false, []]);
    expect(cpusOf(victim.pid)).toBe(cpu);
    await (await open()).end(stress);
    expect(cpusOf(victim.pid)).toBe(usual);
  });

  it('does not begin what was undone, and not on a process that has only the pid', async () => {
    const { acts, stress, victim, usual, held } = await rig();
    const other = { victim: { ...victim, startTicks: '1' }, cpus: usual };
    await expect(acts.begin({ ...stress, id: 'cpu-stress-other', victims: [other] })).rejects.toThrow(
      'cpu-stress-other: cannot start: web-1 has exited.',
    );
    await acts.end(stress);
    await expect(acts.begin(stress)).rejects.toThrow(`${stress.id}: cannot start: it was undone already.`);
    await expect.poll(() => held(), { timeout: 15_000 }).toEqual([]);
    expect(cpusOf(victim.pid)).toBe(usual);
  });

  it('leaves CPUs alone that somebody else has chosen, and processes of another boot', async () => {
    const { acts, open, stress, victim, usual, cpu } = await rig();
    await moveThreads(victim.pid, usual, cpu);
    const later = await open('another');
    expect(await later.means()).toEqual({ kind: 'none', why: 'another machine, or a boot before this one' });
    await expect(later.begin(stress)).rejects.toThrow('its processes are those of another machine or boot');
    await later.end(stress);
    expect(cpusOf(victim.pid)).toBe(cpu);
    const elsewhere = /^\d+/.exec(usual)?.[0] ?? '';
    await moveThreads(victim.pid, cpu, elsewhere);
    await acts.end(stress);
    expect(cpusOf(victim.pid)).toBe(elsewhere);
  });

  it('counts the CPU times of the processes that are found, and of no other', async () => {
    const { acts, victim, usual } = await rig();
    const { service, instance, pid, startTicks } = victim;
    const use = { cpuMs: expect.any(Number), waitedMs: expect.any(Number) };
    await expect
      .poll(async () => await acts.cpu('web'), { timeout: 15_000 })
      .toEqual([{ service, instance, pid, startTicks, cpus: usual, ...use }]);
    await expect(acts.cpu('cache')).rejects.toThrow('service: expected one of web, got "cache".');
  });
});
