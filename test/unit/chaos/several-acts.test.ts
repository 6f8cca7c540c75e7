/** The contract suite runs each fault's example; here are the blocks that act more than once, with a death between the acts. */
import { describe, expect, it } from 'vitest';
import { openEntries } from '../../../src/chaos/healing/journal.ts';
import { recoverAll } from '../../../src/chaos/healing/recover.ts';
import { runFault } from '../../../src/chaos/injector/injector.ts';
import { ms } from '../../../src/core/units.ts';
import { actAt, dieAt, gated, gatedFeed } from './gates.ts';
import { drive, planned, stages, traces } from './stage.ts';

const newStage = stages();
/** Longer than anything in the fake world takes by itself. */
const SETTLE_MS = 4000;
const ALL_GATEWAYS = { service: 'web', mode: 'all', 'accept-outage': true };

describe.each([
  ['partition-kafka', { broker: 1, direction: 'in', for: '8s' }],
  ['partition-kafka', { broker: 'controller', shape: 'bridge', for: '8s' }],
  ['pause-pod', { ...ALL_GATEWAYS, for: '8s' }],
  ['restart-storm', { ...ALL_GATEWAYS, for: '8s' }],
  ['reset-link', { from: 'web', to: 'kafka', for: '8s' }],
] as const)('%s %j', (kind, block) => {
  const fault = () => planned(kind, block, ms(300));

  it('leaves nothing when the harness dies at any await, and says nothing the second time', {
    timeout: 120_000,
  }, async () => {
    const counted = newStage();
    const counter = actAt(0, () => undefined);
    const record = await counted.run(fault(), {
      world: gated(counted.world, counter.gate),
      feed: gatedFeed(counted.feed, counter.gate),
    });
    expect(record.status).toBe('injected');
    for (let index = 1; index <= counter.passed(); index += 1) {
      const one = newStage();
      const before = traces(one.target);
      const death = dieAt(index);
      const world = gated(one.world, death.gate);
      const feed = gatedFeed(one.feed, death.gate);
      runFault(one.request(fault(), { world, feed })).catch(() => undefined);
      for (let waited = 0; !death.died() && waited < 60_000; waited += 25) await one.clock.advance(25);
      expect(death.died(), `gate ${index}`).toBe(true);
      const recovery = { places: one.places, openPlatform: async () => one.world.platform, clock: one.clock };
      expect((await drive(one.clock, recoverAll(recovery))).residue, `gate ${index}`).toEqual([]);
      expect(openEntries(one.journal.path), `gate ${index}`).toEqual([]);
      expect(one.target.placed.size, `gate ${index}`).toBe(0);
      expect(await drive(one.clock, recoverAll(recovery))).toEqual({ undone: [], residue: [] });
      await one.clock.advance(SETTLE_MS);
      expect(traces(one.target), `gate ${index}`).toEqual(before);
      one.cleanUp();
    }
  });
});
