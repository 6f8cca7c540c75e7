/** Acts on processes that Gauntlet did not start, opened from data alone as a keeper and `recover` do. */
import { type ChildProcess, spawn } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import type { ProcessService } from '../../../../src/core/acts/processes-handle.ts';
import type { ProcessVictim } from '../../../../src/core/topology.ts';
import { thisPlace } from '../../../../src/system/holder.ts';
import { isAlive, isStopped, processStat } from '../../../../src/system/proc.ts';
import { openPlatform } from '../../../../src/targets/open-platform.ts';

const started: ChildProcess[] = [];
const opened: { close?(): void }[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.close?.();
  for (const one of started.splice(0)) one.kill('SIGKILL');
});

let count = 0;

/** A process with a word of its own in its command line. */
function service(restart: ProcessService['restart'] = null) {
  count += 1;
  const word = `acts-${process.pid}-${count}`;
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => undefined, 120000)', word], {
    stdio: 'ignore',
  });
  started.push(child);
  const pid = child.pid ?? 0;
  const victim: ProcessVictim = {
    ...{ service: 'web', instance: 'web-1', pid },
    startTicks: processStat(pid)?.startTicks ?? '',
  };
  const open = async (boot = thisPlace().boot) => {
    const services = { web: { command: word, restart } };
    const platform = await openPlatform({
      ...{ platform: 'processes', identity: `none:${word}`, addresses: { brokers: [] } },
      processes: { boot, services },
    });
    opened.push(platform);
    const { instances, guard } = platform;
    if (instances?.pausing === undefined || guard === undefined) throw new Error('acts are missing');
    return { instances, pausing: instances.pausing, guard };
  };
  return { open, victim, stopped: () => isStopped(pid, victim.startTicks) };
}

describe('acts on processes', () => {
  it('find a process by its identity, and its end', async () => {
    const { open, victim } = service();
    const { instances } = await open();
    const seen = async () => await instances.list('web');
    await expect.poll(seen, { timeout: 15_000 }).toEqual([expect.objectContaining(victim)]);
    expect(await instances.signal(victim, 'SIGKILL')).toBe('sent');
    await expect.poll(seen, { timeout: 15_000 }).toEqual([]);
    const [life] = await instances.lives('web');
    expect(life).toMatchObject({ ...victim, endedAt: expect.any(Number) });
    expect(await instances.signal(victim, 'SIGKILL')).toBe('gone');
  });

  it('undo a pause in another process, and twice is as once', async () => {
    const { open, victim, stopped } = service();
    expect(await (await open()).pausing.stop(victim)).toBe('sent');
    await expect.poll(stopped, { timeout: 15_000 }).toBe(true);
    const other = await open();
    expect((await other.instances.list('web'))[0]).toMatchObject({ stopped: true, ready: false });
    expect(await other.pausing.resume(victim)).toBe('sent');
    await expect.poll(stopped, { timeout: 15_000 }).toBe(false);
    expect(await other.pausing.resume(victim)).toBe('sent');
    expect(stopped()).toBe(false);
  });

  it('touch no other process that has the pid, and none of another boot', async () => {
    const { open, victim, stopped } = service();
    const other = { ...victim, startTicks: '1' };
    const [here, later] = [await open(), await open('another')];
    for (const [acts, one] of [
      [here, other],
      [later, victim],
    ] as const) {
      expect(await acts.pausing.stop(one)).toBe('gone');
      expect(await acts.pausing.resume(one)).toBe('gone');
      expect(await acts.instances.signal(one, 'SIGKILL')).toBe('gone');
    }
    expect(await later.instances.list()).toEqual([]);
    expect([isAlive(victim.pid, victim.startTicks), stopped()]).toEqual([true, false]);
  });

  it('say what starts a victim again, or how to say it', async () => {
    const of = async (restart: ProcessService['restart']) => {
      const { open, victim } = service(restart);
      return await (await open()).instances.successors?.of([victim]);
    };
    expect(await of('supervisor')).toEqual([{ kind: 'comes', by: 'its supervisor' }]);
    expect(await of({ command: 'systemctl restart web' })).toEqual([
      { kind: 'comes', by: 'the command systemctl restart web' },
    ]);
    expect(await of(null)).toEqual([
      {
        ...{ kind: 'none', why: 'nothing is known to start it again' },
        fix: 'Say what starts it again in the target file: restart: supervisor, or restart: "the command".',
      },
    ]);
  });

  it('are not refused on a process of the same user', async () => {
    const { open, victim } = service();
    const { guard } = await open();
    expect(await guard.refusals([victim], ['instances.signal', 'instances.stop', 'stress.begin'])).toEqual(
      [],
    );
  });
});
