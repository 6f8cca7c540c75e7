/** Every registered fault, interrupted and killed at each of its awaits in turn: minutes of work, so not part of the unit tests. */
import { describe, expect, it } from 'vitest';
import { FAULTS } from '../../../src/chaos/faults/registry.ts';
import { openEntries } from '../../../src/chaos/healing/journal.ts';
import { recoverAll } from '../../../src/chaos/healing/recover.ts';
import { runFault } from '../../../src/chaos/injector/injector.ts';
import { actAt, dieAt, gated, gatedFeed } from './gates.ts';
import { drive, exampleOf, stages, traces } from './stage.ts';

const newStageOf = stages();

/** Longer than anything in the fake world takes by itself. */
const SETTLE_MS = 4000;

/** In containers again where a fault has a way of its own there. */
const CASES = [
  ...FAULTS.map((fault) => ({ name: fault.name, fault, containers: false })),
  ...FAULTS.filter((fault) => (fault.permissionsInContainers ?? fault.permissionsByLinks) !== undefined).map(
    (fault) => ({
      ...{ name: `${fault.name} in containers`, fault, containers: true },
    }),
  ),
];

describe.each(CASES)('fault $name', ({ fault, containers }) => {
  const newStage = () => newStageOf({ containers });

  it('is undone by itself or by recovery when the harness dies at any await', {
    timeout: 120_000,
  }, async () => {
    const total = await countGates();
    for (let index = 1; index <= total; index += 1) {
      const one = newStage();
      const before = traces(one.target);
      const death = dieAt(index);
      const world = gated(one.world, death.gate);
      const feed = gatedFeed(one.feed, death.gate);
      const dead = runFault(one.request(exampleOf(fault), { world, feed }));
      dead.catch(() => undefined);
      for (let waited = 0; !death.died() && waited < 60_000; waited += 25) await one.clock.advance(25);
      expect(death.died(), `gate ${index}`).toBe(true);
      const recovery = { places: one.places, openPlatform: async () => one.world.platform, clock: one.clock };
      const first = await drive(one.clock, recoverAll(recovery));
      expect(first.residue, `gate ${index}`).toEqual([]);
      expect(openEntries(one.journal.path), `gate ${index}`).toEqual([]);
      expect(one.target.placed.size, `gate ${index}`).toBe(0);
      const second = await drive(one.clock, recoverAll(recovery));
      expect(second, `gate ${index}`).toEqual({ undone: [], residue: [] });
      await one.clock.advance(SETTLE_MS);
      expect(traces(one.target), `gate ${index}`).toEqual(before);
      one.cleanUp();
    }
  });

  it('heals when it is interrupted at any await', { timeout: 120_000 }, async () => {
    const total = await countGates();
    for (let index = 1; index <= total; index += 1) {
      const one = newStage();
      const before = traces(one.target);
      const stop = new AbortController();
      const { gate } = actAt(index, () => stop.abort(new Error('SIGINT')));
      const world = gated(one.world, gate);
      const feed = gatedFeed(one.feed, gate);
      const record = await one.run(exampleOf(fault), { world, feed, signal: stop.signal });
      expect(record.status, `gate ${index}`).not.toBe('residue');
      expect(openEntries(one.journal.path), `gate ${index}`).toEqual([]);
      expect(one.target.placed.size, `gate ${index}`).toBe(0);
      await one.clock.advance(SETTLE_MS);
      expect(traces(one.target), `gate ${index}`).toEqual(before);
      one.cleanUp();
    }
  });

  async function countGates(): Promise<number> {
    const one = newStage();
    const counter = actAt(0, () => undefined);
    const world = gated(one.world, counter.gate);
    await one.run(exampleOf(fault), { world, feed: gatedFeed(one.feed, counter.gate) });
    return counter.passed();
  }
});
