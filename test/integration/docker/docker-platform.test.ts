/** Platform `docker` over a real unix socket, against an engine in memory. The real engine is in test/e2e. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PlatformHandle } from '../../../src/core/acts/platform.ts';
import { GauntletError } from '../../../src/core/errors.ts';
import type { ContainerVictim } from '../../../src/core/topology.ts';
import { openPlatform } from '../../../src/targets/open-platform.ts';
import { FakeEngine, idOf } from '../../fakes/fake-engine.ts';

let folder: string;
let socket: string;
let engine: FakeEngine;
const opened: { close?(): void }[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gauntlet-engine-'));
  socket = join(folder, 'docker.sock');
  engine = new FakeEngine();
  await engine.listen(socket);
});
afterEach(async () => {
  for (const one of opened.splice(0)) one.close?.();
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

/** As a keeper or `recover` does: from data alone. */
async function open(over: Partial<NonNullable<PlatformHandle['docker']>> = {}) {
  const platform = await openPlatform({
    ...{ platform: 'docker', identity: 'none:a:1', addresses: { brokers: [] } },
    docker: {
      socket,
      engine: 'ENGINE-1',
      services: { web: { service: 'web', restart: null } },
      agent: 'agent:1',
      ...over,
    },
  });
  opened.push(platform);
  const { instances, guard } = platform;
  if (instances?.pausing === undefined || guard === undefined) throw new Error('acts are missing');
  return { instances, pausing: instances.pausing, guard };
}

const victimOf = (one: { id: string; name: string; startTime: string }): ContainerVictim => ({
  service: 'web',
  instance: one.name,
  container: one.id,
  startTime: one.startTime,
});

const textOf = async (promise: Promise<unknown>): Promise<string> =>
  await promise.then(
    () => 'nothing',
    (error: unknown) => (error instanceof GauntletError ? error.message : `not ours: ${String(error)}`),
  );

describe('containers of a service', () => {
  it('are those that run with its labels; one-off containers and other services are none', async () => {
    const web = engine.add('web', { restarts: 3 });
    engine.add('web', { running: false });
    engine.add('web', { labels: { 'com.docker.compose.oneoff': 'True' } });
    engine.add('cache');
    const { instances } = await open();
    const state = { ...victimOf(web), ready: true, restarts: 3, stopped: false };
    expect(await instances.list()).toEqual([state]);
  });

  it('are one of several of their service, where it is a broker', async () => {
    const number = (of: string) => ({ labels: { 'com.docker.compose.container-number': of } });
    engine.add('kafka', number('1'));
    const second = engine.add('kafka', number('2'));
    const services = { 'kafka-7': { service: 'kafka', number: '2', restart: null } };
    const found = await (await open({ services })).instances.list('kafka-7');
    expect(found.map(({ service, instance }) => [service, instance])).toEqual([['kafka-7', second.name]]);
  });

  it('are ready as their health check says', async () => {
    for (const health of ['healthy', 'starting', 'unhealthy']) engine.add('web', { health });
    const { instances } = await open();
    expect((await instances.list('web')).map((one) => one.ready)).toEqual([true, false, false]);
  });

  it('of several projects are refused, with the way out', async () => {
    for (const project of ['shop', 'old'])
      engine.add('web', { labels: { 'com.docker.compose.project': project } });
    const { instances } = await open();
    expect(await textOf(instances.list('web'))).toBe(
      'service web: expected containers of one Compose project, got old, shop. Name it in the target file: docker: { project: old }.',
    );
    const services = { web: { service: 'web', project: 'shop', restart: null } };
    expect(await (await open({ services })).instances.list('web')).toHaveLength(1);
  });
});

describe('a pause', () => {
  it('is undone by another process, and twice is as once', async () => {
    const web = engine.add('web');
    const victim = victimOf(web);
    expect(await (await open()).pausing.stop(victim)).toBe('sent');
    const other = await open();
    expect((await other.instances.list('web'))[0]).toMatchObject({ stopped: true, ready: false });
    expect(await other.pausing.resume(victim)).toBe('sent');
    expect(await other.pausing.resume(victim)).toBe('sent');
    expect(web.paused).toBe(false);
    expect(engine.acts).toEqual([
      `POST /containers/${web.name}/pause`,
      `POST /containers/${web.name}/unpause`,
    ]);
  });

  it.each([
    [
      'its container was started again',
      (one: { startTime: string }) => (one.startTime = '2026-11-29T21:00:00Z'),
    ],
    ['its container has ended', (one: { running: boolean }) => (one.running = false)],
    ['its container was made anew', () => engine.containers.splice(0, 1)],
  ])('does not touch another run: %s', async (_, change) => {
    const web = engine.add('web');
    const victim = victimOf(web);
    change(web as never);
    const { pausing, instances } = await open();
    expect(await pausing.stop(victim)).toBe('gone');
    expect(await pausing.resume(victim)).toBe('gone');
    expect(await instances.signal(victim, 'SIGKILL')).toBe('gone');
    expect(engine.acts).toEqual([]);
  });

  it('that the engine refuses is reported with its status', async () => {
    const web = engine.add('web');
    engine.refuseNext = { status: 500, message: 'cannot freeze' };
    expect(await textOf((await open()).pausing.stop(victimOf(web)))).toBe(
      `${web.name} (container 00000000): expected a container that the engine can pause, got status 500.`,
    );
  });
});

describe('an engine', () => {
  it('that is gone is named, with what to do; its fault is not taken for over', async () => {
    const victim = victimOf(engine.add('web', { paused: true }));
    const { pausing } = await open();
    await engine.close();
    const text = await textOf(pausing.resume(victim));
    expect(text).toContain(`Docker engine at ${socket}: expected an answer to GET /info, got`);
    expect(text).toContain('Start the engine, or name its socket');
    engine = new FakeEngine();
    await engine.listen(socket);
  });

  it('that is another one is refused: a missing container there proves nothing', async () => {
    const victim = victimOf(engine.add('web', { paused: true }));
    engine.id = 'ENGINE-2';
    expect(await textOf((await open()).pausing.resume(victim))).toBe(
      `Docker engine at ${socket}: expected engine ENGINE-1, got engine ENGINE-2. Start the engine of the run there again. Nothing was touched.`,
    );
    expect(engine.acts).toEqual([]);
  });
});

describe('the guard of containers', () => {
  const labels = { 'gauntlet.opt-in': 'true' };

  it('wants the agreement of the owner on the container itself', async () => {
    const [plain, other] = [engine.add('web'), engine.add('web', { labels: { 'gauntlet.opt-in': 'no' } })];
    const { guard } = await open();
    const problems = await guard.refusals([victimOf(plain), victimOf(other)], ['instances.stop']);
    expect(problems.map((one) => one.got)).toEqual(['none', '"no"']);
    expect(problems[0]?.next).toBe(
      'Its owner allows faults in the Compose file: labels: { gauntlet.opt-in: "true" }.',
    );
    expect(await guard.refusals([victimOf(engine.add('web', { labels }))], ['instances.stop'])).toEqual([]);
  });

  it('refuses the container of a broker that was made since Kafka showed which one it is', async () => {
    const [known, anew] = [engine.add('web', { labels }), engine.add('web', { labels })];
    const services = { web: { service: 'web', proven: known.id, restart: null } };
    const { guard } = await open({ services });
    const problems = await guard.refusals([victimOf(known), victimOf(anew)], ['instances.stop']);
    expect(problems).toEqual([
      {
        subject: `${anew.name} (container 00000000)`,
        expected: 'the container in which Kafka showed web to be',
        got: 'one that was made since',
        next: 'Start the run again: it asks Kafka anew.',
      },
    ]);
  });

  it('refuses to kill where the process is not one of this machine: a pid alone is no identity', async () => {
    // This very process, which is none of the container.
    const web = engine.add('web', { labels, pid: process.pid });
    const { guard, instances } = await open();
    const [problem] = await guard.refusals([victimOf(web)], ['instances.signal']);
    expect(problem?.got).toBe(`none: pid ${process.pid}, which the engine names, is not its process here`);
    expect(await textOf(instances.signal(victimOf(web), 'SIGTERM'))).toContain(
      'Run Gauntlet on the machine of the engine, outside of containers',
    );
  });
});

describe('what starts a container again', () => {
  const outlook = async (
    over: object,
    restart: 'supervisor' | { command: string } | null,
    signal?: 'SIGTERM',
  ) => {
    const web = engine.add('web', over);
    const { instances } = await open({ services: { web: { service: 'web', restart } } });
    return (await instances.successors?.of([victimOf(web)], signal))?.[0];
  };

  it.each([
    [{ policy: 'always' }, 'its restart policy always'],
    [{ policy: 'unless-stopped' }, 'its restart policy unless-stopped'],
    [{ policy: 'on-failure' }, 'its restart policy on-failure'],
    [{ policy: 'on-failure', most: 3, restarts: 2 }, 'its restart policy on-failure'],
  ])('is its policy: %j', async (over, by) => {
    expect(await outlook(over, null)).toEqual({ kind: 'comes', by });
  });

  it.each([
    [{}, undefined, 'it has no restart policy'],
    [{ policy: 'on-failure', most: 3, restarts: 3 }, undefined, 'its restart policy on-failure:3 is used up'],
    [
      { policy: 'on-failure' },
      'SIGTERM',
      'its restart policy on-failure leaves it ended when it exits with 0',
    ],
  ] as const)('is nothing: %j %s', async (over, signal, why) => {
    expect(await outlook(over, null, signal)).toMatchObject({ kind: 'none', why });
  });

  it('is what the target file says, where there is no policy', async () => {
    expect(await outlook({}, 'supervisor')).toEqual({ kind: 'comes', by: 'its supervisor' });
    const command = { command: 'docker start shop-web-1' };
    expect(await outlook({}, command)).toEqual({ kind: 'comes', by: 'the command docker start shop-web-1' });
  });

  it('is nobody for a container that was removed', async () => {
    const { instances } = await open();
    const gone = { service: 'web', instance: 'shop-web-9', container: idOf(9), startTime: 'x' };
    expect(await instances.successors?.of([gone])).toEqual([{ kind: 'none', why: 'it was removed' }]);
  });
});
