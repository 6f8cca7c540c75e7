import { describe, expect, it } from 'vitest';
import type { Fault } from '../../../../src/chaos/fault.ts';
import { faultNamed } from '../../../../src/chaos/faults/registry.ts';
import { appender, openEntries } from '../../../../src/chaos/healing/journal.ts';
import { runFault } from '../../../../src/chaos/injector/injector.ts';
import { EffectLost } from '../../../../src/core/errors.ts';
import { ms } from '../../../../src/core/units.ts';
import { drive, traces } from '../stage.ts';
import { kill, kinds, newStage, throttle, withLinks } from './injected.ts';

describe('ends before its time', () => {
  it('undoes immediately and notifies the run when the keeper dies', async () => {
    const one = newStage();
    const running = runFault(one.request(throttle(60_000)));
    await one.clock.advance(3000);
    expect(one.target.placed.size).toBe(1);
    one.loseLease('the lease keeper (pid 9) ended: SIGKILL');
    await one.clock.advance(50);
    expect(one.target.placed.size).toBe(0);
    const record = await drive(one.clock, running);
    expect(record).toMatchObject({ status: 'injected', cutShort: 'the lease keeper (pid 9) ended: SIGKILL' });
    expect(one.events).toContainEqual({
      kind: 'abort',
      why: 'throttle-redis: the lease keeper (pid 9) ended: SIGKILL',
    });
  });

  it('notifies the run when the platform ended the fault by itself', async () => {
    const one = newStage();
    const running = runFault(one.request(throttle(60_000)));
    await one.clock.advance(3000);
    one.target.placed.clear();
    const record = await drive(one.clock, running);
    const why = 'the fault is not in place any more: it was not renewed in time, or another client ended it';
    expect(record.cutShort).toBe(why);
    expect(one.events).toContainEqual({ kind: 'abort', why: `throttle-redis: ${why}` });
    expect(record.removal?.boundMs).toBeGreaterThan(100);
  });

  it('ends at once a fault that is there and does nothing any more, and says why', async () => {
    const one = newStage();
    let isLost = false;
    const lost = { subject: 'link a->b', expected: 'nothing to come through', got: '2 of 2 new connections' };
    const world = withLinks(one.world, {
      renew: (id, ttl) =>
        isLost
          ? Promise.reject(new EffectLost('unavailable', [lost]))
          : (one.world.platform.links?.renew(id, ttl) ?? Promise.reject()),
    });
    const running = runFault(one.request(throttle(60_000), { world }));
    await one.clock.advance(3000);
    isLost = true;
    const lostAt = one.clock.now();
    const record = await drive(one.clock, running);
    const why =
      'the fault is in place without effect: link a->b: expected nothing to come through, got 2 of 2 new connections.';
    expect(record).toMatchObject({ status: 'injected', cutShort: why });
    expect(one.events).toContainEqual({ kind: 'abort', why: `throttle-redis: ${why}` });
    // A third of the ttl lies between two renewals; nothing is waited out.
    expect((record.removedAt ?? 0) - lostAt).toBeLessThan(1500);
    expect(one.target.placed.size).toBe(0);
  });

  it('looks once more when the hold is over, and does not call whole what has lost its effect by then', async () => {
    const one = newStage();
    let renewals = 0;
    const lost = { subject: 'link a->b', expected: 'nothing to come through', got: 'something' };
    const world = withLinks(one.world, {
      renew: () => {
        renewals += 1;
        return Promise.reject(new EffectLost('unavailable', [lost]));
      },
    });
    const record = await one.run(throttle(100), { world });
    expect([renewals, record.cutShort]).toEqual([
      1,
      'the fault is in place without effect: link a->b: expected nothing to come through, got something.',
    ]);
  });

  it('a harness that was stopped finds out what the keeper did, even when the hold is over too', async () => {
    const one = newStage();
    const running = runFault(one.request(throttle(500)));
    await one.clock.advance(1500);
    const holder = 'keeper pid 9';
    one.target.placed.clear();
    appender(
      one.journal.path,
      one.clock,
    )({ kind: 'expired', holder, why: 'the lease was not renewed', at: 1 });
    const record = await drive(one.clock, running);
    expect(record.cutShort).toBe(
      'the lease expired: keeper pid 9 undid the fault (the lease was not renewed)',
    );
  });

  it('begins nothing after its lease has expired', async () => {
    const one = newStage();
    const line = {
      kind: 'expired',
      holder: 'keeper pid 9',
      why: 'the lease was not renewed',
      at: 1,
    } as const;
    appender(one.journal.path, one.clock)(line);
    await expect(one.run(throttle())).rejects.toThrow(
      'lease: expected a living lease, got expired (keeper pid 9: the lease was not renewed).',
    );
    expect(one.target.acts).toEqual([]);
    expect(openEntries(one.journal.path)).toEqual([]);
  });

  it('keeps a fault over many times its ttl while the harness lives', async () => {
    const one = newStage();
    const record = await one.run(throttle(20_000));
    expect(record).toMatchObject({ status: 'injected', cutShort: null });
  });

  it('ends the fault when it cannot be renewed for a whole ttl, and not before', async () => {
    const one = newStage();
    let fails = false;
    const world = withLinks(one.world, {
      renew: (id, ttl) =>
        fails
          ? Promise.reject(new Error('no answer'))
          : (one.world.platform.links?.renew(id, ttl) ?? Promise.reject()),
    });
    const running = runFault(one.request(throttle(60_000), { world }));
    await one.clock.advance(3000);
    fails = true;
    const failedAt = one.clock.now();
    const record = await drive(one.clock, running);
    expect(record.cutShort).toBe('the fault could not be renewed: no answer');
    expect((record.removedAt ?? 0) - failedAt).toBeGreaterThan(2000);
  });

  it('is interrupted by the run and says so', async () => {
    const one = newStage();
    const stop = new AbortController();
    const running = runFault(one.request(throttle(60_000), { signal: stop.signal }));
    await one.clock.advance(3000);
    stop.abort(new Error('SIGINT'));
    const record = await drive(one.clock, running);
    expect(record).toMatchObject({ status: 'injected', cutShort: 'interrupted: SIGINT' });
    expect(kinds(one)).not.toContain('abort');
  });
});

describe('when something goes wrong', () => {
  it('undoes an act that failed half-way, and calls it not injected', async () => {
    const one = newStage();
    const world = withLinks(one.world, {
      async impair(impairment) {
        await one.world.platform.links?.impair(impairment);
        throw new Error('connection lost');
      },
    });
    const record = await one.run(throttle(), { world });
    expect(record).toMatchObject({ status: 'not-injected' });
    expect(record.injection?.evidence).toBe('the act failed: connection lost');
    expect(one.target.placed.size).toBe(0);
    expect(openEntries(one.journal.path)).toEqual([]);
  });

  it('tries the undo again until it works', async () => {
    const one = newStage();
    let tries = 0;
    const world = withLinks(one.world, {
      async heal(id) {
        tries += 1;
        if (tries < 4) throw new Error('busy');
        await one.world.platform.links?.heal(id);
      },
    });
    const record = await one.run(throttle(), { world });
    expect(tries).toBeGreaterThanOrEqual(4);
    expect(record.status).toBe('injected');
  });

  it('calls residue what it cannot prove removed, and leaves it open in the journal', async () => {
    const one = newStage();
    const world = withLinks(one.world, { heal: () => Promise.reject(new Error('no answer')) });
    const record = await one.run(throttle(), { world, removalTimeoutMs: ms(1000) });
    expect(record).toMatchObject({ status: 'residue', removedAt: null });
    expect(record.removal?.evidence).toBe('undo failed: no answer');
    expect(openEntries(one.journal.path).map((entry) => entry.name)).toEqual(['throttle-redis']);
    expect(kinds(one)).toContain('fault-residue');
  });

  it('a heal that does nothing is residue: the state is compared, not believed', async () => {
    const one = newStage();
    const world = withLinks(one.world, { heal: async () => undefined });
    const record = await one.run(throttle(), { world, removalTimeoutMs: ms(1000) });
    expect(record.status).toBe('residue');
    expect(record.removal?.evidence).toMatch(/^throttle-redis-[0-9a-f-]+ is still on web->redis, /);
  });

  it('never removes what others put there, and says when it came meanwhile', async () => {
    const one = newStage();
    const links = ['web->redis'];
    await one.world.platform.links?.impair({ id: 'other', links, effect: { kind: 'cut' }, ttlMs: 60_000 });
    const record = await one.run(throttle());
    expect(record.status).toBe('injected');
    expect([...one.target.placed.keys()]).toEqual(['other']);
  });

  it.each(['fault-applied', 'fault-injected', 'fault-undoing', 'fault-removed'])(
    'undoes first and throws then when %s cannot be reported',
    async (kind) => {
      const one = newStage();
      const before = traces(one.target);
      const report = (event: { kind: string }): void => {
        if (event.kind === kind) throw new Error('disk full');
      };
      await expect(one.run(throttle(), { report })).rejects.toThrow('throttle-redis: disk full');
      expect(traces(one.target)).toEqual(before);
      expect(openEntries(one.journal.path)).toEqual([]);
    },
  );

  it('joins everything that failed in one AggregateError', async () => {
    const one = newStage();
    const report = (event: { kind: string }): void => {
      if (event.kind !== 'fault-planned') throw new Error(event.kind);
    };
    const failure = await one.run(throttle(), { report }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(AggregateError);
    expect((failure as AggregateError).errors.map(String)).toEqual([
      'Error: fault-applied',
      'Error: fault-undoing',
      'Error: fault-removed',
    ]);
  });

  it('a victim that died by itself is not the one that the fault killed', async () => {
    const one = newStage();
    const fault: Fault = {
      ...faultNamed('kill-pod'),
      async apply(plan, world, ttl) {
        await faultNamed('kill-pod').apply(plan, world, ttl);
        await faultNamed('kill-pod').apply(plan, world, ttl);
      },
    };
    const record = await one.run(kill(), { faults: [fault] });
    expect(record.status).toBe('not-injected');
    expect(record.injection?.evidence).toBe(
      'the act failed: orders-0 (pid 102) was gone before the signal was sent',
    );
  });
});
