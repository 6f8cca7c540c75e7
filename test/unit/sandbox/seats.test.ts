import { afterEach, describe, expect, it } from 'vitest';
import type { InstanceSpec } from '../../../packages/sandbox/src/supervisor/instance.ts';
import { ReadyLog } from '../../../packages/sandbox/src/supervisor/ready-log.ts';
import { Seats } from '../../../packages/sandbox/src/supervisor/seats.ts';
import { SupervisedInstances } from '../../../packages/sandbox/src/supervisor/supervised-instances.ts';
import type { Workload } from '../../../src/core/acts/workload-acts.ts';
import { VirtualClock } from '../../fakes/virtual-clock.ts';

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** @param free seats that no process holds. */
async function setUp(count: number, free: number) {
  const clock = new VirtualClock(0);
  const ends = new Map<number, (how: string) => void>();
  const killed: string[] = [];
  let pid = 100;
  const supervised = new SupervisedInstances({
    clock,
    broken: (error) => {
      throw error;
    },
    launch: async () => {
      pid += 1;
      const own = pid;
      const ended = new Promise<string>((resolve) => ends.set(own, resolve));
      return { identity: { pid: own, startTicks: String(own) }, ended };
    },
  });
  stops.push(() => supervised.stop());
  const spec = (seat: number): InstanceSpec => ({
    ...{ service: 'web', instance: `web-${seat}`, argv: ['web'], log: '/log', cwd: '/' },
    ready: async () => true,
  });
  const all = Array.from({ length: count + free }, (_, index) => spec(index + 1));
  const log = new ReadyLog(() => supervised.instances, clock);
  supervised.onChange(({ spec: { service } }) => log.changed(service));
  const stopped = new AbortController();
  stops.push(() => stopped.abort());
  const seats = new Seats({
    ...{ clock, stopped: stopped.signal, identity: 'sandbox' },
    instances: () => supervised.instances,
    spares: () =>
      all.filter(
        (one) =>
          !supervised.instances.some(
            (held) => held.spec.instance === one.instance && (!held.isClosed || held.victim !== undefined),
          ),
      ),
    start: (specs) => supervised.start(specs),
    kill: (victim, signal) => {
      killed.push(`${victim} ${signal}`);
      ends.get(victim)?.(signal);
    },
  });
  supervised.start(all.slice(0, count));
  await clock.advance(200);
  const workload = seats.list('web')[0] as Workload;
  const ready = (): readonly number[] => log.since('web', 1).changes.map((one) => one.ready);
  const pids = (): readonly (number | undefined)[] =>
    supervised.instances.filter((one) => !one.isClosed).map((one) => one.victim?.pid);
  return { clock, seats, workload, ready, killed, pids };
}

describe('a restart of the seats of a service', () => {
  it('goes one by one on the same seats where none is free: one is missing at a time', async () => {
    const { clock, seats, workload, ready, killed, pids } = await setUp(2, 0);
    expect(seats.roll(workload, 'mark')).toBe('sent');
    await clock.advance(10_000);
    expect(killed).toEqual(['101 SIGTERM', '102 SIGTERM']);
    expect(pids()).toEqual([103, 104]);
    expect(Math.min(...ready().slice(2))).toBe(1);
    expect(seats.read(workload)).toMatchObject({ replicas: 2, mark: 'mark', updated: 2, isSettled: true });
  });

  it('starts a successor on a free seat first: no fewer are ready at any time', async () => {
    const { clock, seats, workload, ready, pids } = await setUp(3, 1);
    expect(seats.read(workload)?.mostMissing).toBe(0);
    seats.roll(workload, 'mark');
    await clock.advance(10_000);
    expect(pids()).toEqual([104, 105, 106]);
    expect(Math.min(...ready().slice(2))).toBe(3);
    expect(seats.read(workload)).toMatchObject({ replicas: 3, updated: 3, isSettled: true });
  });

  it('wants the same number all the while, so that a scale in between is seen as a change', async () => {
    const { clock, seats, workload } = await setUp(3, 1);
    seats.roll(workload, 'mark');
    await clock.advance(150);
    expect(seats.read(workload)).toMatchObject({ replicas: 3, isSettled: false });
    expect(seats.scale(workload, 4, 2)).toBe('changed');
  });
});

describe('the number of seats', () => {
  it('is raised to free seats and lowered again, compared with what was read', async () => {
    const { clock, seats, workload, killed, pids } = await setUp(2, 2);
    expect(seats.scale(workload, 2, 4)).toBe('set');
    await clock.advance(1000);
    expect(pids()).toEqual([101, 102, 103, 104]);
    expect(seats.scale(workload, 2, 3)).toBe('changed');
    expect(seats.scale(workload, 4, 2)).toBe('set');
    await clock.advance(5000);
    expect(killed).toEqual(['103 SIGTERM', '104 SIGTERM']);
    expect(pids()).toEqual([101, 102]);
  });

  it('is refused above the seats that there are', async () => {
    const { seats, workload } = await setUp(2, 1);
    expect(() => seats.scale(workload, 2, 5)).toThrow('web has 3 seats in this sandbox, and no more');
  });

  it('is not that of another sandbox of the same name', async () => {
    const { seats, workload } = await setUp(1, 1);
    expect(seats.scale({ ...workload, uid: 'earlier web' }, 1, 2)).toBe('gone');
    expect(seats.read({ ...workload, uid: 'earlier web' })).toBeNull();
  });
});
