import { describe, expect, it } from 'vitest';
import { pausePod } from '../../../../../src/chaos/faults/instances/pause-pod.ts';
import { ms } from '../../../../../src/core/units.ts';
import { drive, planned, type Stage, stages } from '../../stage.ts';

const newStage = stages();
const pause = (service: string, more: object = {}) => planned('pause-pod', { service, for: '1s', ...more });
const planOf = async (one: Stage, service: string, more: object = {}) => {
  const parsed = pausePod.parse({ service, for: '1s', ...more });
  if (!parsed.ok) throw new Error('the test wrote a wrong block');
  return pausePod.plan(parsed.spec, one.world);
};

describe('pause-pod', () => {
  it('names every wrong parameter at once', () => {
    const parsed = pausePod.parse({ servce: 'web', mode: 'two', 'accept-outage': 'maybe' });
    expect(parsed.ok ? [] : parsed.problems.map((one) => `${one.path}: ${one.expected}; ${one.got}`)).toEqual(
      [
        'servce: one of service, mode, accept-outage, for; "servce"',
        'service: the name of a service, such as orders; nothing',
        'mode: one, all, or a share greater than 0% such as 50% (rounded up); "two"',
        'accept-outage: true or false; "maybe"',
        'for: a duration with a unit (us, ms, s, m, h), such as 500ms or 8s, greater than 0; nothing',
      ],
    );
  });

  it('is seen when both connections stall on a process that still exists, and ends with the same process', async () => {
    const one = newStage();
    const before = one.target.instances('orders');
    const record = await one.run(pause('orders'));
    expect(record).toMatchObject({
      status: 'injected',
      injection: {
        held: 'stalled after 400 ms',
        fresh: 'stalled after 400 ms',
        evidence: 'orders-0 (pid 102) is stopped and still exists',
      },
      removal: { evidence: 'orders-0 (pid 102) runs, 1 of 1 instances are ready' },
    });
    expect(one.target.instances('orders')).toEqual(before);
    expect(one.target.acts).toContain('SIGCONT');
  });

  it('is not injected when the signal is accepted and stops nobody', async () => {
    const record = await newStage({ unstoppable: true }).run(pause('orders'));
    expect(record.status).toBe('not-injected');
    expect(record.injection?.evidence).toBe('orders-0 (pid 102) is not stopped');
  });

  it('is proven by the kernel alone where no probe reaches, and says so', async () => {
    const record = await newStage().run(pause('planner'));
    expect(record.injection).toMatchObject({
      held: 'no probe',
      evidence: 'planner-0 (pid 104) is stopped and still exists; no probe reaches this service',
    });
  });

  it('lets other replicas continue to serve, and refuses to stop all of them unless the outage is declared', async () => {
    const one = newStage();
    const record = await one.run(pause('web'));
    expect(record.injection?.evidence).toMatch(
      / is stopped and still exists, other replicas continue to serve$/,
    );
    await expect(newStage().run(pause('web', { mode: 'all' }))).rejects.toThrow(
      'pause-pod on web: expected at least one of 2 replicas left ready, got 0 ready after removing 2. ' +
        'Take fewer, or declare the outage with accept-outage: true.',
    );
    const outage = await newStage().run(pause('web', { mode: 'all', 'accept-outage': true }));
    expect(outage.status).toBe('injected');
  });

  it('waits for the readiness that a long pause has cost', async () => {
    const one = newStage();
    const record = await one.run(pause('orders', { for: '4s' }));
    expect(record.status).toBe('injected');
    expect((record.removedAt ?? 0) - (record.injectedAt ?? 0)).toBeGreaterThanOrEqual(4200);
  });

  it('never signals the successor of a victim that died meanwhile', async () => {
    const one = newStage();
    const plan = await planOf(one, 'orders');
    await pausePod.apply(plan, one.world, ms(3000));
    const victim = one.target.instances('orders')[0];
    if (victim === undefined || plan.undo === null) throw new Error('nobody was paused');
    await one.world.platform.instances?.signal(victim, 'SIGKILL');
    await one.clock.advance(300);
    await pausePod.undo(plan.undo, one.world);
    expect(one.target.acts).toEqual(['SIGSTOP', 'SIGKILL']);
    expect(await pausePod.removed(plan.undo, one.world)).toEqual({
      gone: false,
      evidence: '0 of 1 instances of orders are ready',
    });
    await one.clock.advance(600);
    expect(await pausePod.removed(plan.undo, one.world)).toEqual({
      gone: true,
      evidence: 'the victim is gone for another reason, 1 of 1 instances are ready',
    });
  });

  it('reports that it did not last when another party continues the victim', async () => {
    const one = newStage();
    const running = one.run(pause('orders', { for: '8s' }));
    one.target.onStep(() => {
      const victim = one.target.instances('orders')[0];
      const isLate = one.events.some((event) => event.kind === 'fault-injected');
      if (isLate && victim?.stopped === true) void one.world.platform.instances?.pausing?.resume(victim);
    });
    const record = await running;
    expect(record).toMatchObject({
      status: 'injected',
      cutShort: 'the fault is not in place any more: it was not renewed in time, or another client ended it',
    });
  });

  it('leaves processes alone that another party has stopped, and those whose state is unknown', async () => {
    const one = newStage();
    const [first] = one.target.instances('web');
    if (first === undefined) throw new Error('no web');
    await one.world.platform.instances?.pausing?.stop(first);
    const plan = await planOf(one, 'web', { mode: 'all' });
    expect(plan.victims).toEqual(['web-1 (pid 101)']);
    const [planner] = one.target.instances('planner');
    if (planner === undefined) throw new Error('no planner');
    await one.world.platform.instances?.pausing?.stop(planner);
    await expect(planOf(one, 'planner')).rejects.toThrow(
      'pause-pod: expected an instance that is running, not stopped, ' +
        'got planner-0 (pid 104), stopped already. Undo what is left with: gauntlet recover',
    );
    const { instances } = one.world.platform;
    if (instances === undefined) throw new Error('no instances');
    const list = async (service?: string) =>
      (await instances.list(service)).map(({ stopped: _unknown, ...rest }) => rest);
    const world = { ...one.world, platform: { ...one.world.platform, instances: { ...instances, list } } };
    const planning = drive(one.clock, planOf({ ...one, world }, 'web'));
    await expect(planning).rejects.toThrow(
      'pause-pod: expected an instance that is running, not stopped, got platform kubernetes, ' +
        'which cannot report whether a process is stopped. Leave this fault out.',
    );
  });
});
