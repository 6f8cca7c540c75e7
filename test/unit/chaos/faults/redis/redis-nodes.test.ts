/** Faults inside a Redis of several servers: which one is altered, and what its undo data may say. */
import { describe, expect, it } from 'vitest';
import { faultNamed } from '../../../../../src/chaos/faults/registry.ts';
import type { World } from '../../../../../src/chaos/world.ts';
import type { RedisActs, RedisGroup, RedisMaster } from '../../../../../src/core/acts/redis-acts.ts';
import { seededRng } from '../../../../../src/core/rng.ts';
import { ms } from '../../../../../src/core/units.ts';
import { planned, stages } from '../../stage.ts';

const newStage = stages();
const ID = (digit: string): string => digit.repeat(40);

/** Three servers, each with one setting and the run_id of its process. */
class Servers implements RedisGroup {
  readonly kind = 'cluster';
  readonly values = new Map([1, 2, 3].map((one) => [`10.0.0.${one}:7000`, '0']));
  readonly runs = new Map([1, 2, 3].map((one) => [`10.0.0.${one}:7000`, `run-${one}-of-cache`]));
  readonly lost = new Set<string>();

  async masters(): Promise<readonly RedisMaster[]> {
    return [...this.runs].map(([address, identity], index) => ({
      ...{ address, identity, id: ID('abc'[index] ?? '') },
      slots: `${index * 10}-${index * 10 + 9}`,
    }));
  }

  async at({ address }: { readonly address: string }): Promise<RedisActs> {
    if (this.lost.has(address)) throw new Error(`nothing answers at ${address}`);
    return this.held({ address });
  }

  held({ address }: { readonly address: string }): RedisActs {
    const figures = async () => ({ connectedClients: 2, usedMemoryBytes: 1_000_000, evictedKeys: 0 });
    const acts: Partial<RedisActs> = {
      identity: async () => this.runs.get(address) ?? '',
      config: async (key) =>
        key === 'maxmemory'
          ? (this.values.get(address) ?? '')
          : key === 'maxmemory-policy'
            ? 'noeviction'
            : '0',
      figures,
      setConfig: async ({ identity, from, to }) => {
        if (identity !== this.runs.get(address)) return 'restarted';
        if (this.values.get(address) !== from) return 'changed';
        this.values.set(address, to);
        return 'set';
      },
    };
    return acts as RedisActs;
  }
}

function stage(seed = 1) {
  const servers = new Servers();
  const { world } = newStage();
  const { redis: _, ...others } = world.platform;
  const on: World = {
    ...world,
    rng: seededRng(seed),
    platform: { ...others, redisGroups: { redis: servers } },
  };
  const fault = faultNamed('redis-maxmemory');
  const plan = (raw: object) => fault.plan(planned('redis-maxmemory', { for: '5s', ...raw }).spec, on);
  return { servers, on, fault, plan };
}

describe('a fault inside one of several servers', () => {
  it('draws its master from the seed, and names it with its slots', async () => {
    const victims = await Promise.all(
      [1, 2, 3, 4, 5, 6].map(async (seed) => (await stage(seed).plan({})).victim),
    );
    expect(await stage(1).plan({})).toMatchObject({ victim: victims[0] });
    expect(new Set(victims).size).toBeGreaterThan(1);
    expect(victims[0]).toMatch(/^writes of redis 10\.0\.0\.\d:7000 \(slots \d+-\d+, run_id run-\d-of\)$/);
  });

  it('alters all, restores all but the one that is gone, and says which', async () => {
    const { servers, on, fault, plan } = stage();
    const all = await plan({ node: 'all' });
    expect(all.victims).toHaveLength(3);
    await fault.apply(all, on, ms(3000));
    expect([...servers.values.values()]).toEqual(['1', '1', '1']);
    expect(await fault.renew(all, on, ms(3000))).toBe(true);
    servers.lost.add('10.0.0.2:7000');
    if (all.undo === null) throw new Error('no undo');
    const undo = {
      fault: fault.name,
      data: fault.undoShape.parse(JSON.parse(JSON.stringify(all.undo.data))),
    };
    await expect(fault.undo(undo, on)).rejects.toThrow('nothing answers at 10.0.0.2:7000');
    expect([...servers.values.values()]).toEqual(['0', '1', '0']);
    expect(await fault.removed(undo, on)).toEqual({
      gone: false,
      evidence:
        '10.0.0.1:7000: maxmemory is 0 as before; 10.0.0.2:7000: nothing answers at 10.0.0.2:7000; 10.0.0.3:7000: maxmemory is 0 as before',
    });
    servers.lost.clear();
    servers.runs.set('10.0.0.2:7000', 'another-run');
    servers.values.set('10.0.0.2:7000', '0');
    await fault.undo(undo, on);
    expect((await fault.removed(undo, on)).evidence).toContain(
      '10.0.0.2:7000: maxmemory is 0 as before; Redis was restarted meanwhile',
    );
  });

  it('is not applied to a process that is not the one of the plan', async () => {
    const { servers, on, fault, plan } = stage();
    const one = await plan({ node: '10.0.0.3:7000' });
    servers.runs.set('10.0.0.3:7000', 'another-run');
    await expect(fault.apply(one, on, ms(3000))).rejects.toThrow('Redis was restarted before the act');
  });

  it('is no fault with a node of one server alone', async () => {
    const { world } = newStage();
    const { spec } = planned('redis-maxmemory', { for: '5s', node: 'all' });
    await expect(faultNamed('redis-maxmemory').plan(spec, world)).rejects.toThrow(
      'redis-maxmemory.node: expected a Redis Cluster behind redis, got one server. Remove node.',
    );
  });

  it('has undo data that names nodes by address and id, and nothing else', () => {
    const change = { identity: 'x', key: 'maxmemory', from: '0', to: '1', evictedKeys: 0, service: 'redis' };
    const { undoShape } = faultNamed('redis-maxmemory');
    const node = { address: '10.0.0.1:7000', id: ID('a') };
    const accepts = (data: unknown): boolean => undoShape.safeParse(data).success;
    expect(accepts({ ...change, node })).toBe(true);
    expect(accepts({ service: 'redis', changes: [{ ...change, node }] })).toBe(true);
    expect(accepts({ service: 'redis', changes: [] })).toBe(false);
    expect(accepts({ ...change, node: { address: '10.0.0.1' } })).toBe(false);
    expect(accepts({ ...change, node: { address: '10.0.0.1:7000', id: 'a; b' } })).toBe(false);
    expect(accepts({ service: 'redis', changes: [{ ...change, key: 'requirepass' }] })).toBe(false);
    const pause = faultNamed('redis-pause').undoShape;
    expect(
      pause.safeParse({ id: 'p-1', service: 'redis', nodes: [{ node, identity: 'x', before: [] }] }).success,
    ).toBe(true);
    expect(
      pause.safeParse({ id: 'p 1', service: 'redis', nodes: [{ node, identity: 'x', before: [] }] }).success,
    ).toBe(false);
  });
});
