import { describe, expect, it } from 'vitest';
import { cpuStress } from '../../../../../src/chaos/faults/pressure/cpu-stress.ts';
import { cpuNumbers } from '../../../../../src/chaos/faults/pressure/stress-cpu.ts';
import { ms } from '../../../../../src/core/units.ts';
import { drive, OPEN_POLICY, planned, type Stage, stages } from '../../stage.ts';

const newStage = stages();
const stress = (service: string, more: object = {}) => planned('cpu-stress', { service, for: '1s', ...more });
const planOf = async (one: Stage, service: string, more: object = {}) => {
  const parsed = cpuStress.parse({ service, for: '1s', ...more });
  if (!parsed.ok) throw new Error('the test wrote a wrong block');
  return cpuStress.plan(parsed.spec, one.world);
};
const cpusOf = async (one: Stage, service: string) =>
  (await one.target.stress.acts.cpu(service)).map((use) => use.cpus);

describe('cpu-stress', () => {
  it('names every wrong parameter at once', () => {
    const parsed = cpuStress.parse({ servce: 'web', mode: 'two', workers: 9 });
    expect(parsed.ok ? [] : parsed.problems.map((one) => `${one.path}: ${one.expected}; ${one.got}`)).toEqual(
      [
        'servce: one of service, workers, mode, container, for; "servce"',
        'service: the name of a service, such as orders; nothing',
        'workers: a whole number from 1 to 8; 9',
        'mode: one, all, or a share greater than 0% such as 50% (rounded up); "two"',
        'for: a duration with a unit (us, ms, s, m, h), such as 500ms or 8s, greater than 0; nothing',
      ],
    );
  });

  it('takes the number of workers from a command line too, and no half ones', () => {
    const read = (workers: unknown) => cpuStress.parse({ service: 'web', for: '1s', workers });
    expect(read('3')).toMatchObject({ ok: true, spec: { workers: 3 } });
    for (const wrong of [0, 1.5, '2.5', -1, true]) expect(read(wrong).ok, String(wrong)).toBe(false);
  });

  it('is seen when the victim waits as predicted while probes are alive, and says by which means', async () => {
    const one = newStage();
    const record = await one.run(stress('orders'));
    expect(record).toMatchObject({
      status: 'injected',
      victim: 'orders-0 (pid 102)',
      injection: { held: 'ok after 1.00 ms', fresh: 'ok after 1.00 ms' },
      removal: { evidence: 'no spinner is left; orders-0 (pid 102) may use CPUs 0-1 as before' },
    });
    expect(record.injection?.evidence).toMatch(
      /^2 spinners on CPU 1 \(affinity\) used \d+ ms of it; orders-0 \(pid 102\) waited [\d.]+ ms for [\d.]+ ms of work, 2\.1 ms per ms \(before 0\.1, predicted 2 more, seen from 1\.1\); probes are alive$/,
    );
    expect(record.timers[0]).toBe(
      'By affinity (taskset from util-linux 2.38): victims and 2 spinners share CPU 1, all with one weight.',
    );
  });

  it('names its victims to the platform, which may refuse them', async () => {
    const { impact } = await planOf(newStage(), 'orders');
    expect(impact.instances).toEqual([expect.objectContaining({ instance: 'orders-0', pid: 102 })]);
  });

  it('is not injected on an idle victim, with what it used as the evidence', async () => {
    const record = await newStage({ idle: ['planner'] }).run(stress('planner'));
    expect(record.status).toBe('not-injected');
    expect(record.injection?.evidence).toMatch(
      /^2 spinners on CPU 1 \(affinity\) used [\d.]+ s of it; planner-0 \(pid 104\) is idle \(used 0\.00 ms of CPU in [\d.]+ s\), so no effect can be measured$/,
    );
  });

  it('is not injected when everything is in place and the victim waits no longer than before', async () => {
    const record = await newStage({ unsqueezable: true }).run(stress('web'));
    expect(record.status).toBe('not-injected');
    expect(record.injection?.evidence).toContain(
      '0.1 ms per ms (before 0.1, predicted 2 more, seen from 1.1)',
    );
  });

  it('is not a slow victim when its probes are dead', async () => {
    const one = newStage();
    one.target.onStep(() => {
      if (one.target.acts.length > 0) one.feed.break('orders');
    });
    const record = await one.run(stress('orders'), { removalTimeoutMs: ms(500) });
    expect(record.injection?.evidence).toMatch(/; expected probes that are slower at most, but alive$/);
    // The fault is removed, but the recovery of the service is unknown.
    expect(record.status).toBe('residue');
  });

  it('is proven by the kernel alone where no probe reaches, and says so', async () => {
    const record = await newStage().run(stress('planner'));
    expect(record.injection).toMatchObject({ held: 'no probe', fresh: 'no probe' });
    expect(record.injection?.evidence).toMatch(/; no probe reaches this service$/);
  });

  it('squeezes all instances onto one CPU when the mode says so, and every one must show it', async () => {
    const one = newStage();
    const record = await one.run(stress('web', { mode: 'all', workers: 3 }));
    expect(record.status).toBe('injected');
    expect(record.injection?.evidence.match(/predicted 3 more/g)).toHaveLength(2);
    expect(one.target.acts[0]).toMatch(/^stress web-[01] web-[01]$/);
    expect(await cpusOf(one, 'web')).toEqual(['0-1', '0-1']);
  });

  it('lets the guards know the service and the instance', async () => {
    for (const name of ['orders', 'orders-0']) {
      const policy = { ...OPEN_POLICY, protected: [name] };
      const run = newStage().run(stress('orders'), { policy });
      await expect(run).rejects.toThrow(
        `cpu-stress on orders-0 (pid 102): expected a victim that is not protected, got ${name}, which policy.protected lists.`,
      );
    }
  });

  it('refuses a platform without means, one CPU alone, and a stress that is there already', async () => {
    const stressMeans = { kind: 'none', why: 'no taskset (util-linux) on the PATH' } as const;
    await expect(planOf(newStage({ stressMeans }), 'web')).rejects.toThrow(
      'cpu-stress: expected a way to share a CPU, got no taskset (util-linux) on the PATH. Leave this fault out.',
    );
    await expect(planOf(newStage({ cpus: '0' }), 'planner')).rejects.toThrow(
      'cpu-stress on planner-0 (pid 104): expected a process whose threads may all use the same two CPUs or more, ' +
        'got CPU 0 alone. On one CPU the load generator would be slowed too.',
    );
    const one = newStage();
    const plan = await planOf(one, 'planner');
    await cpuStress.apply(plan, one.world, ms(3000));
    await expect(planOf(one, 'web')).rejects.toThrow(
      `cpu-stress: expected no other stress in place, got ${plan.act.id}. Undo what is left with: gauntlet recover`,
    );
  });

  it('refuses victims without a CPU in common', async () => {
    const one = newStage();
    const [first, second] = one.target.instances('web');
    if (first === undefined || second === undefined) throw new Error('no webs');
    one.target.stress.move(first, '0-1');
    one.target.stress.move(second, '2,3');
    await expect(planOf(one, 'web', { mode: 'all' })).rejects.toThrow(
      /^cpu-stress: expected victims with a CPU in common, got web-[01]: .*, web-[01]: .*\.$/,
    );
  });

  it('lapses by itself when nobody renews it', async () => {
    const one = newStage();
    const plan = await planOf(one, 'planner');
    await cpuStress.apply(plan, one.world, ms(3000));
    expect(await cpusOf(one, 'planner')).toEqual(['1']);
    await one.clock.advance(3100);
    expect(await cpusOf(one, 'planner')).toEqual(['0-1']);
    expect(await cpuStress.renew(plan, one.world, ms(3000))).toBe(false);
  });

  it('leaves the successor of a victim that died alone', async () => {
    const one = newStage();
    const plan = await planOf(one, 'planner');
    await cpuStress.apply(plan, one.world, ms(3000));
    const victim = one.target.instances('planner')[0];
    if (victim === undefined || plan.undo === null) throw new Error('nobody was squeezed');
    await one.world.platform.instances?.signal(victim, 'SIGKILL');
    await one.clock.advance(1000);
    one.target.catchUp();
    const successor = one.target.instances('planner')[0];
    if (successor === undefined) throw new Error('no successor');
    // The same CPU as ours, but set by another party.
    one.target.stress.move(successor, '1');
    expect(await cpuStress.renew(plan, one.world, ms(3000))).toBe(false);
    await cpuStress.undo(plan.undo, one.world);
    expect(await cpusOf(one, 'planner')).toEqual(['1']);
    expect(await cpuStress.removed(plan.undo, one.world)).toEqual({
      gone: true,
      evidence: 'no spinner is left; the victim is gone for another reason',
    });
  });

  it('does not overwrite what somebody else did to the victim meanwhile, and says what is there', async () => {
    const one = newStage();
    const plan = await planOf(one, 'planner');
    await cpuStress.apply(plan, one.world, ms(3000));
    const victim = one.target.instances('planner')[0];
    if (victim === undefined || plan.undo === null) throw new Error('nobody was squeezed');
    one.target.stress.move(victim, '0');
    await cpuStress.undo(plan.undo, one.world);
    expect(await cpusOf(one, 'planner')).toEqual(['0']);
    expect(await cpuStress.removed(plan.undo, one.world)).toEqual({
      gone: false,
      evidence: 'planner-0 (pid 104) may use CPUs 0, before 0-1',
    });
  });

  it('says that it did not last when somebody moves the victim away', async () => {
    const one = newStage();
    const running = one.run(stress('planner', { for: '8s' }), { removalTimeoutMs: ms(500) });
    const [victim] = one.target.instances('planner');
    if (victim === undefined) throw new Error('no planner');
    one.target.onStep(() => {
      const isSeen = one.events.some((event) => event.kind === 'fault-injected');
      if (isSeen) one.target.stress.move(victim, '0-1');
    });
    const record = await drive(one.clock, running);
    expect(record).toMatchObject({
      status: 'injected',
      cutShort: 'the fault is not in place any more: it was not renewed in time, or another client ended it',
    });
  });
});

describe('a list of CPUs', () => {
  it('is read as the kernel writes it', () => {
    expect(cpuNumbers('0-2,5,7-8')).toEqual([0, 1, 2, 5, 7, 8]);
    expect(cpuNumbers('3')).toEqual([3]);
    expect(cpuNumbers('')).toEqual([]);
  });
});
