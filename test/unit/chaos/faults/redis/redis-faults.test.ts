import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../../../../src/chaos/fault.ts';
import { judgeRedis } from '../../../../../src/chaos/faults/redis/redis-proof.ts';
import { faultNamed } from '../../../../../src/chaos/faults/registry.ts';
import { openEntries } from '../../../../../src/chaos/healing/journal.ts';
import { recoverAll } from '../../../../../src/chaos/healing/recover.ts';
import type { ProbeSample } from '../../../../../src/core/samples.ts';
import { epochMs, ms } from '../../../../../src/core/units.ts';
import type { FakeOptions } from '../../../../fakes/fake-platform.ts';
import { drive, exampleOf, planned, type Stage, stages } from '../../stage.ts';

const newStage = stages();

const REDIS_FAULTS = ['redis-pause', 'redis-maxclients', 'redis-maxmemory', 'redis-kill-connections'];
const DURATION = 'a duration with a unit (us, ms, s, m, h), such as 500ms or 8s';
const problemsOf = (name: string, raw: unknown): string[] => {
  const parsed = faultNamed(name).parse(raw);
  return parsed.ok ? [] : parsed.problems.map((one) => `${one.path}: ${one.expected}; ${one.got}`);
};

describe('parameters', () => {
  it('all problems of a block come at once', () => {
    expect(problemsOf('redis-pause', { mode: 'read', for: 5 })).toEqual([
      'mode: one of all, write; "read"',
      `for: ${DURATION}, greater than 0; 5`,
    ]);
    expect(problemsOf('redis-maxclients', null)).toEqual([`for: ${DURATION}, greater than 0; nothing`]);
    expect(problemsOf('redis-maxmemory', { 'accept-data-loss': 'perhaps', for: '1s' })).toEqual([
      'accept-data-loss: true or false; "perhaps"',
    ]);
    expect(problemsOf('redis-kill-connections', { for: '1s' })).toEqual([
      'for: nothing: this fault has no duration, it ends when it is done; "1s"',
    ]);
    expect(problemsOf('redis-kill-connections', [1])).toEqual([': a map with service, node; a list']);
  });

  it('takes nothing at all for a fault without parameters', () => {
    expect(faultNamed('redis-kill-connections').parse(null)).toEqual({ ok: true, spec: {}, holdMs: null });
  });
});

describe('an act without an effect', () => {
  it.each(REDIS_FAULTS)('%s is not injected when clients use another server', async (name) => {
    const one = newStage({ redisUnused: true });
    const record = await one.run(exampleOf(faultNamed(name)));
    expect(record.status).toBe('not-injected');
    expect(record.injection?.evidence).toMatch(/^expected /);
    expect(openEntries(one.journal.path)).toEqual([]);
  });
});

describe('redis-maxmemory', () => {
  const plan = (options: FakeOptions, raw: object, change?: (one: Stage) => void) => {
    const one = newStage(options);
    change?.(one);
    return faultNamed('redis-maxmemory').plan(
      planned('redis-maxmemory', { for: '1s', ...raw }).spec,
      one.world,
    );
  };

  it('is refused where keys would be evicted, unless the loss is declared', async () => {
    await expect(plan({ evictionPolicy: 'allkeys-lru' }, {})).rejects.toMatchObject({
      kind: 'refused',
      message:
        'redis-maxmemory: maxmemory-policy of the target: expected noeviction, got allkeys-lru, under which keys are ' +
        'evicted and do not come back. Declare the loss with accept-data-loss: true, or leave this fault out.',
    });
    const declared = await plan({ evictionPolicy: 'allkeys-lru' }, { 'accept-data-loss': true });
    expect(declared.timers[0]).toBe('maxmemory-policy is allkeys-lru; 1.0 MB are in use.');
  });

  it('is refused where the limit of client buffers is a share of it: connections would be closed', async () => {
    const share = (one: Stage): unknown => one.target.redis.settings.set('maxmemory-clients', '5%');
    await expect(plan({}, {}, share)).rejects.toThrow(
      'redis-maxmemory: maxmemory-clients of the target: expected a size of its own or 0, got 5% of maxmemory, ' +
        "which would close clients' connections.",
    );
  });

  it('says how many keys are gone for good', async () => {
    const one = newStage({ evictionPolicy: 'allkeys-lru' });
    const record = await one.run(planned('redis-maxmemory', { for: '1s', 'accept-data-loss': true }));
    expect(record.removal?.evidence).toBe(
      'maxmemory is 0 as before; 2001 keys were evicted and do not come back',
    );
  });
});

describe.each([
  ['redis-maxclients', 'maxclients', '10000'],
  ['redis-maxmemory', 'maxmemory', '0'],
] as const)('%s', (name, key, before) => {
  it('a target that has this limit already is told, and nothing is touched', async () => {
    const one = newStage();
    one.target.redis.settings.set(key, '1');
    await expect(faultNamed(name).plan(exampleOf(faultNamed(name)).spec, one.world)).rejects.toMatchObject({
      kind: 'usage',
    });
  });

  it('does not overwrite what somebody else set while it was held: residue, until it is as before', async () => {
    const one = newStage();
    const running = one.run(planned(name, { for: '3s' }));
    while (!one.events.some((event) => event.kind === 'fault-injected')) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    one.target.redis.settings.set(key, '77');
    const record = await running;
    expect(record.status).toBe('residue');
    const evidence = `${key} is 77: another client changed it meanwhile (before ${before}, by us 1); not overwritten`;
    expect(record.removal?.evidence).toBe(evidence);
    expect(record.cutShort).toBe(
      'the fault is not in place any more: it was not renewed in time, or another client ended it',
    );
    const recovery = {
      places: one.places,
      openPlatform: async () => one.world.platform,
      clock: one.clock,
      removalTimeoutMs: ms(200),
    };
    const first = await drive(one.clock, recoverAll(recovery));
    expect(first.residue.map((each) => each.evidence)).toEqual([evidence]);
    expect(one.target.redis.settings.get(key)).toBe('77');
    one.target.redis.settings.set(key, before);
    expect((await drive(one.clock, recoverAll(recovery))).residue).toEqual([]);
  });

  it('writes nothing to a server that was restarted: the setting went with the old one', async () => {
    const one = newStage();
    const fault = faultNamed(name);
    const plan = await fault.plan(exampleOf(fault).spec, one.world);
    await fault.apply(plan, one.world, ms(3000));
    if (plan.undo === null) throw new Error('no undo');
    one.target.redis.restart('another');
    expect(await fault.renew(plan, one.world, ms(3000))).toBe(false);
    await fault.undo(plan.undo, one.world);
    expect(one.target.acts).toEqual([`set ${key}`]);
    expect(await fault.removed(plan.undo, one.world)).toEqual({
      gone: true,
      evidence: `${key} is ${before} as before; Redis was restarted meanwhile`,
    });
    one.target.redis.settings.set(key, '1');
    expect(await fault.removed(plan.undo, one.world)).toEqual({
      gone: false,
      evidence: `${key} is 1 and was ${before}, but Redis was restarted meanwhile: not overwritten`,
    });
  });

  it('does not act when the value was changed, or the server restarted, since the plan', async () => {
    const one = newStage();
    const fault = faultNamed(name);
    const plan = await fault.plan(exampleOf(fault).spec, one.world);
    one.target.redis.settings.set(key, '77');
    await expect(fault.apply(plan, one.world, ms(3000))).rejects.toThrow(
      `${key} was changed by another client before the act`,
    );
    one.target.redis.restart('another');
    await expect(fault.apply(plan, one.world, ms(3000))).rejects.toThrow(
      'Redis was restarted before the act',
    );
    expect(one.target.acts).toEqual([]);
  });
});

describe('redis-pause', () => {
  it('does not end the pause of somebody else', async () => {
    const one = newStage();
    await one.world.platform.redis?.pause({ id: 'other', mode: 'write', ttlMs: 600_000 });
    const record = await one.run(planned('redis-pause', { for: '1s' }));
    expect(record.status).toBe('injected');
    expect([...one.target.redis.pauses.keys()]).toEqual(['other']);
  });

  it('lapses when nobody renews it', async () => {
    const one = newStage();
    const fault = faultNamed('redis-pause');
    const plan = await fault.plan(exampleOf(fault).spec, one.world);
    await fault.apply(plan, one.world, ms(3000));
    await one.clock.advance(2900);
    expect(await fault.renew(plan, one.world, ms(3000))).toBe(true);
    await one.clock.advance(3100);
    expect(await fault.renew(plan, one.world, ms(3000))).toBe(false);
  });
});

describe('the proof', () => {
  const sample = (connection: 'held' | 'fresh', at: number, outcome: string): ProbeSample => ({
    probe: 'redis',
    connection,
    at: epochMs(at),
    tookMs: 1,
    ok: outcome.startsWith('ok'),
    outcome,
  });
  const judge = (held: string[], fresh: string[]) => {
    const of = (connection: 'held' | 'fresh', outcomes: string[], from: number): ProbeSample[] =>
      outcomes.map((outcome, index) => sample(connection, from + index * 100, outcome));
    const good = ['ok', 'ok', 'ok'];
    const evidence: Evidence = {
      appliedAt: epochMs(1000),
      baseline: { held: of('held', good, 0), fresh: of('fresh', good, 0) },
      since: { held: of('held', held, 1000), fresh: of('fresh', fresh, 1000) },
      snapshotsBefore: [],
      snapshots: [],
    };
    return judgeRedis(
      'redis',
      {
        hit: [{ probe: 'answers', connection: 'fresh', as: [{ error: 'ERR max number of clients' }] }],
        spared: [{ probe: 'answers', connection: 'held' }],
        text: 'fresh turned away, held goes on',
      },
      evidence,
    );
  };
  const FULL = 'ERR max number of clients reached';

  it('dates the effect to the first answer that shows it', () => {
    expect(judge(['ok', 'ok', 'ok'], ['ok', FULL, FULL])).toMatchObject({
      kind: 'seen',
      at: 1101,
      boundMs: 101,
      evidence: 'fresh turned away, held goes on',
    });
  });

  it('does not take a dead server for one that is full', () => {
    expect(judge(['reset', 'refused'], ['refused', 'refused'])).toMatchObject({ kind: 'not-yet' });
    expect(judge(['ok', 'ok', 'reset'], ['ok', FULL, FULL])).toMatchObject({
      kind: 'not-yet',
      evidence: 'expected fresh turned away, held goes on; no good answer since on held redis',
    });
  });

  it('waits for a good answer from after the effect on what must be spared', () => {
    expect(judge(['ok', 'ok'], ['ok', FULL])).toMatchObject({ kind: 'not-yet' });
  });
});
