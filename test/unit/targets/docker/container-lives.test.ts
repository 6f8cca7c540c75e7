import { afterEach, describe, expect, it } from 'vitest';
import { ContainerLives, LOOK_EVERY_MS } from '../../../../src/targets/docker/container-lives.ts';
import { type Container, timeOf, victimIn } from '../../../../src/targets/docker/containers.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';

const NOW = Date.parse('2026-11-29T20:00:10Z');
const time = (ms: number): string => new Date(ms).toISOString();
const NEVER = '0001-01-01T00:00:00Z';

const container = (over: Partial<Container> = {}): Container => ({
  ...{ id: 'a1', name: 'shop-web-1', labels: {}, isRunning: true, isPaused: false, pid: 7 },
  ...{ startTime: time(NOW - 5000), endTime: NEVER, isHealthy: null, restarts: 0 },
  ...{ policy: { name: 'always', most: 0 } },
  ...{ networkMode: 'shop_default', graceMs: 10_000, addresses: [], names: [], published: [] },
  ...over,
});

const watches: ContainerLives[] = [];
afterEach(() => {
  for (const one of watches.splice(0)) one.stop();
});

function setUp() {
  const clock = new VirtualClock(NOW);
  const world = { found: [container()], isReady: true, fails: false, streams: 0 };
  let see: (event: unknown) => void = () => undefined;
  let end: () => void = () => undefined;
  const lives = new ContainerLives({
    clock,
    async list() {
      if (world.fails) throw new Error('no engine');
      return world.found;
    },
    victimOf: (one) => victimIn('web', one),
    follow: (signal, seen) =>
      new Promise((resolve) => {
        world.streams += 1;
        [see, end] = [seen, resolve];
        signal.addEventListener('abort', () => resolve());
      }),
    isReady: async () => world.isReady,
  });
  watches.push(lives);
  const say = (action: string, at: number): void =>
    see({ Action: action, Actor: { ID: 'a1' }, timeNano: at * 1e6 });
  return { clock, world, lives, say, cut: () => end() };
}

const timesIn = async (lives: ContainerLives) =>
  (await lives.read()).map(({ startedAt, readyAt, endedAt }) =>
    [startedAt, readyAt, endedAt].map((at) => (at === null ? null : at - NOW)),
  );

describe('the lives of containers', () => {
  it('end and begin as the engine says, and are ready with the first good answer', async () => {
    const { clock, world, lives, say } = setUp();
    await lives.start();
    await clock.advance(100);
    world.isReady = false;
    say('die', NOW + 90);
    world.found = [container({ startTime: time(NOW + 95), endTime: time(NOW + 88) })];
    say('start', NOW + 96);
    await clock.advance(200);
    expect(await timesIn(lives)).toEqual([
      [-5000, 0, 90],
      [95, null, null],
    ]);
    world.isReady = true;
    await clock.advance(LOOK_EVERY_MS);
    expect((await timesIn(lives))[1]).toEqual([95, 350, null]);
  });

  it('with a health check are ready when that says so, whatever the service answers', async () => {
    const { clock, world, lives, say } = setUp();
    world.found = [container({ isHealthy: true })];
    await lives.start();
    say('die', NOW);
    world.found = [container({ isHealthy: false, startTime: time(NOW + 10) })];
    say('start', NOW + 10);
    await clock.advance(500);
    say('health_status: healthy', NOW + 480);
    expect(await timesIn(lives)).toEqual([
      [-5000, -5000, 0],
      [10, 480, null],
    ]);
  });

  it('are found by the next look where the stream of events broke', async () => {
    const { clock, world, lives, cut } = setUp();
    await lives.start();
    cut();
    world.found = [container({ startTime: time(NOW + 30), endTime: time(NOW + 20) })];
    await clock.advance(LOOK_EVERY_MS);
    expect(world.streams).toBe(2);
    expect((await timesIn(lives))[0]).toEqual([-5000, 0, 20]);
  });

  it('are ready for who has just seen that in a list, also before the event of their start arrives', async () => {
    const { world, lives, say } = setUp();
    await lives.start();
    say('die', NOW);
    world.found = [container({ startTime: time(NOW - 2) })];
    expect(await timesIn(lives)).toEqual([
      [-5000, 0, 0],
      [-2, 0, null],
    ]);
    const checked = setUp();
    checked.world.found = [container({ isHealthy: false })];
    await checked.lives.start();
    checked.world.found = [container({ isHealthy: true })];
    expect(await timesIn(checked.lives)).toEqual([[-5000, 0, null]]);
  });

  it('end when the engine says, however late its event arrives: the successor began by the same clock', async () => {
    const { clock, world, lives, say } = setUp();
    await lives.start();
    await clock.advance(4000);
    say('die', NOW + 100);
    world.found = [container({ startTime: time(NOW + 300), endTime: time(NOW + 100) })];
    expect(await timesIn(lives)).toEqual([
      [-5000, 0, 100],
      [300, 4000, null],
    ]);
  });

  it('of a clock that is far from ours are those of arrival', async () => {
    const { lives, say } = setUp();
    await lives.start();
    say('die', NOW - 3_600_000);
    expect((await timesIn(lives))[0]?.[2]).toBe(0);
  });

  it('of a run that began and ended between two looks are counted, too', async () => {
    const { world, lives, say } = setUp();
    await lives.start();
    world.found = [container({ isRunning: false, startTime: time(NOW + 5), endTime: time(NOW + 9) })];
    say('start', NOW + 5);
    expect(await timesIn(lives)).toHaveLength(2);
    expect((await timesIn(lives))[1]).toEqual([5, null, 9]);
  });

  it('are not known while the engine cannot be asked', async () => {
    const { world, lives, say } = setUp();
    world.fails = true;
    await expect(lives.start()).rejects.toThrow('no engine');
    world.fails = false;
    await lives.start();
    world.fails = true;
    say('start', NOW);
    await expect(lives.read()).rejects.toThrow('no engine');
  });
});

describe('a time of the engine', () => {
  it.each([
    ['2026-11-29T20:00:00.5Z', Date.parse('2026-11-29T20:00:00.5Z')],
    ['2026-11-29T20:00:00Z', Date.parse('2026-11-29T20:00:00Z')],
    [NEVER, undefined],
    ['yesterday', undefined],
  ])('%s', (written, at) => {
    expect(timeOf(written)).toBe(at);
  });
});
