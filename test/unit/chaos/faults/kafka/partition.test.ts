import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partitionKafka } from '../../../../../src/chaos/faults/kafka/partition-kafka.ts';
import { SHAPES, type Shape, sidesOf } from '../../../../../src/chaos/faults/kafka/partition-shape.ts';
import { openEntries } from '../../../../../src/chaos/healing/journal.ts';
import { recoverAll } from '../../../../../src/chaos/healing/recover.ts';
import { runFault } from '../../../../../src/chaos/injector/injector.ts';
import { seededRng } from '../../../../../src/core/rng.ts';
import { ms } from '../../../../../src/core/units.ts';
import { gated } from '../../gates.ts';
import { drive, planned, stages } from '../../stage.ts';

const newStage = stages();
const partition = (more: object, broker: unknown = 1) =>
  planned('partition-kafka', { broker, for: '8s', ...more }, ms(300));
const planOf = async (more: object, one = newStage()) => {
  const parsed = partitionKafka.parse({ broker: 1, for: '8s', ...more });
  if (!parsed.ok) throw new Error('the test wrote a wrong block');
  return partitionKafka.plan(parsed.spec, one.world);
};
const problemsOf = (more: object): string[] => {
  const parsed = partitionKafka.parse({ broker: 1, for: '8s', ...more });
  return parsed.ok ? [] : parsed.problems.map((one) => `${one.path}: ${one.expected}; ${one.got}`);
};

describe('the sides of a partition', () => {
  const cluster = fc
    .integer({ min: 3, max: 9 })
    .chain((count) => fc.tuple(fc.constant(count), fc.nat(count - 1), fc.nat()));
  const drawn = (shape: Shape, [count, at, seed]: readonly [number, number, number]) => {
    const ids = Array.from({ length: count }, (_, index) => index + 1);
    const broker = ids[at] ?? 1;
    return { broker, ids, sides: sidesOf(shape, broker, ids, seededRng(seed)) };
  };

  it('are disjoint, leave a quorum on the other side, and have the broker where the shape says', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SHAPES), cluster, (shape, world) => {
        const { broker, ids, sides } = drawn(shape, world);
        const { away, rest } = sides;
        const bridge = shape === 'bridge' ? [broker] : [];
        expect([...away, ...rest, ...bridge].sort((a, b) => a - b)).toEqual(ids);
        expect(away.length).toBeGreaterThan(0);
        expect(ids.length - away.length).toBeGreaterThan(ids.length / 2);
        expect(away.includes(broker)).toBe(shape === 'alone' || shape === 'minority');
        expect(rest.includes(broker)).toBe(shape === 'majority');
        if (shape !== 'alone') expect(away.length).toBe(Math.floor((ids.length - 1) / 2));
      }),
    );
  });

  it('need three brokers, but for one that is cut off alone', () => {
    expect(sidesOf('alone', 1, [1, 2], seededRng(1))).toEqual({ away: [1], rest: [2] });
    expect(() => sidesOf('bridge', 1, [1, 2], seededRng(1))).toThrow(
      'partition-kafka.shape: expected at least 3 brokers for a bridge, got 2.',
    );
  });
});

describe('partition-kafka in shapes', () => {
  it('refuses what makes no sense around a bridge', () => {
    expect(problemsOf({ shape: 'ring', direction: 'up' })).toEqual([
      'shape: one of alone, minority, majority, bridge; "ring"',
      'direction: one of both, in, out; "up"',
    ]);
    expect(problemsOf({ shape: 'bridge', from: 'clients', direction: 'in' })).toEqual([
      'from: brokers around a bridge: its clients belong to no part; "clients"',
      'direction: both around a bridge: neither part is the one that is cut off; "in"',
    ]);
    expect(problemsOf({ shape: 'bridge', from: 'brokers' })).toEqual([]);
  });

  it('names the brokers on each side', async () => {
    expect((await planOf({ shape: 'minority' })).victim).toBe('kafka-1 as the minority, in it kafka-1');
    expect((await planOf({ shape: 'majority' })).victim).toMatch(
      /^kafka-[23] as the minority, in the majority kafka-1$/,
    );
    expect((await planOf({ shape: 'bridge' })).victim).toMatch(
      /^kafka-(2 from kafka-3|3 from kafka-2), as the bridge kafka-1$/,
    );
  });

  it('a bridge cuts exactly the links between the two that it bridges', async () => {
    const { touches, impact, probes } = await planOf({ shape: 'bridge' });
    expect([...touches].sort()).toEqual([
      'kafka-2->kafka-3',
      'kafka-2->kafka-3:controller',
      'kafka-3->kafka-2',
      'kafka-3->kafka-2:controller',
    ]);
    expect(impact.brokersLost).toHaveLength(1);
    expect([...probes].sort()).toEqual(['kafka-2', 'kafka-3']);
  });

  it.each([
    [
      { shape: 'minority', from: 'brokers' },
      /^kafka-1 left all 3 in-sync replica sets; 8 inter-broker links /,
    ],
    [
      { shape: 'majority', from: 'brokers' },
      /^kafka-[23] left all 3 in-sync replica sets; 8 inter-broker links /,
    ],
    [{ shape: 'majority' }, /^both connections stall; 8 inter-broker links idle /],
    [
      { shape: 'bridge' },
      /^kafka-\d->kafka-\d and 3 more links: \d+ bytes held back, and nothing crossed for \d+ ms; 4 inter-broker links /,
    ],
  ])('%o is seen and leaves no trace', async (more, evidence) => {
    const one = newStage();
    const record = await one.run(partition(more));
    expect(record.status).toBe('injected');
    expect(record.injection?.evidence).toMatch(evidence);
    await one.clock.advance(4000);
    one.target.catchUp();
    expect(one.target.placed.size).toBe(0);
    expect(one.target.partitions.map((each) => each.isr)).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });

  it('is proven by the links where Kafka keeps a broker in sync for longer than a proof waits', async () => {
    const one = newStage();
    one.target.kafka.shrinkMs = 30_000;
    const record = await one.run(partition({ from: 'brokers' }));
    expect(record).toMatchObject({
      status: 'injected',
      injection: {
        evidence: expect.stringMatching(
          /^kafka-1 is still in 3 in-sync sets and leads 1 partitions: Kafka waits for replica\.lag\.time\.max\.ms; \d+ inter-broker links idle/,
        ),
      },
    });
    const delay = (record.injectedAt ?? 0) - (record.appliedAt ?? 0);
    expect(delay).toBeGreaterThanOrEqual(0);
    expect(delay).toBeLessThan(1000);
    expect(record.injection?.boundMs).toBeLessThanOrEqual(600);
  });

  it('is not injected where the links among brokers are idle or bypassed', async () => {
    for (const options of [{ idleLinks: 'kafka' }, { bypassed: true }]) {
      const record = await newStage(options).run(partition({ shape: 'bridge' }));
      expect(record).toMatchObject({
        status: 'not-injected',
        injection: { evidence: 'the inter-broker links carried nothing before the fault: nothing to cut' },
      });
    }
  });
});

describe('partition-kafka where links join brokers with their clients alone, and no probe takes them', () => {
  const planWith = async (more: object) => {
    const { world } = newStage();
    const { links } = world.platform;
    if (links === undefined) throw new Error('the stage has links');
    const own = (await links.list())
      .filter((link) => link.from === 'probe' && link.to === 'kafka-1')
      .map((link) => ({ ...link, name: 'web->kafka-1', from: 'web' }));
    const parsed = partitionKafka.parse({ broker: 1, for: '8s', ...more });
    if (!parsed.ok) throw new Error('the test wrote a wrong block');
    const list = async () => own;
    return partitionKafka.plan(parsed.spec, {
      ...world,
      platform: { ...world.platform, links: { list, ...omit(links) } },
    });
  };
  const omit = <T extends { readonly list: unknown }>({ list: _, ...rest }: T) => rest;

  it('cuts clients off, and refuses what it could not do to the brokers', async () => {
    for (const from of ['both', 'brokers'])
      await expect(planWith({ from })).rejects.toThrow(
        'partition-kafka.from: expected clients: the broker has no link with other brokers here, only web->kafka-1, ' +
          `got ${from}. Write from: clients, or put links between the brokers into the target file.`,
      );
  });

  it('is proven by the counters of these links', async () => {
    const { act } = await planWith({ from: 'clients' });
    expect(act).toMatchObject({ from: 'clients', byCounters: true, links: ['web->kafka-1'] });
    expect((await planOf({ from: 'clients' })).act.byCounters).toBe(false);
  });
});

describe('partition-kafka in one direction', () => {
  const effects = async (direction: string, from = 'both') => {
    const one = newStage();
    const plan = await planOf({ direction, from }, one);
    await partitionKafka.apply(plan, one.world, ms(3000));
    const lost = (link: string) =>
      one.target.net.on(link).map(({ effect }) => (effect.kind === 'cut' ? effect.direction : 'other'));
    return {
      client: lost('probe->kafka-1'),
      dialled: lost('kafka-2->kafka-1'),
      dialling: lost('kafka-1->kafka-2'),
      foreign: lost('kafka-2->kafka-3'),
    };
  };

  it('in: loses bytes to the broker, in both dial directions', async () => {
    expect(await effects('in')).toEqual({
      client: ['to-server'],
      dialled: ['to-server'],
      dialling: ['to-client'],
      foreign: [],
    });
  });

  it('out: loses bytes from the broker, in both dial directions', async () => {
    expect(await effects('out')).toEqual({
      client: ['to-client'],
      dialled: ['to-client'],
      dialling: ['to-server'],
      foreign: [],
    });
    expect(await effects('out', 'clients')).toEqual({
      client: ['to-client'],
      dialled: [],
      dialling: [],
      foreign: [],
    });
  });

  it.each(['in', 'out'])(
    '%s is seen by clients and by Kafka, and both of its impairments go',
    async (direction) => {
      for (const from of ['clients', 'brokers', 'both']) {
        const one = newStage();
        const record = await one.run(partition({ direction, from }));
        expect(record).toMatchObject({ status: 'injected', cutShort: null });
        expect(one.target.placed.size).toBe(0);
      }
    },
  );

  it('is not there any more when one of its two impairments is not', async () => {
    const one = newStage();
    const plan = await planOf({ direction: 'in' }, one);
    await partitionKafka.apply(plan, one.world, ms(3000));
    expect(one.target.placed.size).toBe(2);
    expect(await partitionKafka.renew(plan, one.world, ms(3000))).toBe(true);
    one.target.net.heal(plan.act.reverse?.id ?? '');
    expect(await partitionKafka.renew(plan, one.world, ms(3000))).toBe(false);
    expect(plan.undo && (await partitionKafka.removed(plan.undo, one.world))).toMatchObject({ gone: false });
  });

  it('heals both of its impairments at once, without waiting for their own deadlines', async () => {
    const one = newStage();
    const plan = await planOf({ direction: 'out' }, one);
    await partitionKafka.apply(plan, one.world, ms(600_000));
    if (plan.undo === null) throw new Error('nothing to undo');
    await partitionKafka.undo(plan.undo, one.world);
    expect(one.target.placed.size).toBe(0);
    expect(await partitionKafka.removed(plan.undo, one.world)).toMatchObject({ gone: true });
  });

  it('is recovered whole when the harness dies between its two acts', async () => {
    const one = newStage();
    let impairs = 0;
    const world = gated(one.world, async (where) => {
      if (where === 'links.impair before') impairs += 1;
      if (impairs === 2) await new Promise(() => undefined);
    });
    runFault(one.request(partition({ direction: 'in' }), { world })).catch(() => undefined);
    while (impairs < 2) await one.clock.advance(25);
    expect(one.target.placed.size).toBe(1);
    const recovery = { places: one.places, openPlatform: async () => one.world.platform, clock: one.clock };
    expect((await drive(one.clock, recoverAll(recovery))).residue).toEqual([]);
    expect(one.target.placed.size).toBe(0);
    expect(openEntries(one.journal.path)).toEqual([]);
  });
});
