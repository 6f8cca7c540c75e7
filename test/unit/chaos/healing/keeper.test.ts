import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { openEntries, readJournal } from '../../../../src/chaos/healing/journal.ts';
import { type KeeperEnd, outlive, runKeeper } from '../../../../src/chaos/healing/keeper.ts';
import { recoverAll } from '../../../../src/chaos/healing/recover.ts';
import { ms } from '../../../../src/core/units.ts';
import { drive, type Stage, stage } from '../stage.ts';

const stages: Stage[] = [];
afterEach(() => {
  for (const one of stages.splice(0)) one.cleanUp();
});

interface Kept {
  readonly one: Stage;
  readonly input: PassThrough;
  readonly end: Promise<KeeperEnd>;
}

/** A keeper with a ttl of 3 s over a journal with one open throttle that is in place. */
async function kept(): Promise<Kept> {
  const one = stage();
  stages.push(one);
  const undo = { fault: 'throttle-redis', data: { id: 'x', before: { 'probe->redis': [] } } };
  one.journal.open({ id: 'x', name: 'throttle-redis', fault: 'throttle-redis', undo, ttlMs: 3000 });
  const effect = { kind: 'cut' } as const;
  await one.world.platform.links?.impair({ id: 'x', links: ['probe->redis'], effect, ttlMs: 600_000 });
  const input = new PassThrough();
  const end = runKeeper(input, {
    journal: one.journal.path,
    ttlMs: ms(3000),
    clock: one.clock,
    holder: 'keeper pid 9',
    openPlatform: async () => one.world.platform,
    removalTimeoutMs: ms(5000),
  });
  return { one, input, end };
}

const evidence = 'x is gone, 1 links as before';
const undone = [{ run: 'r1', fault: 'throttle-redis', evidence }];

describe('lease keeper', () => {
  it('undoes nothing while it hears the harness, however long', async () => {
    const { one, input } = await kept();
    for (let second = 0; second < 60; second += 1) {
      input.write('renew\n');
      await one.clock.advance(1000);
    }
    expect(one.target.placed.size).toBe(1);
  });

  it('undoes when the pipe closes without a goodbye', async () => {
    const { one, input, end } = await kept();
    input.end();
    expect(await drive(one.clock, end)).toEqual({ why: 'the harness is gone', undone, residue: [] });
    expect(one.target.placed.size).toBe(0);
    expect(readJournal(one.journal.path).closed).toMatchObject([
      { id: 'x', holder: 'keeper pid 9', evidence },
    ]);
    expect(readJournal(one.journal.path).expired).toMatchObject({ why: 'the harness is gone' });
  });

  it('undoes within the ttl when the harness falls silent but holds the pipe', async () => {
    const { one, input, end } = await kept();
    input.write('renew\n');
    await one.clock.advance(2900);
    expect(one.target.placed.size).toBe(1);
    const from = one.clock.now();
    expect(await drive(one.clock, end)).toMatchObject({ why: 'the lease was not renewed', residue: [] });
    expect(one.clock.now() - from).toBeLessThanOrEqual(200);
    expect(one.target.placed.size).toBe(0);
  });

  it('hears a renewal that comes in two pieces', async () => {
    const { one, input } = await kept();
    await one.clock.advance(2000);
    input.write('ren');
    input.write('ew\n');
    await one.clock.advance(2000);
    expect(one.target.placed.size).toBe(1);
  });

  it('goes at a goodbye, and leaves everything to the harness', async () => {
    const { one, input, end } = await kept();
    input.end('bye\n');
    expect(await drive(one.clock, end)).toEqual({ why: 'bye', undone: [], residue: [] });
    expect(openEntries(one.journal.path)).toHaveLength(1);
    expect(readJournal(one.journal.path).expired).toBeUndefined();
  });

  it('leaves nothing for a later recovery to do', async () => {
    const { one, input, end } = await kept();
    input.end();
    await drive(one.clock, end);
    const request = { places: one.places, openPlatform: async () => one.world.platform, clock: one.clock };
    expect(await recoverAll(request)).toEqual({ undone: [], residue: [] });
  });
});

describe('the successor of a keeper whose harness only hung', () => {
  /** The lease has run out, the keeper has undone; the harness wakes in the middle of its act, and does it. */
  async function actedLate(): Promise<Stage> {
    const { one, end } = await kept();
    expect(await drive(one.clock, end)).toEqual({ why: 'the lease was not renewed', undone, residue: [] });
    const effect = { kind: 'cut' } as const;
    await one.world.platform.links?.impair({ id: 'x', links: ['probe->redis'], effect, ttlMs: 600_000 });
    return one;
  }
  const succeed = (one: Stage, holder = 'keeper pid 10') =>
    drive(
      one.clock,
      outlive({
        journal: one.journal.path,
        clock: one.clock,
        holder,
        openPlatform: async () => one.world.platform,
        removalTimeoutMs: ms(5000),
      }),
    );

  it('undoes what the harness did behind the undo, once it is dead, and once only', async () => {
    const one = await actedLate();
    expect(openEntries(one.journal.path)).toEqual([]);
    expect(await succeed(one)).toEqual({ undone, residue: [] });
    expect(one.target.placed.size).toBe(0);
    expect(await succeed(one, 'keeper pid 11')).toEqual({ undone: [], residue: [] });
  });

  it('leaves alone what the harness itself has proven to be gone', async () => {
    const one = await actedLate();
    one.journal.close('x', 'harness pid 1', 'gone');
    const acts = one.target.acts.length;
    expect(await succeed(one)).toEqual({ undone: [], residue: [] });
    expect(one.target.acts).toHaveLength(acts);
  });

  it('is done by recover, if the successor died too', async () => {
    const one = await actedLate();
    const recovery = { places: one.places, openPlatform: async () => one.world.platform, clock: one.clock };
    expect(await drive(one.clock, recoverAll(recovery))).toEqual({ undone, residue: [] });
    expect(one.target.placed.size).toBe(0);
    expect(await drive(one.clock, recoverAll(recovery))).toEqual({ undone: [], residue: [] });
  });
});
