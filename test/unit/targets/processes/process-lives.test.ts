import { describe, expect, it } from 'vitest';
import { epochMs } from '../../../../src/core/units.ts';
import type { ProcessIdentity } from '../../../../src/system/sandbox/state.ts';
import { LOOK_EVERY_MS, ProcessLives } from '../../../../src/targets/processes/process-lives.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';

function setUp() {
  const clock = new VirtualClock(10_000);
  const world = { running: [] as ProcessIdentity[], ready: true, asked: 0 };
  const lives = new ProcessLives('web', {
    clock,
    find: () => world.running,
    startedAt: ({ startTicks }) => epochMs(Number(startTicks)),
    isReady: async () => {
      world.asked += 1;
      return world.ready;
    },
  });
  return { clock, world, lives };
}

const one = (pid: number, startTicks: number): ProcessIdentity => ({ pid, startTicks: String(startTicks) });

describe('the lives of processes', () => {
  it('begin at the time of the kernel, and end at the look that misses them', async () => {
    const { clock, world, lives } = setUp();
    world.running = [one(7, 4000)];
    await lives.start();
    world.running = [];
    await clock.advance(LOOK_EVERY_MS);
    world.running = [one(9, 10_060)];
    await clock.advance(LOOK_EVERY_MS);
    expect(lives.lives()).toEqual([
      {
        ...{ service: 'web', instance: 'web-1', pid: 7, startTicks: '4000' },
        ...{ startedAt: 4000, readyAt: 10_000, endedAt: 10_050 },
      },
      {
        ...{ service: 'web', instance: 'web-1', pid: 9, startTicks: '10060' },
        ...{ startedAt: 10_060, readyAt: 10_100, endedAt: null },
      },
    ]);
    expect(lives.restarts).toBe(1);
    lives.stop();
  });

  it('are ready with the first good answer, and are not asked about afterwards', async () => {
    const { clock, world, lives } = setUp();
    world.running = [one(7, 4000)];
    world.ready = false;
    await lives.start();
    await clock.advance(2 * LOOK_EVERY_MS);
    expect(lives.lives()[0]?.readyAt).toBeNull();
    world.ready = true;
    await clock.advance(LOOK_EVERY_MS);
    expect(lives.lives()[0]?.readyAt).toBe(10_150);
    const { asked } = world;
    await clock.advance(5 * LOOK_EVERY_MS);
    expect(world.asked).toBe(asked);
    lives.stop();
  });

  it('are ready for who has just seen that in a list', async () => {
    const { world, lives } = setUp();
    world.running = [one(7, 4000)];
    await lives.start();
    world.running = [one(9, 10_000)];
    expect((await lives.now()).map(({ readyAt, endedAt }) => [readyAt, endedAt])).toEqual([
      [10_000, 10_000],
      [10_000, null],
    ]);
    lives.stop();
  });

  it('keep apart two processes of one pid, and give each its own name', async () => {
    const { clock, world, lives } = setUp();
    world.running = [one(7, 4000), one(8, 4100)];
    await lives.start();
    world.running = [one(7, 10_030), one(8, 4100)];
    await clock.advance(LOOK_EVERY_MS);
    expect(lives.lives().map(({ instance, endedAt }) => [instance, endedAt])).toEqual([
      ['web-1', 10_050],
      ['web-2', null],
      ['web-1', null],
    ]);
    lives.stop();
  });
});
