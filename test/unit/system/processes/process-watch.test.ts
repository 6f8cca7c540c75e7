import { describe, expect, it } from 'vitest';
import type { ProcessFinder } from '../../../../src/system/processes/process-finder.ts';
import { ProcessWatch } from '../../../../src/system/processes/process-watch.ts';
import type { ProcessIdentity } from '../../../../src/system/sandbox/state.ts';

/** A machine of numbers: `commands` says which process is the service now. */
function machine(finder: ProcessFinder = { command: 'web' }) {
  const world = { now: 0, fits: new Set<number>(), others: new Set<number>([1, 2]), newest: 0, asked: 0 };
  const identity = (pid: number): ProcessIdentity => ({ pid, startTicks: String(pid) });
  const watch = new ProcessWatch(finder, {
    now: () => world.now,
    find: () => {
      world.asked += 1;
      return [...world.fits].map(identity);
    },
    isThere: ({ pid }) => world.fits.has(pid),
    pids: () => [...world.others, ...world.fits],
    newestPid: () => String(world.newest),
    anyFits: (pids) => pids.some((pid) => world.fits.has(pid)),
  });
  /** Looks as the lives do, every 50 ms. */
  const until = (endMs: number): readonly number[] => {
    let seen: readonly number[] = [];
    for (; world.now < endMs; world.now += 50) seen = watch.look().map((one) => one.pid);
    return seen;
  };
  const begin = (pid: number, set: Set<number>): void => {
    set.add(pid);
    world.newest = pid;
  };
  return { world, until, begin };
}

describe('a watch of processes', () => {
  it('asks all of a machine seldom while its instances run', () => {
    const { world, until, begin } = machine();
    begin(7, world.fits);
    expect(until(10_000)).toEqual([7]);
    expect(world.asked).toBe(5);
  });

  it('asks for sockets more seldom', () => {
    const { world, until, begin } = machine({ port: 8080 });
    begin(7, world.fits);
    expect(until(10_000)).toEqual([7]);
    expect(world.asked).toBe(2);
  });

  it('asks all at the look that misses one, and at each until it is back', () => {
    const { world, until, begin } = machine({ port: 8080 });
    begin(7, world.fits);
    until(1000);
    world.fits.delete(7);
    const { asked } = world;
    expect(until(1500)).toEqual([]);
    expect(world.asked).toBe(asked + 10);
    begin(9, world.fits);
    expect(until(1550)).toEqual([9]);
    until(3000);
    expect(world.asked).toBe(asked + 11);
  });

  it('sees each of two lives that follow each other', () => {
    const { world, until, begin } = machine();
    begin(7, world.fits);
    until(1000);
    world.fits.delete(7);
    begin(8, world.fits);
    expect(until(1050)).toEqual([8]);
    world.fits.delete(8);
    expect(until(1100)).toEqual([]);
    begin(9, world.fits);
    expect(until(1150)).toEqual([9]);
  });

  it('looks at every new process while none is missing, also when it takes a while to become the service', () => {
    const { world, until, begin } = machine();
    begin(7, world.fits);
    until(500);
    begin(8, world.fits);
    expect(until(800)).toEqual([7, 8]);
    begin(9, world.others);
    until(1100);
    // Its exec: the number stays.
    world.others.delete(9);
    world.fits.add(9);
    expect(until(1400)).toEqual([7, 8, 9]);
    expect(world.asked).toBe(3);
  });

  it('takes one for gone for good after two minutes', () => {
    const { world, until, begin } = machine();
    begin(7, world.fits);
    begin(8, world.fits);
    until(1000);
    world.fits.delete(8);
    expect(until(122_000)).toEqual([7]);
    const { asked } = world;
    until(132_000);
    expect(world.asked).toBe(asked + 5);
  });

  it('asks the process of a pid file at every look', () => {
    const { world, until, begin } = machine({ pidFile: '/run/web.pid' });
    begin(7, world.fits);
    until(1000);
    expect(world.asked).toBe(20);
  });

  it('looks for a service that does not run yet', () => {
    const { world, until, begin } = machine({ port: 8080 });
    expect(until(1000)).toEqual([]);
    expect(world.asked).toBe(20);
    begin(7, world.fits);
    expect(until(1050)).toEqual([7]);
  });
});
