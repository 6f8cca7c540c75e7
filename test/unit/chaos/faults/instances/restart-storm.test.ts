import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../../../src/chaos/fault.ts';
import { restartStorm } from '../../../../../src/chaos/faults/instances/restart-storm.ts';
import { ms } from '../../../../../src/core/units.ts';
import { planned, type Stage, stages } from '../../stage.ts';

const newStage = stages();
const storm = (more: object = {}, service = 'orders') =>
  planned('restart-storm', { service, for: '6s', ...more });
const kills = (one: Stage): number => one.target.acts.filter((act) => act === 'SIGKILL').length;

describe('restart-storm', () => {
  it('names every wrong parameter at once', () => {
    const parsed = restartStorm.parse({ mode: 'two', times: 1, 'accept-outage': 'no' });
    expect(parsed.ok ? [] : parsed.problems.map((one) => `${one.path}: ${one.expected}; ${one.got}`)).toEqual(
      [
        'service: the name of a service, such as orders; nothing',
        'mode: one, all, or a share greater than 0% such as 50% (rounded up); "two"',
        'times: a whole number of at least 2; 1',
        'accept-outage: true or false; "no"',
        'for: a duration with a unit (us, ms, s, m, h), such as 500ms or 8s, greater than 0; nothing',
      ],
    );
    expect(restartStorm.parse({ service: 'planner', times: '3', for: '5s' })).toMatchObject({
      ok: true,
      spec: { times: 3 },
    });
  });

  it('kills each successor once it is ready, for as long as it is held', async () => {
    const one = newStage();
    const record = await one.run(storm());
    expect(record.status).toBe('injected');
    expect(record.injection?.evidence).toMatch(
      /^orders-0 \(pid 102\) is gone; its successor orders-0 \(pid \d+\) is gone too$/,
    );
    // A successor is ready after 0.8 s and is looked for once a second.
    expect(kills(one)).toBeGreaterThanOrEqual(6);
    expect(kills(one)).toBeLessThanOrEqual(9);
    const lives = one.target.lives('orders');
    expect(record.removal?.evidence).toBe(`${kills(one)} lives ended, 1 of 1 instances are ready`);
    expect(record.removedAt).toBeGreaterThanOrEqual(lives.at(-1)?.readyAt ?? Number.NaN);
    await one.clock.advance(5000);
    expect(one.target.instances('orders')[0]?.ready).toBe(true);
    expect(one.target.lives('orders')).toEqual(lives);
  });

  it('never kills a successor that is not ready yet', async () => {
    const one = newStage();
    await one.run(storm());
    for (const life of one.target.lives('orders').filter((each) => each.endedAt !== null)) {
      expect(life.endedAt).toBeGreaterThanOrEqual(life.readyAt ?? Number.NaN);
    }
  });

  it('stops after so many kills as were asked for', async () => {
    const one = newStage();
    const record = await one.run(storm({ times: 3 }));
    expect(record.status).toBe('injected');
    expect(kills(one)).toBe(3);
    expect(record.removal?.evidence).toBe('3 lives ended, 1 of 1 instances are ready');
  });

  it('spares the replicas that were there, and those only', async () => {
    const one = newStage();
    const before = one.target.instances('web');
    const record = await one.run(storm({}, 'web'));
    const after = one.target.instances('web');
    expect(record.status).toBe('injected');
    expect(after.filter((each) => before.some((other) => other.pid === each.pid))).toHaveLength(1);
    expect(kills(one)).toBeGreaterThanOrEqual(6);
  });

  it('is not injected when no successor is ready in time: one kill is no storm', async () => {
    const one = newStage({ readyMs: 8000 });
    const record = await one.run(storm());
    expect(record.status).toBe('not-injected');
    expect(record.injection?.evidence).toBe(
      'orders-0 (pid 102) is gone; no successor of it was ready and killed yet',
    );
    expect(kills(one)).toBe(1);
  });

  it('kills no instance after its end, also when it is interrupted during a slow listing', async () => {
    const one = newStage();
    const stop = new AbortController();
    const slow: typeof restartStorm = {
      ...restartStorm,
      async renew(plan, world, ttl) {
        const isSeen = one.events.some((event) => event.kind === 'fault-injected');
        if (isSeen && !stop.signal.aborted) {
          stop.abort(new Error('SIGINT'));
          // Long enough for the last successor to be ready, so that a late signal would hit an instance.
          await one.clock.sleep(ms(1500));
        }
        return restartStorm.renew(plan, world, ttl);
      },
    };
    const record = await one.run(storm(), { signal: stop.signal, faults: [slow as Fault] });
    expect(record.status).toBe('injected');
    const ended = kills(one);
    await one.clock.advance(5000);
    one.target.catchUp();
    expect(kills(one)).toBe(ended);
    expect(one.target.instances('orders')[0]?.ready).toBe(true);
  });
});
