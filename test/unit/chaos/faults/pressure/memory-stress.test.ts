import { describe, expect, it } from 'vitest';
import { memoryStress } from '../../../../../src/chaos/faults/pressure/memory-stress.ts';
import { MIB } from '../../../../../src/core/acts/memory-acts.ts';
import { ms } from '../../../../../src/core/units.ts';
import { drive, planned, type Stage, stages } from '../../stage.ts';

const newStage = stages();
const stress = (service = 'orders', more: object = {}) => planned('memory-stress', { service, ...more });

async function planOf(one: Stage, service = 'planner', more: object = {}) {
  const parsed = memoryStress.parse({ service, ...more });
  if (!parsed.ok) throw new Error('the test wrote a wrong block');
  return await memoryStress.plan(parsed.spec, one.world);
}

function victimOf(one: Stage, service = 'planner') {
  const victim = one.target.instances(service)[0];
  if (victim === undefined) throw new Error(`no ${service}`);
  return victim;
}

describe('memory-stress', () => {
  it('names every wrong parameter at once', () => {
    const parsed = memoryStress.parse({ size: '128', 'accept-outage': 'no', for: '5s' });
    expect(parsed.ok ? [] : parsed.problems.map((one) => `${one.path}: ${one.expected}; ${one.got}`)).toEqual(
      [
        'for: nothing: this fault has no duration, it ends when it is done; "5s"',
        'service: the name of a service, such as orders; nothing',
        'size: whole MiB from 96MiB to 256MiB, such as 128MiB; "128"',
        'accept-outage: true or false; "no"',
      ],
    );
  });

  it('takes 96 to 256 MiB, 128 when nothing is said', () => {
    const sizeOf = (size?: unknown) => {
      const parsed = memoryStress.parse({ service: 'planner', ...(size !== undefined && { size }) });
      return parsed.ok ? parsed.spec.sizeBytes / MIB : null;
    };
    expect([sizeOf(), sizeOf('96MiB'), sizeOf(' 256 MiB '), sizeOf('200MiB')]).toEqual([128, 96, 256, 200]);
    for (const size of ['95MiB', '257MiB', '128MB', '128', 128, '1.5MiB', '-128MiB', 'MiB']) {
      expect(sizeOf(size), String(size)).toBeNull();
    }
  });

  it('is injected when the kernel reports that it killed the victim, and reports the recovery', async () => {
    const one = newStage();
    const record = await one.run(stress());
    expect(record.status).toBe('injected');
    expect(record.injection?.evidence).toBe(
      'orders-0 (pid 102) is gone; the kernel killed the victim for lack of memory (oom_kill 1): ' +
        'the limit was hit 3 times, 127 of 128 MiB are in use',
    );
    expect(record.removal?.evidence).toBe(
      'no cgroup and no hog is left; the old process is gone, 1 of 1 instances are ready',
    );
    expect(record.pod?.phases.map((one) => one.name).slice(0, 2)).toEqual([
      'stress requested to process gone',
      'process gone to successor started',
    ]);
  });

  it('kills one instance alone, also where there are several', async () => {
    const one = newStage();
    const before = one.target.instances('web');
    const record = await one.run(stress('web'));
    expect(record.status).toBe('injected');
    const after = one.target.instances('web');
    expect(after.filter((each) => before.some((other) => other.pid === each.pid))).toHaveLength(1);
  });

  it('is not injected when the kernel kills a hog in place of the victim, and puts the victim back', async () => {
    const one = newStage({ oomTakes: 'hog' });
    const before = one.target.memory.traces();
    const record = await one.run(stress());
    expect(record.status).toBe('not-injected');
    expect(record.injection?.evidence).toBe(
      'orders-0 (pid 102) still runs; the kernel killed a hog for lack of memory: the limit was hit 3 times, ' +
        '127 of 128 MiB are in use',
    );
    expect(record.removal?.evidence).toBe(
      'no cgroup and no hog is left; orders-0 (pid 102) was not killed, 1 of 1 instances are ready',
    );
    expect(one.target.memory.traces()).toEqual(before);
  });

  it('is not injected when the victim dies of something else, though it is gone', async () => {
    const one = newStage({ oomTakes: 'nobody' });
    const running = one.run(stress());
    const { pid } = victimOf(one, 'orders');
    one.target.onStep(() => {
      const now = one.target.instances('orders')[0];
      if (now?.pid === pid && one.target.memory.placed.size > 0) one.target.kill(now);
    });
    const record = await drive(one.clock, running);
    expect(record.status).toBe('not-injected');
    expect(record.injection?.evidence).toMatch(
      /^orders-0 \(pid 102\) is gone.*; the kernel killed no process for lack of memory: the limit was hit 0 times/,
    );
  });

  it('is refused, before anything happens, where no group can be made, and names what is missing', async () => {
    const one = newStage({ noMemoryGroup: 'no cgroup v1 memory controller' });
    await expect(planOf(one)).rejects.toThrow(
      /^memory-stress on planner-0 \(pid \d+\): expected a memory cgroup in which another one can be created, got no cgroup v1 memory controller\. Leave this fault out\.$/,
    );
    expect(one.target.acts).toEqual([]);
    const other = newStage({ noMemoryGroup: 'no cgroup v1 memory controller', memoryFix: 'Use kill-pod.' });
    await expect(planOf(other)).rejects.toThrow('got no cgroup v1 memory controller. Use kill-pod.');
  });

  it('is refused where the groups around have no room: their limits would hit somebody else', async () => {
    await expect(planOf(newStage({ memoryRoomMiB: 255 }))).rejects.toThrow(
      /: expected room for 256 MiB in the cgroups around it and on the machine, got 255 MiB\. Choose a smaller size\.$/,
    );
    expect(await planOf(newStage({ memoryRoomMiB: 256 }))).toMatchObject({ fault: 'memory-stress' });
    await expect(planOf(newStage({ memoryRoomMiB: 383 }), 'planner', { size: '256MiB' })).rejects.toThrow(
      'room for 384 MiB',
    );
    await expect(planOf(newStage({ memoryRoomMiB: 223 }))).rejects.toThrow(
      'got 223 MiB. It needs 224 MiB: raise the limit around it, or leave this fault out.',
    );
  });

  it('is refused beside another one', async () => {
    const one = newStage({ oomTakes: 'nobody' });
    const plan = await planOf(one);
    await memoryStress.apply(plan, one.world, ms(3000));
    await expect(planOf(one)).rejects.toThrow(
      `expected no other memory stress in place, got ${plan.act.id}. Undo what is left with: gauntlet recover`,
    );
  });

  it('lapses by itself when nobody renews it, and the victim is where it was', async () => {
    const one = newStage({ oomTakes: 'nobody' });
    const before = one.target.memory.traces();
    await memoryStress.apply(await planOf(one), one.world, ms(3000));
    expect(one.target.memory.traces()).not.toEqual(before);
    await one.clock.advance(3100);
    one.target.catchUp();
    expect(one.target.memory.traces()).toEqual(before);
  });

  it('does not call it removed while the victim is not where it was', async () => {
    const one = newStage({ oomTakes: 'nobody' });
    const plan = await planOf(one);
    await memoryStress.apply(plan, one.world, ms(3000));
    const victim = victimOf(one);
    if (plan.undo === null) throw new Error('no undo');
    expect(await memoryStress.removed(plan.undo, one.world)).toEqual({
      gone: false,
      evidence: `${plan.act.id} is still held`,
    });
    one.target.memory.move(victim, '/elsewhere');
    await memoryStress.undo(plan.undo, one.world);
    expect(await memoryStress.removed(plan.undo, one.world)).toEqual({
      gone: false,
      evidence: `planner-0 (pid ${victim.pid}) is in /elsewhere with oom_score_adj 0, before ${plan.undo.data.memory.group} with 0`,
    });
  });
});
