import { describe, expect, it } from 'vitest';
import { countEffect } from '../../../../../src/chaos/faults/links/link-counts.ts';
import { faultNamed } from '../../../../../src/chaos/faults/registry.ts';
import type { Snapshot } from '../../../../../src/chaos/observation.ts';
import type { LinkActs, LinkEffect, LinkState } from '../../../../../src/core/acts/link-acts.ts';
import { epochMs } from '../../../../../src/core/units.ts';
import { planned, stage } from '../../stage.ts';

/** 80 kbit/s: 10,000 bytes per second. */
const POLICE: LinkEffect = { kind: 'throttle', bitsPerSecond: 80_000 };

interface Counts {
  readonly crossed?: number;
  readonly dropped?: number;
  readonly stuck?: number;
  readonly waiting?: number;
}

function at(ms: number, { crossed = 0, dropped = 0, stuck = 0, waiting = 0 }: Counts = {}): Snapshot {
  const still = { bytes: 0, chunks: 0, heldMs: 0, stuckBytes: 0, droppedPackets: 0 };
  const link: LinkState = {
    name: 'a->b',
    from: 'a',
    to: 'b',
    connections: 1,
    bytes: crossed,
    traffic: {
      toServer: { ...still, bytes: crossed, droppedPackets: dropped, stuckBytes: stuck },
      toClient: still,
      waiting,
      resets: 0,
    },
    impairedBy: [],
  };
  return { at: epochMs(ms), links: [link] };
}

const judge = (effect: LinkEffect, ...snapshots: readonly Snapshot[]) =>
  countEffect(['a->b'], effect, {
    appliedAt: epochMs(900),
    baseline: { held: [], fresh: [] },
    since: { held: [], fresh: [] },
    snapshotsBefore: [at(0)],
    snapshots,
  });

describe('a rate above which packets are dropped', () => {
  it('is seen when somebody wanted more and what crossed stayed within it, from the first drop on', () => {
    const snapshots = [
      at(1000),
      at(1400, { crossed: 10_000, dropped: 4 }),
      at(2500, { crossed: 25_000, dropped: 9 }),
    ];
    expect(judge(POLICE, ...snapshots)).toEqual({
      kind: 'seen',
      at: 1400,
      boundMs: 400,
      text: 'a->b policed: 9 packets dropped, 25000 bytes crossed in 1.50 s, at most 27500 expected',
    });
  });

  it('is not seen on a link where nothing was dropped, or more crossed than the rate lets through', () => {
    expect(judge(POLICE, at(1000), at(2500, { crossed: 9000 }))).toEqual({
      kind: 'not-yet',
      text: 'no packet of a->b was above the rate since the act: an unused, a slow or a bypassed link shows none',
    });
    expect(judge(POLICE, at(1000), at(2500, { crossed: 27_501, dropped: 1 }))).toEqual({
      kind: 'not-yet',
      text: 'a->b: 27501 bytes crossed in 1.50 s, at most 27500 expected',
    });
  });

  it('lets through as much in each pod that holds the rate', () => {
    const two = (snapshot: Snapshot): Snapshot => ({
      ...snapshot,
      ...(snapshot.links && { links: snapshot.links.map((link) => ({ ...link, carriers: 2 })) }),
    });
    const snapshots = [at(1000), at(2500, { crossed: 50_000, dropped: 1 })].map(two);
    expect(judge(POLICE, ...snapshots)).toMatchObject({
      kind: 'seen',
      text: 'a->b policed: 1 packets dropped, 50000 bytes crossed in 1.50 s, at most 55000 expected of 2 that dial',
    });
  });

  it('is not judged before the bucket, which holds one second of it, is but a part of what crossed', () => {
    expect(judge(POLICE, at(1000), at(2400, { crossed: 9000, dropped: 2 }))).toEqual({
      kind: 'not-yet',
      text: 'a->b was watched for 1.40 s only',
    });
  });
});

describe('throttle-redis where no probe is on a link to Redis', () => {
  it('asks the links, tells what the platform says of them, and touches the instances in which it is done', async () => {
    const { world } = stage();
    const real = world.platform.links;
    if (real === undefined) throw new Error('the stage has links');
    const instance = { service: 'web', instance: 'web-1', namespace: 'n', uid: 'u' };
    const links: LinkActs = {
      list: async () => (await real.list()).filter((link) => link.from !== 'probe'),
      impair: (one) => real.impair(one),
      renew: (id, ttl) => real.renew(id, ttl),
      heal: (id) => real.heal(id),
      preview: async () => ({ instances: [instance], notes: ['How it looks here.'] }),
    };
    const fault = faultNamed('throttle-redis');
    const { spec } = planned('throttle-redis', { bandwidth: '256kbit', for: '8s' });
    const plan = await fault.plan(spec, { ...world, platform: { ...world.platform, links } });
    expect(plan.probes).toEqual([]);
    expect(plan.timers[0]).toBe('How it looks here.');
    expect(plan.touches).toContain('web-1');
    expect(plan.impact.instances).toEqual([instance]);
    expect(fault.expect(plan).observe).toEqual(['links']);
  });
});

describe('a cut that drops', () => {
  it('says how many packets it took, and that new connections wait', () => {
    const snapshots = [at(1000, { dropped: 1, stuck: 60 }), at(1400, { dropped: 3, stuck: 180, waiting: 1 })];
    expect(judge({ kind: 'cut' }, ...snapshots)).toMatchObject({
      kind: 'seen',
      text: 'a->b: 3 packets (180 bytes) dropped and 1 new connection waiting, and nothing crossed for 400 ms',
    });
  });
});
