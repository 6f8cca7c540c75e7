import { describe, expect, it } from 'vitest';
import type { Evidence, Proof } from '../../../../../src/chaos/fault.ts';
import { linksBetween } from '../../../../../src/chaos/faults/links/link-pair.ts';
import { judgeLink } from '../../../../../src/chaos/faults/links/link-proof.ts';
import { faultNamed } from '../../../../../src/chaos/faults/registry.ts';
import type { LinkEffect, LinkFlow, LinkState } from '../../../../../src/core/acts/link-acts.ts';
import { epochMs, ms } from '../../../../../src/core/units.ts';
import { planned, stages } from '../../stage.ts';

const newStage = stages();
const PAIR = { from: 'web', to: 'redis', for: '300ms' };
const BLOCKS: Readonly<Record<string, object>> = {
  'cut-link': PAIR,
  'half-open-link': PAIR,
  'reset-link': PAIR,
  'slow-link': { ...PAIR, latency: '40ms' },
};
const problemsOf = (name: string, raw: unknown): string[] => {
  const parsed = faultNamed(name).parse(raw);
  return parsed.ok ? [] : parsed.problems.map((one) => `${one.path}: ${one.expected}; ${one.got}`);
};

describe('the parameters of faults on links', () => {
  it('are both ends and what the fault needs, all wrong ones at once', () => {
    const end = 'the name of a service, such as web';
    const hold = 'for: a duration with a unit (us, ms, s, m, h), such as 500ms or 8s, greater than 0';
    expect(problemsOf('cut-link', { from: 7, too: 'redis' })).toEqual([
      'too: one of from, to, for; "too"',
      `from: ${end}; 7`,
      `to: ${end}; nothing`,
      `${hold}; nothing`,
    ]);
    expect(problemsOf('half-open-link', { ...PAIR, direction: 'both' })).toEqual([
      'direction: one of to-server, to-client; "both"',
    ]);
    expect(problemsOf('slow-link', PAIR)).toEqual([': at least one of bandwidth and latency; nothing']);
    expect(problemsOf('slow-link', { ...PAIR, latency: '5ms', jitter: '6ms' })).toEqual([
      'jitter: at most the latency (5.00 ms); "6.00 ms"',
    ]);
  });
});

describe('the ends of a link', () => {
  const planOf = async (pair: object, one = newStage()) => {
    const fault = planned('cut-link', { ...PAIR, ...pair });
    return faultNamed('cut-link').plan(fault.spec, one.world);
  };
  /** As where the network of a whole container can be cut. */
  const planOfWhole = async (from: string) => {
    const one = newStage();
    const [link] = one.target.links();
    const { links } = one.world.platform;
    if (links === undefined || link === undefined) throw new Error('no links');
    const whole = { ...link, name: `${from}->everything`, from, to: 'everything' };
    const platform = {
      ...one.world.platform,
      links: { ...links, list: async () => [...one.target.links(), whole] },
    };
    return await planOf({ from, to: 'everything' }, { ...one, world: { ...one.world, platform } });
  };

  it('of everything are one link, and all that talk to it are affected', async () => {
    const plan = await planOfWhole('orders');
    expect(plan.act).toMatchObject({ links: ['orders->everything'] });
    expect(plan.impact).toMatchObject({
      services: ['orders', 'client', 'planner', 'probe'],
      brokersLost: [],
    });
  });

  it('of everything cost a broker its followers', async () => {
    const { impact } = await planOfWhole('kafka-2');
    expect(impact).toMatchObject({ brokersLost: [2], kafka: 'kafka' });
    expect(impact.services).toContain('kafka-1');
    expect(impact.services).not.toContain('everything');
  });

  it('that do not exist are reported with the existing ones, and the nearest', async () => {
    const dialling = 'client, kafka, kafka-1, kafka-2, kafka-3, planner, probe, web';
    await expect(planOf({ from: 'wep' })).rejects.toThrow(
      `cut-link.from: expected one of ${dialling}, got "wep". Did you mean web?`,
    );
    await expect(planOf({ to: 'reddis' })).rejects.toThrow(
      'cut-link.to (from web): expected one of kafka, kafka-1, kafka-2, kafka-3, redis, got "reddis". ' +
        'Did you mean redis?',
    );
    await expect(planOf({ from: 'redis', to: 'web' })).rejects.toThrow(
      'cut-link: expected a link of redis: one of web->redis, planner->redis, probe->redis, got redis->web. ' +
        'Links are declared in the system file: who dials whom.',
    );
    await expect(planOf({ from: 'planner', to: 'web' })).rejects.toThrow(
      'cut-link: expected a link of planner: one of planner->orders, planner->redis, planner->kafka-1, planner->kafka-2, planner->kafka-3, ' +
        'got planner->web. Links are declared in the system file: who dials whom.',
    );
  });

  it('may be one of a numbered set, or all of it', async () => {
    expect((await planOf({ to: 'kafka-2' })).touches).toEqual(['web->kafka-2']);
    const all = await planOf({ to: 'kafka' });
    expect(all.touches).toEqual(['web->kafka-1', 'web->kafka-2', 'web->kafka-3']);
    expect([all.victim, all.probes]).toEqual(['web->kafka', []]);
    expect((await planOf({ from: 'kafka-1', to: 'kafka-2' })).touches).toEqual([
      'kafka-1->kafka-2',
      'kafka-1->kafka-2:controller',
    ]);
  });

  it('between brokers count as the loss of the one who fetches, for the guards', async () => {
    const one = newStage();
    expect((await planOf({ from: 'kafka-1', to: 'kafka-2' }, one)).impact.brokersLost).toEqual([1]);
    one.target.partitions = one.target.partitions.map((each) => ({ ...each, isr: [1, 2] }));
    const cut = planned('cut-link', { ...PAIR, from: 'kafka-1', to: 'kafka-2' });
    await expect(one.run(cut)).rejects.toThrow(
      /expected at least 2 in-sync replicas left in every partition/,
    );
    const slow = planned('slow-link', { ...PAIR, from: 'kafka-1', to: 'kafka-2', latency: '40ms' });
    expect((await newStage().run(slow)).status).toBe('injected');
  });

  it('never match by half a name', () => {
    const link = (from: string, to: string): LinkState => stateOf({ name: `${from}->${to}`, from, to });
    const all = [link('web', 'kafka-1'), link('web', 'kafka-12'), link('web', 'kafka-proxy')];
    expect(linksBetween('f', { from: 'web', to: 'kafka-1' }, all).map((one) => one.to)).toEqual(['kafka-1']);
    expect(linksBetween('f', { from: 'web', to: 'kafka' }, all).map((one) => one.to)).toEqual([
      'kafka-1',
      'kafka-12',
    ]);
  });
});

describe('a fault on a link that shows nothing', () => {
  const UNSEEN: Readonly<Record<string, string>> = {
    'cut-link': 'nothing was sent into web->redis since the act: an unused or bypassed link shows no cut',
    'half-open-link':
      'nothing was sent into web->redis since the act: an unused or bypassed link shows no cut',
    'reset-link':
      'no connection of web->redis was reset since the act: an unused or bypassed link shows none',
    'slow-link': '0 chunks crossed web->redis since the act: an unused or bypassed link shows no slowdown',
  };
  it.each(Object.keys(BLOCKS))(
    '%s is not injected on an unused link, nor behind a bypassed proxy',
    async (name) => {
      for (const options of [{ idleLinks: 'web' }, { bypassed: true }]) {
        const one = newStage(options);
        const record = await one.run(planned(name, BLOCKS[name]));
        expect(record.status).toBe('not-injected');
        expect(record.injection?.evidence).toBe(UNSEEN[name]);
        expect(one.target.placed.size).toBe(0);
      }
    },
  );

  it('a cut is not injected on a link that somebody else has cut already', async () => {
    const one = newStage();
    const foreign = {
      id: 'other',
      links: ['web->redis'],
      effect: { kind: 'cut' },
      ttlMs: 600_000,
    } as const;
    await one.world.platform.links?.impair(foreign);
    await one.clock.advance(100);
    const record = await one.run(planned('cut-link', PAIR));
    expect(record).toMatchObject({
      status: 'not-injected',
      injection: {
        evidence: 'web->redis was cut before the fault: its effect cannot be distinguished from that',
      },
    });
    expect([...one.target.placed.keys()]).toEqual(['other']);
  });
});

describe('a fault on a link that probes cross', () => {
  it.each([
    ['cut-link', {}, 'stalled after 400 ms'],
    ['half-open-link', { direction: 'to-server' }, 'stalled after 400 ms'],
    ['half-open-link', { direction: 'to-client' }, 'stalled after 400 ms'],
    ['reset-link', {}, 'reset after 1.00 ms'],
    ['slow-link', { latency: '40ms' }, 'ok after 41.0 ms'],
  ])('%s %o is seen by them on both connections', async (name, more, words) => {
    const record = await newStage().run(planned(name, { ...PAIR, from: 'probe', ...more }));
    expect(record).toMatchObject({ status: 'injected', injection: { held: words, fresh: words } });
  });

  it('names in its record the probes that could see it, and none where no probe crosses', async () => {
    expect((await newStage().run(planned('cut-link', { ...PAIR, from: 'probe' }))).probes).toEqual(['redis']);
    expect((await newStage().run(planned('cut-link', PAIR))).probes).toEqual([]);
  });

  it('needs every probe of a set to see it', async () => {
    const one = newStage();
    const plan = await faultNamed('cut-link').plan(
      planned('cut-link', { ...PAIR, from: 'probe', to: 'kafka' }).spec,
      one.world,
    );
    expect(plan.probes).toEqual(['kafka-1', 'kafka-2', 'kafka-3']);
    const record = await one.run(planned('cut-link', { ...PAIR, from: 'probe', to: 'kafka' }));
    expect(record.status).toBe('injected');
  });
});

const flow = (change: Partial<LinkFlow> = {}): LinkFlow => ({
  bytes: 0,
  chunks: 0,
  heldMs: 0,
  stuckBytes: 0,
  ...change,
});
type Change = Partial<Omit<LinkState, 'traffic'>> & { readonly traffic?: Partial<LinkState['traffic']> };
const stateOf = (change: Change): LinkState => ({
  name: 'a->b',
  from: 'a',
  to: 'b',
  connections: 1,
  bytes: 0,
  impairedBy: [],
  ...change,
  traffic: { toServer: flow(), toClient: flow(), waiting: 0, resets: 0, ...change.traffic },
});

describe('the counters of a link', () => {
  /** Looks every 50 ms: two before the act at 1000, the rest since. */
  const judge = (effect: LinkEffect, before: readonly Change[], since: readonly Change[]): Proof => {
    const snapshot = (at: number, change: Change) => ({ at: epochMs(at), links: [stateOf(change)] });
    const evidence: Evidence = {
      appliedAt: epochMs(1000),
      baseline: { held: [], fresh: [] },
      since: { held: [], fresh: [] },
      snapshotsBefore: before.map((one, index) => snapshot(900 + 50 * index, one)),
      snapshots: since.map((one, index) => snapshot(1010 + 50 * index, one)),
    };
    return judgeLink({ id: 'f1', links: ['a->b'], effect }, [], evidence);
  };
  const up = (change: Partial<LinkFlow>): Change => ({ traffic: { toServer: flow(change) } });
  const down = (change: Partial<LinkFlow>): Change => ({ traffic: { toClient: flow(change) } });
  const many = (count: number, change: Change): readonly Change[] => Array(count).fill(change);

  it('show a cut from the first snapshot with something stuck, when nothing has crossed for 300 ms', () => {
    const proof = judge({ kind: 'cut' }, many(2, {}), [{}, {}, ...many(5, up({ stuckBytes: 80 }))]);
    expect(proof).toMatchObject({
      kind: 'seen',
      at: 1110,
      boundMs: ms(50),
      evidence: 'a->b: 80 bytes held back, and nothing crossed for 300 ms',
    });
    expect(judge({ kind: 'cut' }, many(2, {}), many(6, up({ stuckBytes: 80 })))).toMatchObject({
      kind: 'not-yet',
      evidence: '0 bytes crossed a->b in the last 250 ms',
    });
  });

  it('show a cut by connections that wait for a server, but not one of the answers', () => {
    const waits = many(8, { traffic: { waiting: 2 } });
    expect(judge({ kind: 'cut' }, many(2, {}), waits).evidence).toBe(
      'a->b: 2 new connections held back, and nothing crossed for 350 ms',
    );
    expect(judge({ kind: 'cut', direction: 'to-client' }, many(2, {}), waits).kind).toBe('not-yet');
  });

  it('show one direction by that direction alone', () => {
    const answersStuck = many(8, down({ stuckBytes: 9 }));
    const toClient = { kind: 'cut', direction: 'to-client' } as const;
    expect(judge(toClient, many(2, {}), answersStuck).evidence).toBe(
      'a->b to-client: 9 bytes held back, and nothing crossed for 350 ms',
    );
    expect(judge({ kind: 'cut', direction: 'to-server' }, many(2, {}), answersStuck).kind).toBe('not-yet');
    const requestsGoOn = Array.from(
      { length: 8 },
      (_, index): Change => ({
        traffic: { toServer: flow({ bytes: 60 * index }), toClient: flow({ stuckBytes: 9 }) },
      }),
    );
    expect(judge(toClient, many(2, {}), requestsGoOn).kind).toBe('seen');
    expect(judge({ kind: 'cut' }, many(2, {}), requestsGoOn)).toMatchObject({
      kind: 'not-yet',
      evidence: '360 bytes crossed a->b in the last 300 ms',
    });
  });

  it('show resets only when they are new and nothing is open', () => {
    const reset = (resets: number, connections: number): Change => ({ connections, traffic: { resets } });
    const usual = many(2, reset(3, 1));
    expect(judge({ kind: 'reset' }, usual, [reset(3, 1)]).kind).toBe('not-yet');
    expect(judge({ kind: 'reset' }, usual, [reset(3, 1), reset(5, 1)]).kind).toBe('not-yet');
    expect(judge({ kind: 'reset' }, usual, [reset(3, 1), reset(5, 0)])).toMatchObject({
      kind: 'seen',
      at: 1060,
      boundMs: ms(50),
      evidence: 'a->b: 2 connections reset, none is open',
    });
  });

  it('show rejections only when they are new, and what is open still carries answers', () => {
    const reject = { kind: 'reject', answer: '-ERR full\r\n' } as const;
    const now = (rejected: number, connections: number, answered: number): Change => ({
      ...{ connections, traffic: { rejected, toClient: flow({ bytes: answered }) } },
    });
    const usual = many(2, now(3, 2, 100));
    expect(judge(reject, usual, [now(3, 2, 100), now(3, 2, 180)])).toMatchObject({
      kind: 'not-yet',
      evidence: 'no new connection came to a->b since the act: an unused or bypassed link rejects none',
    });
    expect(judge(reject, usual, [now(3, 2, 180), now(5, 2, 180)])).toMatchObject({
      kind: 'not-yet',
      evidence:
        'a->b: 2 new connections rejected, but what was open (2 connections) carried no answer since: whether it continues cannot be determined',
    });
    expect(judge(reject, usual, [now(3, 2, 180), now(4, 2, 180), now(5, 2, 220)])).toMatchObject({
      kind: 'seen',
      at: 1060,
      boundMs: ms(50),
      evidence:
        'a->b: 2 new connections rejected, what was open (2 connections) carried 40 bytes of answers since',
    });
    expect(judge(reject, usual, [now(4, 0, 100)]).evidence).toBe(
      'a->b: 1 new connection rejected, no other is open',
    );
  });

  it('show a slowdown by what each chunk was held, above what was usual, for four fifths of the prediction', () => {
    const held = (chunks: number, heldMs: number): Change => up({ chunks, heldMs, bytes: 100 * chunks });
    const slow = { kind: 'throttle', latencyMs: 40 } as const;
    const seen = (before: readonly Change[], last: Change) => judge(slow, before, [held(100, 0), last]);
    expect(seen(many(2, held(100, 0)), held(103, 96))).toMatchObject({
      kind: 'seen',
      at: 1060,
      evidence: 'a->b slowed: held 32.0 ms each on average over 3 chunks, predicted 40.0 ms',
    });
    expect(seen(many(2, held(100, 0)), held(103, 95)).evidence).toBe(
      'a->b: held 31.7 ms each on average over 3 chunks, predicted 40.0 ms',
    );
    expect(seen(many(2, held(100, 0)), held(102, 96)).kind).toBe('not-yet');
    // 20 ms per chunk were usual, because of another impairment.
    expect(seen([held(0, 0), held(100, 2000)], held(103, 96)).kind).toBe('not-yet');
  });

  it('show a narrow bandwidth by the bytes that had to queue, and none that is too wide to be felt', () => {
    const sent = (chunks: number, bytes: number, heldMs: number): Change => down({ chunks, bytes, heldMs });
    const narrow = { kind: 'throttle', bitsPerSecond: 80_000 } as const;
    // 10 bytes/ms: 4 chunks of 1000 bytes each must take 100 ms.
    expect(judge(narrow, many(2, {}), [{}, sent(4, 4000, 320)]).kind).toBe('seen');
    expect(judge(narrow, many(2, {}), [{}, sent(4, 4000, 319)]).kind).toBe('not-yet');
    expect(judge({ ...narrow, bitsPerSecond: 1e9 }, many(2, {}), [{}, sent(4, 4000, 400)])).toMatchObject({
      kind: 'not-yet',
      evidence: 'a->b: predicted 0.01 ms for each chunk, too little to be distinguished from noise',
    });
  });

  it('that cannot be read prove nothing', () => {
    const evidence: Evidence = {
      appliedAt: epochMs(0),
      baseline: { held: [], fresh: [] },
      since: { held: [], fresh: [] },
      snapshotsBefore: [],
      snapshots: [{ at: epochMs(1), failed: 'ECONNREFUSED' }],
    };
    expect(judgeLink({ id: 'f1', links: ['a->b'], effect: { kind: 'cut' } }, [], evidence)).toEqual({
      kind: 'not-yet',
      held: 'no probe',
      fresh: 'no probe',
      evidence: 'the links cannot be read: ECONNREFUSED',
    });
  });
});
