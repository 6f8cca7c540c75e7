import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LATENCY_CLOCKS } from '../../../src/core/samples.ts';
import { epochMs, us } from '../../../src/core/units.ts';
import type { ResolvedArrival } from '../../../src/measure/arrival.ts';
import { HIGHEST_US } from '../../../src/measure/buckets.ts';
import { Columns } from '../../../src/measure/columns.ts';
import { balance, totalLedger } from '../../../src/measure/ledger.ts';
import { LiveWindow } from '../../../src/measure/live-window.ts';
import { Meter } from '../../../src/measure/meter.ts';
import { secondsOf } from '../../../src/measure/phase-seconds.ts';
import { RunData } from '../../../src/measure/run-data.ts';

const BASE = 1_800_000_000_000;
const at = (seconds: number) => epochMs(BASE + seconds * 1000);

const done = (seconds: number, responseUs: number, outcome = 'ok'): ResolvedArrival => ({
  flow: 'a',
  dueAt: at(seconds),
  kind: 'completed',
  latenessUs: 0,
  serviceUs: responseUs,
  connectUs: null,
  responseUs,
  outcome,
});
const lost = (kind: 'dropped' | 'interrupted', seconds: number, responseUs: number): ResolvedArrival => ({
  ...done(seconds, responseUs, kind),
  kind,
  latenessUs: kind === 'dropped' ? null : 0,
  serviceUs: null,
});

function meter(...arrivals: readonly ResolvedArrival[]): Meter {
  const one = new Meter();
  for (const arrival of arrivals) {
    one.due('a', arrival.dueAt, arrival.kind === 'dropped' ? 'dropped' : 'started');
    one.resolved(arrival);
  }
  return one;
}
function dataOf(...meters: readonly Meter[]): RunData {
  const data = new RunData();
  for (const one of meters) data.add(one.flush());
  return data;
}
const phase = (name: string, from: number, to: number) => ({ name, from: at(from), to: at(to) });

describe('the meter', () => {
  it('counts completed, failed, dropped and interrupted arrivals by the second and slice they were due in', () => {
    const flushed = meter(
      done(1.05, 2000),
      done(1.06, 3000, 'http-500'),
      lost('dropped', 1.07, 400_000),
      lost('interrupted', 2, 9000),
    ).flush();
    expect(flushed.counts).toEqual([
      {
        flow: 'a',
        second: 1_800_000_001,
        due: 3,
        started: 2,
        dropped: 1,
        completed: 2,
        interrupted: 0,
        failed: 1,
        outcomes: { 'http-500': 1 },
      },
      {
        flow: 'a',
        second: 1_800_000_002,
        due: 1,
        started: 1,
        dropped: 0,
        completed: 0,
        interrupted: 1,
        failed: 0,
      },
    ]);
    expect(flushed.slices).toEqual([
      { flow: 'a', at: BASE + 1000, due: 3, bad: 2, slow: 0, maxUs: 400_000 },
      { flow: 'a', at: BASE + 2000, due: 1, bad: 1, slow: 0, maxUs: 9000 },
    ]);
    expect(
      flushed.latency.map(({ clock, second, counts }) => [clock, second % 10, counts.length / 2]),
    ).toEqual([
      ['response', 1, 3],
      ['response', 2, 1],
      ['service', 1, 2],
      ['lateness', 1, 1],
      ['lateness', 2, 1],
      ['dropped', 1, 1],
      ['interrupted', 2, 1],
      ['failed', 1, 1],
      ['failed-service', 1, 1],
    ]);
  });

  it('forgets what it handed over', () => {
    const one = meter(done(1, 2000));
    one.flush();
    expect(one.flush()).toEqual({ latency: [], counts: [], slices: [] });
  });

  it('counts good arrivals as slow once a limit is set, and bad ones never', () => {
    const one = meter(done(1, 2000));
    one.setSlowLimit('a', us(1000));
    for (const arrival of [done(1, 1001), done(1, 1000), done(1, 5000, 'refused')]) {
      one.due('a', arrival.dueAt, 'started');
      one.resolved(arrival);
    }
    expect(one.flush().slices).toEqual([
      { flow: 'a', at: BASE + 1000, due: 4, bad: 1, slow: 1, maxUs: 5000 },
    ]);
  });

  it('clamps what is no latency and counts it; what is not a number goes to the slow end', () => {
    const one = meter(
      done(1, Number.NaN),
      done(1, -5),
      done(1, HIGHEST_US + 1),
      done(1, Number.POSITIVE_INFINITY),
    );
    expect(one.clamped).toBe(8);
    const data = dataOf(one);
    const response = data.histogram('a', 'response', [1_800_000_001]);
    expect(response.count).toBe(4);
    expect(response.valueAtRank(1)).toBe(0);
    expect(response.valueAtRank(2)).toBeGreaterThanOrEqual(HIGHEST_US);
  });
});

describe('run data', () => {
  it('counts every due arrival in the response of a phase, so that drops cannot flatter it', () => {
    const data = dataOf(
      meter(done(1, 1000), done(1.5, 1000), lost('dropped', 1.6, 900_000), lost('interrupted', 1.7, 5)),
    );
    const facts = data.flowPhase('a', phase('steady', 1, 3));
    expect(facts).toMatchObject({
      count: 2,
      failed: 0,
      dropped: 1,
      due: 4,
      seconds: 2,
      dueRate: 2,
      attainedRate: 1.5,
    });
    expect(facts.responseMs).toEqual({
      p50: 1,
      p90: 900.095,
      p95: 900.095,
      p99: 900.095,
      p999: 900.095,
      max: 900.095,
    });
    expect(facts.droppedMs.max).toBe(900.095);
    expect(facts.serviceMs.max).toBe(1);
  });

  it('says why arrivals were not good, most frequent first, with the sum of all that were not', () => {
    const data = dataOf(
      meter(done(1, 1, 'timeout'), done(1, 1), lost('dropped', 1.6, 9), lost('interrupted', 1.7, 5)),
      meter(done(2, 1, 'timeout'), done(2, 1, 'duplicate'), done(9, 1, 'grpc-14')),
    );
    const { outcomes } = data.flowPhase('a', phase('steady', 1, 3));
    expect(Object.entries(outcomes)).toEqual([
      ['timeout', 2],
      ['dropped', 1],
      ['duplicate', 1],
      ['interrupted', 1],
    ]);
  });

  it('keeps the failures of a file that is older than outcomes, under a word that says so', () => {
    const data = new RunData();
    const old = { due: 5, started: 5, dropped: 0, completed: 5, interrupted: 0, failed: 3 };
    data.addCounts({ flow: 'a', second: 1_800_000_001, ...old });
    expect(data.flowPhase('a', phase('steady', 1, 3)).outcomes).toEqual({ 'not-recorded': 3 });
  });

  it('tells 32 outcomes of a flow apart and counts the rest as one, so that no script can grow a run', () => {
    const arrivals = Array.from({ length: 40 }, (_, index) => done(1, 1, `word-${index}`));
    const { outcomes } = dataOf(meter(...arrivals)).flowPhase('a', phase('steady', 1, 3));
    expect(Object.keys(outcomes)).toHaveLength(33);
    expect(outcomes['other']).toBe(8);
  });

  it('keeps a clock of its own for connecting, over the arrivals that needed a connection', () => {
    const data = dataOf(meter({ ...done(1, 5000), connectUs: 2000 }, done(1, 1000), done(2, 1000)));
    const facts = data.flowPhase('a', phase('steady', 1, 3));
    expect([facts.connects, facts.connectMs.p50, facts.connectMs.max]).toEqual([1, 2, 2]);
    expect(new RunData().flowPhase('a', phase('steady', 1, 3)).connectMs.p99).toBeNull();
  });

  it('shows the steps of an iteration each by itself, over those that were answered, and none where there are none', () => {
    const both = [
      { name: 'post', serviceUs: 1500 },
      { name: 'read', serviceUs: 500 },
    ];
    const first = { ...done(1, 2000), steps: both };
    const cut = { ...lost('interrupted', 2, 9000), steps: both.slice(0, 1) };
    const data = dataOf(meter(first, cut, done(2, 3000, 'timeout')), meter(first));
    const { steps, count } = data.flowPhase('a', phase('steady', 1, 3));
    expect(count).toBe(3);
    expect(steps).toMatchObject({
      post: { count: 3, serviceMs: { p50: 1.5, max: 1.5 } },
      read: { count: 2, serviceMs: { p50: 0.5, max: 0.5 } },
    });
    expect(data.flows()).toEqual(['a']);
    expect(dataOf(meter(done(1, 2000))).flowPhase('a', phase('steady', 1, 3))).not.toHaveProperty('steps');
  });

  it('tells 32 steps of a flow apart, further ones are one', () => {
    const steps = Array.from({ length: 40 }, (_, index) => ({ name: `s${index}`, serviceUs: 10 }));
    const found = dataOf(meter({ ...done(1, 400), steps })).flowPhase('a', phase('steady', 1, 3)).steps ?? {};
    expect(Object.keys(found)).toHaveLength(33);
    expect(found['other']?.count).toBe(8);
  });

  it('says null, not 0, for quantiles of nothing', () => {
    const facts = new RunData().flowPhase('a', phase('baseline', 1, 3));
    expect(facts).toMatchObject({ count: 0, due: 0, dueRate: 0 });
    expect(Object.values(facts.responseMs)).toEqual([null, null, null, null, null, null]);
  });

  it('gives the same answers for any order and any cutting of the increments', () => {
    const arrival = fc.record({
      second: fc.integer({ min: 0, max: 5 }),
      value: fc.nat(5_000_000),
      bad: fc.boolean(),
    });
    const property = fc.property(
      fc.array(arrival, { minLength: 1, maxLength: 60 }),
      fc.nat(),
      (arrivals, cut) => {
        const all = arrivals.map((one) => done(one.second, one.value, one.bad ? 'no' : 'ok'));
        const place = cut % all.length;
        const whole = dataOf(meter(...all));
        const parts = dataOf(meter(...all.slice(place)), meter(...all.slice(0, place).reverse()));
        expect(parts.series('a')).toEqual(whole.series('a'));
        expect(parts.slices('a', at(0), at(9))).toEqual(whole.slices('a', at(0), at(9)));
        expect(parts.flowPhase('a', phase('steady', 0, 6))).toEqual(
          whole.flowPhase('a', phase('steady', 0, 6)),
        );
        for (const clock of LATENCY_CLOCKS) {
          const seconds = [1_800_000_002, 1_800_000_000];
          expect(parts.histogram('a', clock, seconds).max).toBe(whole.histogram('a', clock, seconds).max);
        }
      },
    );
    fc.assert(property, { numRuns: 60 });
  });

  it('shows empty seconds in the series and leaves empty slices out', () => {
    const data = dataOf(meter(done(1, 1000), done(3, 2000)));
    expect(data.series('a').map(({ second, due, p99 }) => [second % 10, due, p99])).toEqual([
      [1, 1, 1],
      [2, 0, null],
      [3, 1, 2],
    ]);
    expect(data.slices('a', at(0), at(3)).map((slice) => slice.at)).toEqual([BASE + 1000]);
    expect(data.slices('a', at(1), at(3.1)).map((slice) => slice.at)).toEqual([BASE + 1000, BASE + 3000]);
    expect(data.span()).toEqual({ from: 1_800_000_001, to: 1_800_000_004 });
    expect(data.flows()).toEqual(['a']);
  });
});

describe('the seconds of a phase', () => {
  it('are those wholly inside, but for faults all that are touched', () => {
    expect(secondsOf({ name: 'baseline', from: epochMs(1200), to: epochMs(5900) })).toEqual({
      from: 2,
      to: 5,
    });
    expect(secondsOf({ name: 'fault:x', from: epochMs(5900), to: epochMs(7100) })).toEqual({
      from: 5,
      to: 8,
    });
    expect(secondsOf({ name: 'recovery:x', from: epochMs(7100), to: epochMs(9000) })).toEqual({
      from: 8,
      to: 9,
    });
    expect(secondsOf({ name: 'fault:x', from: epochMs(7000), to: epochMs(7000) })).toEqual({
      from: 7,
      to: 8,
    });
    expect(secondsOf({ name: 'steady', from: epochMs(7100), to: epochMs(7900) })).toEqual({ from: 8, to: 8 });
  });

  it('share no second between neighbours', () => {
    const cut = fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(cut, (cuts) => {
        const [a = 0, b = 0, c = 0, d = 0, e = 0] = cuts.toSorted((x, y) => x - y);
        const fault = secondsOf({ name: 'fault:x', from: epochMs(b), to: epochMs(c) });
        const before = secondsOf({ name: 'baseline', from: epochMs(a), to: epochMs(b) });
        const after = secondsOf({ name: 'recovery:x', from: epochMs(Math.max(c, b + 1)), to: epochMs(d) });
        expect(before.to > before.from ? before.to : 0).toBeLessThanOrEqual(fault.from);
        if (after.to > after.from && c > b) expect(after.from).toBeGreaterThanOrEqual(fault.to);
        void e;
      }),
    );
  });
});

describe('the ledger', () => {
  const good = { due: 10, started: 8, dropped: 2, completed: 7, interrupted: 1 };

  it('balances when nothing is missing', () => {
    expect(balance(good, { least: 9, most: 10 })).toEqual({ ...good, balanced: true, problems: [] });
  });

  it('names every imbalance with its numbers', () => {
    expect(
      balance({ ...good, due: 11, completed: 5 }, { least: 12, most: 14 }, ['a start was lost']).problems,
    ).toEqual([
      'a start was lost',
      'due 11 is not started 8 + dropped 2',
      'started 8 is not completed 5 + interrupted 1',
      'due 11 is not what the schedule holds: 12 to 14',
    ]);
  });

  it('adds up the flows and keeps whose problem it was', () => {
    const total = totalLedger({ a: balance(good), b: balance({ ...good, due: 11 }) });
    expect(total).toEqual({
      due: 21,
      started: 16,
      dropped: 4,
      completed: 14,
      interrupted: 2,
      balanced: false,
      problems: ['b: due 11 is not started 8 + dropped 2'],
    });
  });
});

describe('a live window', () => {
  it('reads complete slices only, with unanswered arrivals at the age they have', () => {
    const window = new LiveWindow(10_000);
    for (const arrival of [done(1, 1000), done(1.1, 2000, 'no'), done(1.2, 3000), done(1.25, 4000)]) {
      window.due(arrival.dueAt, 'started');
      window.resolved(arrival);
    }
    window.due(at(1.1), 'started');
    const seen = window.read(at(1.25), 200, [at(1.1)], at(2));
    expect(seen).toMatchObject({ due: 3, started: 3, dropped: 0, bad: 1 });
    expect(seen.quantileUs(0.5)).toBe(2000);
    expect(seen.quantileUs(1)).toBeGreaterThanOrEqual(900_000);
    expect(window.read(at(0.9), 200, [], at(2)).quantileUs(0.5)).toBeNull();
  });

  it('forgets what lies outside, and keeps what lies inside', () => {
    const window = new LiveWindow(1000);
    window.due(at(1), 'dropped');
    window.due(at(5), 'dropped');
    window.forget(at(5.5));
    expect(window.read(at(9), 60_000, [], at(9))).toMatchObject({ due: 1, dropped: 1, bad: 1 });
  });
});

describe('columns', () => {
  it('keep every number while they grow at both ends', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(300), fc.nat(9)), { maxLength: 80 }), (adds) => {
        const columns = new Columns(2);
        const truth = new Map<number, number>();
        for (const [key, value] of adds) {
          columns.add(key, 1, value);
          truth.set(key, (truth.get(key) ?? 0) + value);
        }
        for (let key = 0; key <= 301; key += 1) {
          expect(columns.get(key, 1)).toBe(truth.get(key) ?? 0);
          expect(columns.get(key, 0)).toBe(0);
        }
      }),
    );
  });
});
