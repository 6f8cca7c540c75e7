/** redis-maxclients where no connection to Redis outlives the harness: its links reject new connections. */
import { describe, expect, it } from 'vitest';
import { faultNamed } from '../../../../../src/chaos/faults/registry.ts';
import { openEntries } from '../../../../../src/chaos/healing/journal.ts';
import type { World } from '../../../../../src/chaos/world.ts';
import type { Platform } from '../../../../../src/core/acts/platform.ts';
import type { RedisGroup } from '../../../../../src/core/acts/redis-acts.ts';
import { ms } from '../../../../../src/core/units.ts';
import { exampleOf, planned, type Stage, type StageOptions, stages } from '../../stage.ts';

const newStage = stages();
const fault = faultNamed('redis-maxclients');
const example = exampleOf(fault);

/** Its commands go over the address of a user's Redis; it is held by no supervisor. */
function outside(options: StageOptions = {}, change: (one: Platform) => Platform = (one) => one): Stage {
  const one = newStage(options);
  const { redis, ...others } = one.world.platform;
  if (redis === undefined) throw new Error('no Redis');
  const platform = change({
    ...others,
    handle: { platform: 'none', identity: 'x', addresses: { brokers: [] } },
    redis: { ...redis, keptConnection: false },
  });
  return { ...one, world: { ...one.world, platform } };
}

/** Gauntlet's own probes dial the server itself. */
const unprobed = (platform: Platform): Platform => {
  const { links } = platform;
  if (links === undefined) return platform;
  const list = async () => (await links.list()).filter((one) => one.from !== 'probe');
  return { ...platform, links: { ...links, list } };
};

const run = (one: Stage) => one.run(example, { world: one.world });
const planOn = ({ world }: { readonly world: World }, raw: object = {}) =>
  fault.plan(planned(fault.name, { for: '1s', ...raw }).spec, world);

describe('the way that is taken', () => {
  it('is Redis itself where a connection outlives the harness', async () => {
    const plan = await planOn(newStage());
    expect(plan.timers[0]).toBe(
      'By Redis itself (maxclients 1): it rejects every new connection, whoever dials.',
    );
    expect(plan.permissions).toContain('redis.keptConnection');
  });

  it('is else the links to it, with the answer of Redis, and the plan says so', async () => {
    const plan = await planOn(outside({}, unprobed));
    expect(plan).toMatchObject({
      victim: 'redis by its links (web->redis, planner->redis)',
      victims: ['redis'],
      probes: [],
      touches: ['web->redis', 'planner->redis'],
      permissions: ['links.list', 'links.impair', 'links.renew', 'links.heal'],
      act: { effect: { kind: 'reject', answer: '-ERR max number of clients reached\r\n' } },
      undo: { data: { before: { 'web->redis': [], 'planner->redis': [] } } },
    });
    expect(plan.timers).toEqual([
      'By its links (web->redis, planner->redis): the proxy rejects new connections in the place of Redis. Clients that do not take these links are not rejected.',
      '2 connections are open and stay; a client that loses one cannot reconnect before the end.',
      'Readiness checks on new connections fail: a supervisor may report Redis as not ready while its clients work.',
      'A new connection that is rejected is the proof: clients that keep theirs and open none show nothing.',
    ]);
  });

  it('closes without an answer where clients enter by TLS, as Redis does', async () => {
    const tls = { access: { tls: {} } };
    const one = outside({}, (platform) => ({
      ...platform,
      topology: {
        ...platform.topology,
        services: platform.topology.services.map((each) =>
          each.name === 'redis'
            ? {
                ...each,
                endpoints: each.endpoints.map((at) => ({ ...at, at: at.at.map((a) => ({ ...a, ...tls })) })),
              }
            : each,
        ),
      },
    }));
    const plan = await planOn(one);
    expect(plan.act).toMatchObject({ effect: { kind: 'reject' } });
    expect(plan.act).not.toHaveProperty('effect.answer');
    expect(plan.timers).toContain(
      'The links carry TLS: a new connection is closed without an answer, as Redis does it.',
    );
    expect((await run(one)).injection).toMatchObject({
      fresh: 'reset after 1.00 ms',
      held: 'ok after 1.00 ms',
    });
  });
});

describe('its proof', () => {
  it('is a probe that is rejected, and what the links count', async () => {
    const record = await run(outside());
    expect(record).toMatchObject({ status: 'injected', cutShort: null });
    expect(record.injection).toMatchObject({
      fresh: 'ERR max number of clients reached after 1.00 ms',
      held: 'ok after 1.00 ms',
    });
    expect(record.injection?.evidence).toMatch(
      /^by its links: web->redis, planner->redis, probe->redis: \d+ new connections rejected, what was open \(3 connections\) carried \d+ bytes of answers since$/,
    );
  });

  it('is what the links count where no probe crosses them', async () => {
    const one = outside({}, unprobed);
    const record = await run(one);
    expect(record).toMatchObject({ status: 'injected', injection: { held: 'no probe', fresh: 'no probe' } });
    expect(record.removal?.evidence).toMatch(/^redis-maxclients-\S+ is gone, 2 links as before$/);
    expect(one.target.acts).toEqual(['impair reject', 'heal']);
  });

  it.each([
    ['clients open no new connection', { noNewConnections: true }],
    ['clients dial Redis past the proxy', { bypassed: true }],
  ])('is missing when %s: not injected, and nothing is left', async (_, options) => {
    const one = outside(options, unprobed);
    const record = await run(one);
    expect(record.status).toBe('not-injected');
    expect(record.injection?.evidence).toBe(
      'no new connection came to web->redis, planner->redis since the act: an unused or bypassed link rejects none',
    );
    expect(openEntries(one.journal.path)).toEqual([]);
    expect(one.target.placed.size).toBe(0);
  });
});

describe('its end', () => {
  it('comes without a renewal: nothing is left of a killed harness', async () => {
    const one = outside({}, unprobed);
    const plan = await planOn(one);
    await fault.apply(plan, one.world, ms(3000));
    await one.clock.advance(2900);
    expect(await fault.renew(plan, one.world, ms(3000))).toBe(true);
    await one.clock.advance(3100);
    expect(await fault.renew(plan, one.world, ms(3000))).toBe(false);
    if (plan.undo === null) throw new Error('no undo');
    expect(await fault.removed(plan.undo, one.world)).toMatchObject({ gone: true });
    expect(one.target.redis.settings.get('maxclients')).toBe('10000');
  });

  it('is told from data of either way, and from no other', () => {
    const setting = { identity: 'x', key: 'maxclients', from: '10000', to: '1', evictedKeys: 0 };
    const link = { id: 'redis-maxclients-1', before: { 'web->redis': [] } };
    expect([setting, link].map((data) => fault.undoShape.parse(data))).toEqual([setting, link]);
    expect(fault.undoShape.safeParse({ ...setting, key: 'dir' }).success).toBe(false);
    expect(fault.undoShape.safeParse({ ...link, before: 'x' }).success).toBe(false);
  });
});

describe('it is refused, with what to do,', () => {
  const withoutLinks = ({ links: _, ...others }: Platform): Platform => others;

  it('where neither way is there', async () => {
    await expect(planOn(outside({}, withoutLinks))).rejects.toMatchObject({
      kind: 'refused',
      message:
        'redis-maxclients on redis: expected a link to redis that gauntlet proxy carries, or a connection to Redis that outlives ' +
        'the harness, got neither: at its client limit Redis would also turn away the undo. Add one to the target file, such as ' +
        'links: [{ from: web, to: redis, listen: "127.0.0.1:16379", dial: "127.0.0.1:6379" }], and start gauntlet proxy up.',
    });
  });

  it('where links do not pass through a proxy, and none can be added', async () => {
    await expect(planOn(newStage({ pods: true }))).rejects.toThrow(
      'got neither: at its client limit Redis would also turn away the undo. Run it on the sandbox, or use redis-kill-connections or cut-link.',
    );
  });

  it('where rules of a kernel break the links, which are not even asked', async () => {
    const one = outside({}, (platform) => ({
      ...platform,
      ...(platform.links && {
        links: {
          ...platform.links,
          preview: async () => ({ instances: [], notes: [] }),
          list: async () => Promise.reject(new Error('asked')),
        },
      }),
    }));
    await expect(planOn(one)).rejects.toThrow('Add one to the target file');
  });

  it('for a Redis of several servers, and for a node of one', async () => {
    const group = { kind: 'cluster' } as RedisGroup;
    const several = outside({}, ({ redis: _, ...others }) => ({ ...others, redisGroups: { redis: group } }));
    for (const raw of [{}, { node: 'all' }]) {
      await expect(planOn(several, raw)).rejects.toThrow(
        'redis-maxclients on redis: expected one server that its clients dial at one address, got a Redis Cluster, whose nodes ' +
          'send clients past a link. Use redis-kill-connections or redis-pause, which act on its nodes.',
      );
    }
    await expect(planOn(outside(), { node: 'one' })).rejects.toThrow(
      'redis-maxclients.node: expected a Redis Cluster behind redis, got one server. Remove node.',
    );
  });
});
