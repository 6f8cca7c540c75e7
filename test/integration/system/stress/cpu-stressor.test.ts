/** With real processes and the real scheduler calls: what the kernel does cannot be faked. Needs what the fault needs. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as settle } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { stressControl } from '../../../../packages/sandbox/src/supervisor/stress-control.ts';
import type { Stress } from '../../../../src/core/acts/stress-acts.ts';
import { ms } from '../../../../src/core/units.ts';
import { isAlive } from '../../../../src/system/proc.ts';
import { gatedLaunch } from '../../../../src/system/processes/launch.ts';
import type { ProcessIdentity } from '../../../../src/system/sandbox/state.ts';
import { cpusOf, moveThreads, tasksetVersion } from '../../../../src/system/stress/cpu-affinity.ts';
import { CpuStressor } from '../../../../src/system/stress/cpu-stressor.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';
import { signalProcess } from '../../../support/signal-process.ts';
import { endSleepers, sleeper } from '../../sandbox/processes.ts';

const canRun = availableParallelism() > 1 && (await tasksetVersion()) !== undefined;
/** Stands in for the compiled program: writes down what it hears, and lives until its stdin ends. */
const SPINNER = `const { appendFileSync } = require('node:fs');
process.stdin.on('data', (chunk) => appendFileSync(__dirname + '/heard', chunk)).on('end', () => process.exit());`;

const undone: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const undo of undone.splice(0)) await undo();
  endSleepers();
});

function rig(over: Partial<Stress> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'gauntlet-stress-'));
  const spinner = join(folder, 'spinner.cjs');
  writeFileSync(spinner, SPINNER);
  const clock = new VirtualClock(0);
  const stop = new AbortController();
  const victim = { service: 'hive', instance: 'hive-1', ...sleeper() };
  const registered: ProcessIdentity[] = [];
  const stressor = new CpuStressor({
    victims: () => [victim],
    launch: gatedLaunch(async (identity) => void registered.push(identity)),
    spinner,
    log: join(folder, 'spinner.log'),
    cwd: folder,
    clock,
    stopped: stop.signal,
  });
  const usual = cpusOf(victim.pid) ?? '';
  const cpu = Number(/(\d+)$/.exec(usual)?.[1]);
  const stress: Stress = {
    id: 'one',
    cpu,
    victims: [{ victim, cpus: usual }],
    workers: 2,
    ttlMs: 3000,
    ...over,
  };
  undone.push(async () => {
    await stressor.end(stress);
    stop.abort(new Error('over'));
    rmSync(folder, { recursive: true, force: true });
  });
  const living = () => registered.filter((one) => isAlive(one.pid, one.startTicks));
  return {
    stressor,
    clock,
    victim,
    registered,
    usual,
    cpu: String(cpu),
    stress,
    living,
    heard: join(folder, 'heard'),
  };
}

describe.runIf(canRun)('the CPU stressor', () => {
  it('puts the victim and registered spinners on one CPU, and takes both back', async () => {
    const { stressor, victim, registered, usual, cpu, stress, living } = rig();
    await stressor.begin(stress);
    expect(cpusOf(victim.pid)).toBe(cpu);
    expect(await stressor.list()).toMatchObject([{ id: 'one', cpu: Number(cpu), spinners: 2 }]);
    expect(registered).toHaveLength(2);
    expect(living()).toHaveLength(2);
    await stressor.end(stress);
    expect(cpusOf(victim.pid)).toBe(usual);
    expect(living()).toEqual([]);
    expect(await stressor.list()).toEqual([]);
    await stressor.end(stress);
    expect(cpusOf(victim.pid)).toBe(usual);
  });

  it('ends a stress by itself when it is not renewed within its ttl, and not before', async () => {
    const { stressor, clock, victim, usual, cpu, stress, living } = rig();
    await stressor.begin(stress);
    await clock.advance(2000);
    expect(await stressor.renew('one', ms(3000))).toBe(true);
    await clock.advance(2900);
    expect(cpusOf(victim.pid)).toBe(cpu);
    await clock.advance(200);
    while ((await stressor.list()).length > 0) await settle(5);
    expect(cpusOf(victim.pid)).toBe(usual);
    expect(living()).toEqual([]);
    expect(await stressor.renew('one', ms(3000))).toBe(false);
  });

  it('hands a renewal on to each spinner, as the ms that it has from then on', async () => {
    const { stressor, stress, heard } = rig({ workers: 1 });
    await stressor.begin(stress);
    expect(await stressor.renew('one', ms(2500))).toBe(true);
    // It is there before there is anything in it.
    while (!existsSync(heard) || readFileSync(heard, 'utf8') === '') await settle(5);
    expect(readFileSync(heard, 'utf8')).toBe('2500\n');
  });

  it('does not renew what is not wholly in place: a spinner ended, or the victim was moved', async () => {
    const first = rig();
    await first.stressor.begin(first.stress);
    const [spinner] = first.registered;
    signalProcess(spinner?.pid ?? 0, 'SIGKILL');
    while (first.living().length > 1) await settle(2);
    expect(await first.stressor.renew('one', ms(3000))).toBe(false);
    const second = rig();
    await second.stressor.begin(second.stress);
    const elsewhere = /^\d+/.exec(second.usual)?.[0] ?? '';
    await moveThreads(second.victim.pid, second.cpu, elsewhere);
    expect(await second.stressor.renew('one', ms(3000))).toBe(false);
    // The choice of another party stays.
    await second.stressor.end(second.stress);
    expect(cpusOf(second.victim.pid)).toBe(elsewhere);
  });

  it('leaves a process alone that has the pid and not the start time of the victim', async () => {
    const { stressor, victim, cpu, usual, stress } = rig();
    const other = { ...victim, startTicks: '1' };
    const wrong = { ...stress, victims: [{ victim: other, cpus: usual }] };
    await expect(stressor.begin(wrong)).rejects.toThrow('one: cannot start: hive-1 has exited.');
    await moveThreads(victim.pid, usual, cpu);
    await stressor.end(wrong);
    expect(cpusOf(victim.pid)).toBe(cpu);
  });

  it('does not begin what was ended before: the undo of a dead caller may overtake its act', async () => {
    const { stressor, registered, victim, usual, stress } = rig();
    await stressor.end(stress);
    await expect(stressor.begin(stress)).rejects.toThrow('one: cannot start: it was undone already.');
    expect(registered).toEqual([]);
    expect(cpusOf(victim.pid)).toBe(usual);
  });

  it('completes a start in progress before it ends the stress, for every caller', async () => {
    const { stressor, victim, usual, stress, living, registered } = rig();
    const beginning = stressor.begin(stress);
    await stressor.end(stress);
    await beginning;
    expect(registered).toHaveLength(2);
    expect(living()).toEqual([]);
    expect(cpusOf(victim.pid)).toBe(usual);
  });

  it('reports the CPU times of the instances of one service', async () => {
    const { stressor, victim, usual } = rig();
    const now = async () => (await stressor.cpu('hive'))[0];
    while (((await now())?.cpuMs ?? 0) === 0) await settle(2);
    const [use, ...others] = await stressor.cpu('hive');
    expect(use).toMatchObject({ instance: 'hive-1', pid: victim.pid, cpus: usual });
    expect(use?.waitedMs).toBeGreaterThanOrEqual(0);
    expect(others).toEqual([]);
    expect(await stressor.cpu('gateway')).toEqual([]);
  });

  it('says by which means, and what is missing where it cannot', async () => {
    const { stressor } = rig();
    expect(await stressor.means()).toEqual({
      kind: 'affinity',
      tool: expect.stringMatching(/^taskset from/),
    });
    const path = process.env['PATH'];
    process.env['PATH'] = '/nowhere';
    try {
      expect(await stressor.means()).toEqual({ kind: 'none', why: 'no taskset (util-linux) on the PATH' });
    } finally {
      process.env['PATH'] = path;
    }
  });

  it('refuses over its socket what would not be a stress', async () => {
    const { stressor, stress } = rig();
    const handle = stressControl(stressor);
    const put = (body: unknown) => handle({ method: 'PUT', path: '/stress', body });
    for (const [workers, ttlMs] of [
      [0, 3000],
      [9, 3000],
      [2, 0],
    ]) {
      await expect(put({ ...stress, workers, ttlMs })).rejects.toThrow(
        `stress: expected 1 to 8 workers and a ttl above 0, got {"workers":${workers},"ttlMs":${ttlMs}}.`,
      );
    }
    expect(await handle({ method: 'GET', path: '/stress/list', body: undefined })).toEqual([]);
    expect(await handle({ method: 'GET', path: '/stress/nothing', body: undefined })).toBeUndefined();
  });
});
