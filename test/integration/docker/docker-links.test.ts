/** Links between containers, against an engine in memory whose agents hold tables. The real one is in test/e2e. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LinkActs } from '../../../src/core/acts/link-acts.ts';
import type { Clock } from '../../../src/core/clock.ts';
import { epochMs, ms } from '../../../src/core/units.ts';
import { dockerLinks } from '../../../src/targets/docker/links/docker-links.ts';
import { oneEngine } from '../../../src/targets/docker/one-engine.ts';
import { FakeEngine } from '../../fakes/fake-engine.ts';

let folder: string;
let engine: FakeEngine;
const opened: { close?(): void }[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gauntlet-links-'));
  engine = new FakeEngine();
  await engine.listen(join(folder, 's'));
});
afterEach(async () => {
  for (const one of opened.splice(0)) one.close?.();
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Sleeps take no time; what is to happen meanwhile happens in the first one. */
let meanwhile: () => void = () => undefined;
function instantClock(): Clock {
  let at = 0;
  return {
    now: () => epochMs(at),
    wall: () => epochMs(at),
    async sleep(duration) {
      at += duration;
      meanwhile();
      meanwhile = () => undefined;
    },
  };
}

/** As another process, with each call. */
async function open(
  agent = 'agent:1',
  all = ['web->cache'],
): Promise<LinkActs & Required<Pick<LinkActs, 'preview'>>> {
  const services = {
    web: { service: 'web', restart: null },
    cache: { service: 'cache', restart: null },
    bus: { service: 'bus', restart: null },
  };
  const one = oneEngine({ socket: join(folder, 's'), engine: 'ENGINE-1' });
  opened.push(one);
  const links = dockerLinks({ services, links: all, agent }, one, instantClock());
  if (links.preview === undefined) throw new Error('no preview');
  return { ...links, preview: links.preview };
}

const cut = (id: string) => ({
  ...{ id, links: ['web->cache'], ttlMs: 3000 },
  effect: { kind: 'cut', direction: 'to-server' } as const,
});
const impairedBy = async (links: LinkActs, name = 'web->cache') =>
  (await links.list()).filter((link) => link.name === name).map((link) => link.impairedBy);

describe('a cut between containers', () => {
  it('is a rule beside each container that dials, on the addresses of the other side', async () => {
    const [a, b] = [engine.add('web'), engine.add('web')];
    const cache = engine.add('cache');
    const links = await open();
    await links.impair(cut('x-1'));
    const { running } = engine.agents;
    expect(running.map((one) => one.network).sort()).toEqual([`container:${a.id}`, `container:${b.id}`]);
    expect(running[0]?.tables).toEqual([
      {
        id: 'x-1',
        ttlMs: 3000,
        kind: 'cut',
        direction: 'out',
        links: [{ name: 'web->cache', peers: [cache.address] }],
      },
    ]);
    expect(await impairedBy(links)).toEqual([['x-1']]);
    expect(await links.renew('x-1', ms(3000))).toBe(true);
  });

  it('of several that dial is made where there are containers, and says who has none', async () => {
    engine.add('web');
    engine.add('bus');
    const both = ['web->bus', 'cache->bus'];
    const links = await open('agent:1', both);
    const { notes, instances } = await links.preview(both, { kind: 'cut' });
    expect(instances.map((one) => one.service)).toEqual(['web']);
    expect(notes).toContain('No container here, so nothing is done where they dial from: cache.');
    await links.impair({ ...cut('x-1'), links: both });
    expect(engine.agents.running).toHaveLength(1);
    expect(await links.renew('x-1', ms(3000))).toBe(true);
    // One that is there and does not run would come back without the rule.
    engine.add('cache', { running: false });
    await expect(links.preview(both, { kind: 'cut' })).rejects.toThrow(
      'containers of cache: expected at least one that runs, got none.',
    );
  });

  it('is removed by another process with its agents, and twice is as once', async () => {
    engine.add('web');
    engine.add('cache');
    await (await open()).impair(cut('x-1'));
    const other = await open();
    await other.heal('x-1');
    expect(await impairedBy(other)).toEqual([[]]);
    expect(engine.agents.running).toEqual([]);
    await other.heal('x-1');
  });

  it('takes its agent away when the kernel has ended the rule already', async () => {
    engine.add('web');
    engine.add('cache');
    await (await open()).impair(cut('x-1'));
    for (const one of engine.agents.running) one.tables = [];
    await (await open()).heal('x-1');
    expect(engine.agents.running).toEqual([]);
  });

  it('finds an agent that the engine makes after the death of the process that asked for it', async () => {
    const made = (id: string): void => {
      engine.agents.running.push({
        id: `agent-of-${id}`,
        labels: { 'gauntlet.agent.of': 'x', 'gauntlet.agent.for': id },
        network: 'container:x',
        isStarted: false,
        tables: [],
      });
    };
    made('x-9');
    meanwhile = () => made('x-1');
    await (await open()).heal('x-1');
    expect(engine.agents.running.map((one) => one.id)).toEqual(['agent-of-x-9']);
  });

  it('leaves the agent of another fault, which has a rule or is about to have one', async () => {
    engine.add('web');
    engine.add('cache');
    const links = await open();
    await links.impair(cut('x-1'));
    await links.impair(cut('x-2'));
    await links.heal('x-1');
    expect(await impairedBy(links)).toEqual([['x-2']]);
    await links.heal('x-9');
    expect(engine.agents.running).toHaveLength(1);
  });

  it('is not in place any more when its container was started again', async () => {
    const web = engine.add('web');
    engine.add('cache');
    const links = await open();
    await links.impair(cut('x-1'));
    web.startTime = '2026-11-29T21:00:00Z';
    expect(await impairedBy(links)).toEqual([[]]);
    engine.agents.running = [];
    expect(await links.renew('x-1', ms(3000))).toBe(false);
    expect(await (await open()).renew('x-1', ms(3000))).toBe(false);
  });

  it('that the agent cannot write is an error with its words', async () => {
    engine.add('web');
    engine.add('cache');
    engine.agents.failNext = 'netagent: operation not permitted\n';
    await expect((await open()).impair(cut('x-1'))).rejects.toThrow(
      'netagent apply beside container 00000000: expected to be executed, got netagent: operation not permitted.',
    );
  });
});

describe('a cut from everything', () => {
  it('is one rule beside the container itself, for all of its traffic', async () => {
    const web = engine.add('web');
    const links = await open();
    expect((await links.list()).map((link) => link.name)).toEqual([
      'web->cache',
      'web->everything',
      'cache->everything',
      'bus->everything',
    ]);
    await links.impair({ ...cut('x-1'), links: ['web->everything'], effect: { kind: 'cut' } });
    const [agent, ...more] = engine.agents.running;
    expect([agent?.network, more]).toEqual([`container:${web.id}`, []]);
    const all = [{ name: 'web->everything', peers: [], everyone: true }];
    expect(agent?.tables).toEqual([{ id: 'x-1', ttlMs: 3000, kind: 'cut', links: all }]);
    expect(await impairedBy(links, 'web->everything')).toEqual([['x-1']]);
    expect(await links.renew('x-1', ms(3000))).toBe(true);
    await (await open()).heal('x-1');
    expect(engine.agents.running).toEqual([]);
  });

  it('says in its plan what that means, and needs no other side', async () => {
    const web = engine.add('web');
    const { instances, notes } = await (await open()).preview(['web->everything'], { kind: 'cut' });
    expect(instances.map((one) => one.instance)).toEqual([web.name]);
    expect(notes[1]).toBe(
      'All their traffic is meant, in both directions, also with clients outside; loopback works, and with it the engine resolves names of containers.',
    );
  });
});

describe('a plan for a link', () => {
  it('names the containers in which rules are written', async () => {
    const web = engine.add('web');
    engine.add('cache');
    const { instances, notes } = await (await open()).preview(['web->cache'], { kind: 'cut' });
    expect(instances).toEqual([
      { service: 'web', instance: web.name, container: web.id, startTime: web.startTime },
    ]);
    expect(notes[1]).toContain('in the network namespace of 1 container of web');
  });

  it('refuses a delay, and a side that does not run', async () => {
    engine.add('web');
    const links = await open();
    const delay = links.preview(['web->cache'], { kind: 'throttle', latencyMs: 40 });
    await expect(delay).rejects.toThrow(
      'Write the link under links in the target file, or use bandwidth alone.',
    );
    await expect(links.preview(['web->cache'], { kind: 'cut' })).rejects.toThrow(
      'containers of cache: expected an address in a network of the engine, got no container that runs.',
    );
  });

  it('refuses an image that the engine does not have when it is needed', async () => {
    engine.add('web');
    engine.add('cache');
    await expect((await open('other:1')).impair(cut('x-1'))).rejects.toThrow(
      'agent image other:1: expected an image on the engine, got No such image: other:1. Build it with deploy/Dockerfile.netagent',
    );
  });
});
