import { describe, expect, it } from 'vitest';
import { faultNamed } from '../../../../src/chaos/faults/registry.ts';
import { endJournal } from '../../../../src/chaos/healing/cluster-journal.ts';
import { openEntries } from '../../../../src/chaos/healing/journal.ts';
import { recoverClusterJournal } from '../../../../src/chaos/healing/recover-cluster-journal.ts';
import { replayJournal } from '../../../../src/chaos/healing/replay.ts';
import { runFault } from '../../../../src/chaos/injector/injector.ts';
import type { Platform } from '../../../../src/core/acts/platform.ts';
import { ms } from '../../../../src/core/units.ts';
import { dieAt, gated } from '../gates.ts';
import { drive, exampleOf, stages } from '../stage.ts';

const newStage = stages();
const MAXCLIENTS = exampleOf(faultNamed('redis-maxclients'));

/** A harness that dies for good when its act is done. */
async function dead() {
  const one = newStage();
  let isDead = false;
  const never = new Promise<never>(() => undefined);
  const world = gated(one.world, async (where) => {
    if (isDead) await never;
    if (where === 'redis.setConfig after') isDead = true;
  });
  void runFault(one.request(MAXCLIENTS, { world }));
  await one.clock.advance(5000);
  expect(one.target.redis.traces()).not.toEqual(newStage().target.redis.traces());
  return one;
}

describe('the journal that the target keeps', () => {
  it('has the undo before the disk has it, and before the act', async () => {
    const one = newStage();
    const order: string[] = [];
    const world = gated(one.world, async (where) => {
      if (!/^clusterJournal|setConfig before/.test(where)) return;
      order.push(
        `${where}: ${one.target.clusterJournal.traces().length} there, ${openEntries(one.journal.path).length} here`,
      );
    });
    await one.run(MAXCLIENTS, { world });
    expect(order.slice(0, 3)).toEqual([
      'clusterJournal.open before: 0 there, 0 here',
      'clusterJournal.open after: 1 there, 0 here',
      'redis.setConfig before: 1 there, 1 here',
    ]);
    expect(order.slice(-2)).toEqual([
      'clusterJournal.close before: 1 there, 0 here',
      'clusterJournal.close after: 0 there, 0 here',
    ]);
  });

  it('keeps the fault from being injected when it cannot be written, and says why', async () => {
    const one = newStage();
    one.target.clusterJournal.failing = 'connection refused';
    const record = await one.run(MAXCLIENTS);
    expect(record).toMatchObject({ status: 'not-injected', appliedAt: null, cutShort: null });
    expect(record.injection?.evidence).toBe(
      'its undo could not be written into the journal of the target: journal: expected an answer, got connection refused.',
    );
    expect(one.target.acts).toEqual([]);
    expect(openEntries(one.journal.path)).toEqual([]);
    expect(one.events.map((event) => event.kind)).toEqual(['fault-planned', 'fault-not-injected']);
  });

  it('keeps nothing of a fault whose run ended while it was written', async () => {
    const one = newStage();
    const ended = new AbortController();
    const world = gated(one.world, async (where) => {
      if (where === 'clusterJournal.open after') ended.abort(new Error('Ctrl-C'));
    });
    const record = await one.run(MAXCLIENTS, { world, signal: ended.signal });
    expect(record).toMatchObject({ status: 'not-injected', appliedAt: null });
    expect(one.target.acts).toEqual([]);
    expect(one.target.clusterJournal.traces()).toEqual([]);
  });

  it('does not keep a fault from being proven removed when its end cannot be written', async () => {
    const one = newStage();
    const world = gated(one.world, async (where) => {
      if (where === 'clusterJournal.close before') one.target.clusterJournal.failing = 'connection refused';
    });
    expect(await one.run(MAXCLIENTS, { world })).toMatchObject({ status: 'injected', cutShort: null });
    expect(one.target.clusterJournal.traces()).toEqual(['redis-maxclients']);
    expect(await endJournal(one.journal, one.world.platform)).toBe(
      'every fault is undone, but the journal of run r1 is still on the target: journal: expected an answer, got connection refused.',
    );
    one.target.clusterJournal.failing = null;
    expect(await endJournal(one.journal, one.world.platform)).toBeNull();
    expect([...one.target.clusterJournal.runs]).toEqual([]);
  });

  it('stays while its harness may come back, and goes once that is dead and everything undone', async () => {
    const one = await dead();
    const replay = (ownerIsDead: boolean) =>
      drive(
        one.clock,
        replayJournal(one.journal.path, {
          openPlatform: async () => one.world.platform,
          clock: one.clock,
          holder: 'keeper',
          removalTimeoutMs: ms(10_000),
          ownerIsDead,
        }),
      );
    expect((await replay(false)).undone).toHaveLength(1);
    expect(one.target.clusterJournal.traces()).toEqual(['redis-maxclients']);
    await replay(true);
    expect([...one.target.clusterJournal.runs]).toEqual([]);
  });

  it('stays at the end of a run that left something', async () => {
    const one = newStage();
    one.journal.open({ id: 'x', name: 'x', fault: 'x', undo: null, ttlMs: 1 });
    await one.world.platform.clusterJournal?.open('r1', {
      id: 'x',
      name: 'x',
      fault: 'x',
      undo: null,
      ttlMs: 1,
    });
    expect(await endJournal(one.journal, one.world.platform)).toBeNull();
    expect(one.target.clusterJournal.traces()).toEqual(['x']);
  });
});

describe('recovery from another machine', () => {
  it('undoes what is open, newest first, and takes the journal away', async () => {
    const one = await dead();
    const { platform } = one.world;
    await platform.clusterJournal?.open('r1', {
      id: '2',
      name: 'noop#2',
      fault: 'noop',
      undo: null,
      ttlMs: 1,
    });
    const outcome = await drive(one.clock, recoverClusterJournal({ platform, clock: one.clock }));
    expect(outcome).toEqual({
      undone: [
        { run: 'r1', fault: 'noop#2', evidence: 'nothing was changed' },
        { run: 'r1', fault: 'redis-maxclients', evidence: expect.stringMatching(/maxclients/) },
      ],
      residue: [],
      finished: [{ run: 'r1', where: 'journal r1' }],
    });
    expect(one.target.redis.traces()).toEqual(newStage().target.redis.traces());
    expect(await recoverClusterJournal({ platform, clock: one.clock })).toEqual({
      undone: [],
      residue: [],
      finished: [],
    });
  });

  it('leaves the journal where it is when something cannot be undone, and only that open in it', async () => {
    const one = await dead();
    const { platform } = one.world;
    await platform.clusterJournal?.open('r1', {
      id: '2',
      name: 'later#2',
      fault: 'later',
      undo: { fault: 'later', data: {} },
      ttlMs: 1,
    });
    const outcome = await drive(one.clock, recoverClusterJournal({ platform, clock: one.clock }));
    expect(outcome.residue).toEqual([
      { run: 'r1', fault: 'later#2', evidence: 'this version of Gauntlet has no fault later' },
    ]);
    expect(outcome.finished).toEqual([]);
    expect(one.target.clusterJournal.traces()).toEqual(['later#2']);
  });

  it('waits no longer when it is interrupted, and still tries every undo once', async () => {
    const one = await dead();
    const { platform } = one.world;
    await platform.clusterJournal?.open('r1', {
      id: '2',
      name: 'kill-pod#2',
      fault: 'kill-pod',
      // More instances than there are: never ready again.
      undo: {
        fault: 'kill-pod',
        data: { service: 'planner', victims: [], known: [], readyBefore: 9, drainUntil: null },
      },
      ttlMs: 1,
    });
    const began = one.clock.now();
    const outcome = await drive(
      one.clock,
      recoverClusterJournal({ platform, clock: one.clock, signal: AbortSignal.abort(new Error('Ctrl-C')) }),
    );
    expect(one.clock.now() - began).toBeLessThan(1000);
    expect(outcome.undone.map((entry) => entry.fault)).toEqual(['redis-maxclients']);
    expect(outcome.residue.map((entry) => entry.fault)).toEqual(['kill-pod#2']);
  });

  it('refuses the journal of a run on another cluster before it touches anything', async () => {
    const one = await dead();
    const platform: Platform = {
      ...one.world.platform,
      handle: { platform: 'kubernetes', identity: 'kubernetes:other' },
    };
    const acts = one.target.acts.length;
    await expect(recoverClusterJournal({ platform, clock: one.clock })).rejects.toThrow(
      'journal of run r1 (journal r1): expected a run on kubernetes:other, got one on fake. Use a context that leads to that cluster ' +
        '(gauntlet doctor --target shows which one this is); if the journal belongs to another cluster, check the target and delete it.',
    );
    expect(one.target.acts).toHaveLength(acts);
  });

  it('tells of a journal that cannot be read, and leaves it', async () => {
    const one = newStage();
    const clusterJournal = one.target.clusterJournal.acts;
    const damaged = { run: 'n', identity: 'fake', where: 'ConfigMap n in shop', open: [], damage: 'no head' };
    const platform: Platform = {
      ...one.world.platform,
      clusterJournal: { ...clusterJournal, list: async () => [damaged] },
    };
    expect(await recoverClusterJournal({ platform, clock: one.clock, removalTimeoutMs: ms(1) })).toEqual({
      undone: [],
      residue: [
        {
          run: 'n',
          fault: 'journal',
          evidence:
            'ConfigMap n in shop cannot be read (no head): what this run left open is unknown. Check the target, then delete it',
        },
      ],
      finished: [],
    });
  });

  it('may die at any of its own awaits: the next one does the rest', async () => {
    for (let index = 1; ; index += 1) {
      const one = await dead();
      const death = dieAt(index);
      void recoverClusterJournal(gated(one.world, death.gate));
      await one.clock.advance(2000);
      await drive(one.clock, recoverClusterJournal(one.world));
      expect(one.target.redis.traces(), `died at ${index}`).toEqual(newStage().target.redis.traces());
      expect([...one.target.clusterJournal.runs], `died at ${index}`).toEqual([]);
      if (!death.died()) return expect(index).toBeGreaterThan(8);
    }
  });
});
