/** Nothing is judged on failures: however fast or slow they are, they have no good answer. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Objective } from '../../../src/core/objective.ts';
import type { ObjectiveStatus, Quantiles } from '../../../src/core/result.ts';
import { epochMs, us } from '../../../src/core/units.ts';
import type { CalmPhase } from '../../../src/measure/broken.ts';
import { judgeBroken } from '../../../src/measure/broken.ts';
import { judgeRun } from '../../../src/measure/judge.ts';
import { judgeObjective } from '../../../src/measure/judge-objective.ts';
import { LiveWindow } from '../../../src/measure/live-window.ts';
import { Meter } from '../../../src/measure/meter.ts';
import { judgedHistogram, phaseWindows } from '../../../src/measure/phase-windows.ts';
import { RunData } from '../../../src/measure/run-data.ts';
import { flat, flowPhase, judged, objective, runFacts } from './facts.ts';

const BASE = 1_800_000_000_000;
const PHASE = { name: 'soak', from: epochMs(BASE), to: epochMs(BASE + 10_000) };

interface Arrival {
  readonly tookUs: number;
  readonly outcome: string;
}

const times = (count: number, tookMs: number, outcome = 'ok'): Arrival[] =>
  Array.from({ length: count }, () => ({ tookUs: tookMs * 1000, outcome }));

/** All of one flow, spread over ten seconds, through the meter as in a run. */
function dataOf(arrivals: readonly Arrival[]): RunData {
  const meter = new Meter();
  arrivals.forEach(({ tookUs, outcome }, index) => {
    const dueAt = epochMs(BASE + Math.floor((index * 10_000) / arrivals.length));
    meter.due('g', dueAt, 'started');
    const spent = { latenessUs: 0, serviceUs: tookUs, connectUs: null, responseUs: tookUs };
    meter.resolved({ flow: 'g', dueAt, kind: 'completed', outcome, ...spent });
  });
  const data = new RunData();
  data.add(meter.flush());
  return data;
}

const LIMIT: Objective = {
  ...{ name: 'o', flow: 'g', comparison: '<', limit: 500, source: null },
  indicator: { kind: 'quantile', clock: 'response', quantile: 0.9 },
  scope: { kind: 'phase', phase: 'soak' },
};

function judge(arrivals: readonly Arrival[], more: Partial<Objective> = {}) {
  const data = dataOf(arrivals);
  const seconds = Array.from({ length: 10 }, (_, index) => BASE / 1000 + index);
  return judgeObjective(
    { ...LIMIT, ...more },
    {
      flowPhase: () => data.flowPhase('g', PHASE),
      histogram: (flow, clock) => judgedHistogram(data, flow, clock, seconds),
      windows: (_name, lengthMs) => phaseWindows(data, PHASE, lengthMs),
      faults: [],
      capacity: [],
    },
  );
}

const BETTER: readonly ObjectiveStatus[] = ['FAIL', 'INCONCLUSIVE', 'PASS'];
const arrival = fc.record({
  tookUs: fc.integer({ min: 100, max: 1_000_000 }),
  outcome: fc.constantFrom('ok', 'ok', 'ok', 'http-503', 'timeout'),
});
const many = fc.array(arrival, { minLength: 100, maxLength: 300 });

describe('a percentile', () => {
  it('does not depend on how long failures took', () => {
    const property = fc.property(many, fc.integer({ min: 1, max: 5_000_000 }), (arrivals, tookUs) => {
      const moved = arrivals.map((one) => (one.outcome === 'ok' ? one : { ...one, tookUs }));
      const [a, b] = [judge(arrivals), judge(moved)];
      expect({ ...b, note: null }).toEqual({ ...a, note: null });
    });
    fc.assert(property, { numRuns: 60 });
  });

  it('passes only when that share of all arrivals had a good answer within the limit', () => {
    const property = fc.property(many, (arrivals) => {
      const good = arrivals.filter((one) => one.outcome === 'ok' && one.tookUs < 500_000).length;
      if (judge(arrivals).status === 'PASS') expect(good / arrivals.length).toBeGreaterThanOrEqual(0.9);
    });
    fc.assert(property, { numRuns: 60 });
  });

  it('never gets better when a good answer becomes a failure', () => {
    const property = fc.property(many, fc.nat(299), (arrivals, at) => {
      const worse = arrivals.map((one, index) =>
        index === at % arrivals.length ? { ...one, outcome: 'reset' } : one,
      );
      const rank = (all: readonly Arrival[]): number => BETTER.indexOf(judge(all).status);
      expect(rank(worse)).toBeLessThanOrEqual(rank(arrivals));
    });
    fc.assert(property, { numRuns: 60 });
  });

  it('fails on nothing but failures, however fast and however few, and says that they were fast', () => {
    expect(judge(times(160, 1.2, 'http-503'))).toMatchObject({
      ...{ status: 'FAIL', observed: null, interval: null, samples: 160 },
      note:
        '160 of 160 arrivals failed and count as slower than any limit; ' +
        'too good to be true: failed answers took 1.2 ms at P50, and none was good',
    });
    expect(judge(times(20, 1, 'http-503'), { indicator: { ...p(0.99) } }).status).toBe('FAIL');
    expect(judge(times(1, 1, 'http-503')).status).toBe('NO-DATA');
  });

  it('compares fast failures with good answers, and leaves slow failures uncommented', () => {
    const half = judge([...times(100, 90), ...times(100, 1, 'http-503')]);
    expect(half).toMatchObject({ status: 'FAIL', observed: null });
    expect(half.note).toContain(
      '; too good to be true: failed answers took 1.0 ms at P50, good ones 90.0 ms',
    );
    const slow = judge([...times(190, 1), ...times(10, 2000, 'timeout')]);
    expect(slow).toMatchObject({ status: 'PASS', observed: 1 });
    expect(slow.note).toBe('10 of 200 arrivals failed and count as slower than any limit');
  });

  it('of the service leaves failures out by their own service times, and lateness keeps all arrivals', () => {
    const mixed = [...times(150, 100), ...times(10, 1, 'http-503')];
    expect(judge(mixed, { indicator: { ...p(0.5), clock: 'service' } }).observed).toBeCloseTo(100, 0);
    expect(judge(times(160, 1, 'http-503'), { indicator: { ...p(0.5), clock: 'lateness' } })).toMatchObject({
      ...{ status: 'PASS', observed: 0, note: null },
    });
  });

  it('shows the window with nothing but failures as the worst', () => {
    const arrivals = [...times(80, 400), ...times(20, 1, 'http-503')];
    const scope = { kind: 'phase', phase: 'soak', overMs: 1000 } as Objective['scope'];
    const seen = judge(
      arrivals.flatMap((one) => times(3, one.tookUs / 1000, one.outcome)),
      {
        ...{ scope, limit: 300, indicator: p(0.5) },
      },
    );
    expect(seen).toMatchObject({ status: 'FAIL', observed: null });
    expect(seen.note).toMatch(/^the worst of 10 windows of 1 s: 8 s to 9 s into the phase; 30 of 30 /);
  });
});

const p = (quantile: number) => ({ kind: 'quantile', clock: 'response', quantile }) as const;

describe('a rate', () => {
  it('counts good answers only', () => {
    const rate = { indicator: { kind: 'rate' }, comparison: '>=', limit: 15 } as const;
    expect(judge(times(160, 1), rate)).toMatchObject({ status: 'PASS', observed: 16, note: null });
    expect(judge([...times(80, 1), ...times(80, 1, 'reset')], rate)).toMatchObject({
      ...{ status: 'FAIL', observed: 8, note: '80 of 160 arrivals had no good answer' },
    });
  });
});

describe('the seconds of a run', () => {
  it('tell good answers, failed ones and all apart', () => {
    const stats = dataOf([...times(150, 100), ...times(10, 1, 'http-503')]).flowPhase('g', PHASE);
    expect(stats).toMatchObject({ goodRate: 15, failed: 10, failedMs: flat(1) });
    expect(stats.goodMs.p50).toBeCloseTo(100, 0);
    expect(stats.responseMs.p50).toBeCloseTo(100, 0);
  });

  it('take the fastest for failed where an older run did not keep the times of failures', () => {
    const data = new RunData();
    const second = BASE / 1000;
    const sums = { due: 3, started: 3, dropped: 0, completed: 3, interrupted: 0, failed: 1 };
    data.addCounts({ flow: 'g', second, ...sums });
    data.addLatency({ flow: 'g', clock: 'response', second, counts: Uint32Array.of(10, 1, 20, 1, 30, 1) });
    expect(judgedHistogram(data, 'g', 'response', [second]).valueAtRank(1)).toBe(20);
    expect(judgedHistogram(data, 'g', 'response', [second]).count).toBe(2);
  });
});

describe('a live window', () => {
  it('has percentiles of all answers to look at, and of good ones to go by', () => {
    const window = new LiveWindow(10_000);
    const add = (count: number, responseUs: number, outcome: string): void => {
      for (let index = 0; index < count; index += 1) {
        const dueAt = epochMs(BASE + 500);
        window.due(dueAt, 'started');
        window.resolved({ flow: 'g', kind: 'completed', dueAt, responseUs, outcome } as never);
      }
    };
    const read = () => window.read(epochMs(BASE + 1000), 1000, [], epochMs(BASE + 1000));
    expect(read().judgedQuantileUs(0.5)).toBeNull();
    add(60, 1000, 'ok');
    add(40, 10, 'http-503');
    expect(read().quantileUs(0.4)).toBe(us(10));
    expect(read().judgedQuantileUs(0.4)).toBe(us(1000));
    expect(read().judgedQuantileUs(0.6)).toBe(us(1000));
    expect(read().judgedQuantileUs(0.61)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('a flow that is broken while nothing disturbs it', () => {
  const bad = (failed: number, due = 160, more: object = {}) => ({
    ...{ due, count: due, failed, outcomes: failed === 0 ? {} : { 'http-503': failed } },
    ...more,
  });
  const calm = (phase: string, failed: number, due?: number, more?: object): CalmPhase =>
    judged(bad(failed, due, more), { phase });
  const texts = (...phases: readonly CalmPhase[]): string[] => judgeBroken(phases).map((one) => one.text);

  it('is named with its outcomes, and with failures that were too fast to be true', () => {
    const none: Quantiles = { p50: null, p90: null, p95: null, p99: null, p999: null, max: null };
    expect(texts(calm('baseline', 160, 160, { failedMs: flat(1.2), goodMs: none }))).toEqual([
      'g: broken in baseline: 160 of 160 arrivals had no good answer ' +
        '(http-503 160; too good to be true: failed answers took 1.2 ms at P50, and none was good)',
    ]);
  });

  it('is so above 5 % in the baseline', () => {
    expect(texts(calm('baseline', 8))).toEqual([]);
    expect(texts(calm('baseline', 9))).toEqual([
      'g: broken in baseline: 9 of 160 arrivals had no good answer (http-503 9)',
    ]);
    expect(texts(calm('baseline', 0, 0))).toEqual([]);
  });

  it('is so in a later segment without one good answer, and in the steady end surely above 5 %', () => {
    expect(texts(calm('soak', 159), calm('spike', 160))).toHaveLength(1);
    expect(texts(calm('steady', 2, 20), calm('steady', 3, 20))).toHaveLength(1);
  });

  it('fails the run, and a lack of data that follows from it does not hide that', () => {
    const verdict = judgeRun(
      runFacts({
        ...{ calm: [calm('baseline', 160)], faults: [], abortedBecause: 'no steady state' },
        objectives: [objective(), objective({ status: 'NO-DATA', observed: null, note: 'never reached' })],
      }),
    );
    expect(verdict.status).toBe('FAIL');
    expect(verdict.reasons.map((one) => one.text)).toContain('kill-pod: the run ended before it');
    expect(judgeRun(runFacts({ faults: [] })).status).toBe('NO-DATA');
  });

  it('whatever the objectives say of other flows', () => {
    const other = judged(bad(160), { flow: 'specialist.technical' });
    expect(judgeRun(runFacts({ calm: [judged(), other] })).status).toBe('FAIL');
    expect(judgeRun(runFacts({ calm: [judged(), judged(flowPhase())] })).status).toBe('PASS');
  });
});
