import { describe, expect, it } from 'vitest';
import type { Objective } from '../../../src/core/objective.ts';
import type { Capacity, CapacityStep, FaultRecord, FlowPhase } from '../../../src/core/result.ts';
import { judgeObjective } from '../../../src/measure/judge-objective.ts';
import type { LatencyHistogram } from '../../../src/measure/latency-histogram.ts';
import { parseObjective } from '../../../src/measure/objective-text.ts';
import { fault, flowPhase, histogram, recovery } from './facts.ts';

const known = {
  flows: ['g'],
  phases: ['baseline', 'fault:kill-pod', 'recovery:kill-pod', 'fault:kill-pod+b', 'recovery:kill-pod+b'],
  faults: ['kill-pod', 'b'],
  searches: ['breakpoint'],
};

function judge(
  text: string,
  facts: {
    phase?: Partial<FlowPhase>;
    times?: LatencyHistogram;
    faults?: readonly FaultRecord[];
    capacity?: readonly Capacity[];
  } = {},
) {
  const parsed = parseObjective(text, known);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return judgeObjective(
    { ...parsed.value, source: 'a.yaml' },
    {
      flowPhase: () => flowPhase(facts.phase),
      histogram: () => facts.times,
      capacity: facts.capacity ?? [],
      windows: () => undefined,
      faults: facts.faults ?? [],
    },
  );
}

describe('an objective on a percentile', () => {
  const times = histogram([990, 1], [10, 1.5]);

  it('passes when the whole interval is below the limit and fails when it is above', () => {
    expect(judge('g p50 < 1.2ms in baseline', { times }).status).toBe('PASS');
    expect(judge('g p50 < 0.9ms in baseline', { times }).status).toBe('FAIL');
  });

  it('is inconclusive when the limit lies inside the interval', () => {
    expect(judge('g p99 < 1.2ms in baseline', { times })).toMatchObject({
      status: 'INCONCLUSIVE',
      observed: 1,
      interval: [1, 1.5],
      note: 'the limit lies inside the confidence interval',
    });
  });

  it('has no data with one sample fewer than it needs', () => {
    expect(judge('g p99 < 500ms in baseline', { times: histogram([999, 1]) })).toMatchObject({
      status: 'NO-DATA',
      note: '999 samples, 1000 needed for this quantile',
    });
    expect(judge('g p99 < 500ms in baseline', { times: histogram([1000, 1]) }).status).toBe('PASS');
    expect(judge('g p99 < 500ms in baseline').status).toBe('NO-DATA');
  });

  it('does not pass on lower bounds: 2.5 % dropped arrivals may each have been the slowest', () => {
    const seen = judge('g p99 < 500ms in baseline', {
      times: histogram([1950, 1], [50, 1.1]),
      phase: { due: 2000, count: 1950, dropped: 50 },
    });
    expect(seen).toMatchObject({ status: 'INCONCLUSIVE', interval: null });
    expect(seen.note).toBe(
      'the limit lies inside the confidence interval; 50 of 2000 arrivals were never answered: their times are lower bounds',
    );
  });

  it('still passes a percentile that a few unanswered arrivals cannot reach, and says so', () => {
    const seen = judge('g p50 < 500ms in baseline', {
      times: histogram([1999, 1], [1, 1.1]),
      phase: { due: 2000, count: 1999, dropped: 1 },
    });
    expect(seen).toMatchObject({
      status: 'PASS',
      note: '1 of 2000 arrivals were never answered: their times are lower bounds',
    });
  });

  it('fails on lower bounds alone when even they are above the limit', () => {
    const seen = judge('g p50 < 0.5ms in baseline', {
      times: histogram([100, 1], [1900, 1.1]),
      phase: { due: 2000, count: 100, dropped: 1900 },
    });
    expect(seen.status).toBe('FAIL');
  });

  it('says how many arrivals have no service time at all', () => {
    const seen = judge('g service p50 < 500ms in baseline', {
      times: histogram([1950, 1]),
      phase: { due: 2000, count: 1950, dropped: 50 },
    });
    expect(seen.note).toBe('50 of 2000 arrivals were never answered and have no service time');
  });

  it('has no data in the phase of a fault that was never injected', () => {
    for (const phase of ['fault:kill-pod', 'recovery:kill-pod']) {
      expect(
        judge(`g p50 < 500ms in ${phase}`, { times, faults: [fault({ status: 'not-injected' })] }),
      ).toMatchObject({
        status: 'NO-DATA',
        note: 'kill-pod was not injected, so its phase says nothing about it',
      });
    }
    expect(judge('g p50 < 500ms in fault:kill-pod', { times, faults: [fault()] }).status).toBe('PASS');
  });
});

describe('an objective on a group of faults', () => {
  const spoiled = { name: 'kill-pod+b', how: 'together', spoiled: 'b: not injected (no effect)' } as const;
  const times = histogram([100, 1]);

  it('has no data in any phase of it, nor after a member that was injected, when the group was not whole', () => {
    const faults = [fault({ group: spoiled }), fault({ name: 'b', status: 'not-injected', group: spoiled })];
    for (const phase of ['fault:kill-pod+b', 'recovery:kill-pod+b', 'fault:kill-pod', 'recovery:kill-pod']) {
      expect(judge(`g p50 < 500ms in ${phase}`, { times, faults })).toMatchObject({
        status: 'NO-DATA',
        note: 'kill-pod+b was not injected as a whole, so its phase says nothing about it',
      });
    }
    expect(judge('g recovered < 60s after kill-pod', { faults })).toMatchObject({
      status: 'NO-DATA',
      note: 'kill-pod+b was not injected as a whole, so nothing recovered from it',
    });
    expect(judge('g recovered < 60s after b', { faults })).toMatchObject({
      status: 'NO-DATA',
      note: 'b was not injected, so nothing recovered from it',
    });
  });

  it('is judged like any other when the group was whole', () => {
    const faults = [fault({ group: { ...spoiled, spoiled: null } })];
    expect(judge('g p50 < 500ms in fault:kill-pod+b', { times, faults }).status).toBe('PASS');
  });
});

describe('the interval of a percentile', () => {
  /** 1 to 100 µs, each once: the value of a rank is the rank. */
  const ladder = histogram(...Array.from({ length: 100 }, (_, index) => [1, (index + 1) / 1000] as const));
  const lost = { due: 103, count: 100, dropped: 3 };

  it('is that of the ranks around it', () => {
    expect(
      judge('g p50 < 1ms in baseline', { times: ladder, phase: { due: 100, count: 100 } }),
    ).toMatchObject({
      ...{ status: 'PASS', observed: 0.05, interval: [0.04, 0.061], note: null, samples: 100 },
    });
  });

  it('moves its upper end by one rank for each arrival that was never answered, in the response only', () => {
    expect(judge('g p50 < 1ms in baseline', { times: ladder, phase: lost }).interval).toEqual([0.04, 0.064]);
    expect(judge('g service p50 < 1ms in baseline', { times: ladder, phase: lost })).toMatchObject({
      ...{ interval: [0.04, 0.061], note: '3 of 103 arrivals were never answered and have no service time' },
    });
  });

  it('is open on both sides when the sample is too small for its ranks: then nothing is passed or failed', () => {
    const few = histogram([20, 1]);
    for (const limit of ['0.5ms', '2ms']) {
      expect(
        judge(`g p1 < ${limit} in baseline`, { times: few, phase: { due: 20, count: 20 } }),
      ).toMatchObject({
        ...{ status: 'INCONCLUSIVE', observed: 1, interval: null },
      });
    }
  });

  it('stands without counts too, and then knows of no unanswered arrival', () => {
    const parsed = parseObjective('g p50 < 1ms in baseline', known);
    if (!parsed.ok) throw new Error('unreadable');
    const facts = { flowPhase: () => undefined, windows: () => undefined, capacity: [], faults: [] };
    const seen = judgeObjective({ ...parsed.value, source: null }, { ...facts, histogram: () => ladder });
    expect(seen).toMatchObject({ status: 'PASS', interval: [0.04, 0.061], note: null });
    expect(
      judgeObjective({ ...parsed.value, source: null }, { ...facts, histogram: () => histogram() }),
    ).toMatchObject({
      ...{ status: 'NO-DATA', note: 'no samples', samples: 0 },
    });
  });
});

describe('an objective on failures', () => {
  it('proves "below 1 %" with 300 good arrivals and not with 299', () => {
    expect(judge('g failed < 1% in baseline', { phase: { due: 300, count: 300 } }).status).toBe('PASS');
    expect(judge('g failed < 1% in baseline', { phase: { due: 299, count: 299 } })).toMatchObject({
      status: 'NO-DATA',
      note: '299 samples, 300 needed for this share',
    });
  });

  it('proves nothing with 20 good arrivals', () => {
    const seen = judge('g failed < 1% in baseline', { phase: { due: 20, count: 20 } });
    expect(seen).toMatchObject({ status: 'NO-DATA', observed: 0, samples: 20 });
  });

  it('counts failed, dropped and interrupted arrivals against those due', () => {
    const seen = judge('g failed < 1% in baseline', {
      phase: { due: 1000, count: 970, failed: 10, dropped: 20 },
    });
    expect(seen).toMatchObject({ observed: 0.04, status: 'FAIL', samples: 1000 });
  });

  it('fails with too few samples too, when the failures are beyond doubt', () => {
    expect(judge('g failed < 1% in baseline', { phase: { due: 20, count: 20, failed: 20 } }).status).toBe(
      'FAIL',
    );
  });

  it('is inconclusive at 8 failures in 1,000 for a limit of 1 %', () => {
    expect(judge('g failed < 1% in baseline', { phase: { due: 1000, count: 1000, failed: 8 } }).status).toBe(
      'INCONCLUSIVE',
    );
  });

  it('has no data when nothing was due', () => {
    expect(judge('g failed < 1% in baseline', { phase: { due: 0, count: 0 } })).toMatchObject({
      ...{ status: 'NO-DATA', note: 'no arrival was due', observed: null, samples: 0 },
    });
    expect(judge('g failed < 1% in baseline', { phase: { due: 1, count: 1 } }).note).toBe(
      '1 samples, 300 needed for this share',
    );
  });
});

describe('an objective after a fault', () => {
  const after = (text: string, faults: readonly FaultRecord[]) => judge(text, { faults });

  it('takes the later of the two service levels, and the interval of it', () => {
    expect(after('g recovered < 60s after kill-pod', [fault()])).toMatchObject({
      status: 'PASS',
      observed: 9000,
      interval: [8800, 9000],
    });
    expect(after('g recovered < 8.9s after kill-pod', [fault()]).status).toBe('INCONCLUSIVE');
    expect(after('g recovered < 8s after kill-pod', [fault()]).status).toBe('FAIL');
  });

  it('takes the interval of both levels together: the later begin and the later end', () => {
    const both = (failed: object, slow: object) =>
      after('g recovered < 60s after kill-pod', [
        fault({ recovery: { 'g failed': recovery(failed), 'g slow': recovery(slow) } }),
      ]);
    const wide = { sinceInjectedMs: 9000, boundMs: 3000 };
    expect(both({ sinceInjectedMs: 8000, boundMs: 200 }, wide).interval).toEqual([7800, 9000]);
    expect(both(wide, { sinceInjectedMs: 8000, boundMs: 200 })).toMatchObject({
      ...{ interval: [7800, 9000], observed: 9000, samples: 1 },
    });
    const calm = { status: 'never-degraded', sinceInjectedMs: null, boundMs: 100 };
    expect(both(calm, { sinceInjectedMs: 500, boundMs: 700 })).toMatchObject({
      observed: 500,
      interval: [0, 500],
    });
    expect(both(calm, calm)).toMatchObject({
      ...{ status: 'PASS', observed: 0, interval: [0, 0], note: 'it never degraded' },
    });
  });

  it('takes the larger of two losses', () => {
    const losing = fault({
      recovery: { 'g failed': recovery({ lossSeconds: 2 }), 'g slow': recovery({ lossSeconds: 6 }) },
    });
    expect(after('g loss < 5s after kill-pod', [losing])).toMatchObject({
      status: 'FAIL',
      observed: 6,
      unit: 's',
    });
    expect(after('g loss < 7s after kill-pod', [losing]).status).toBe('PASS');
  });

  it('cannot be judged in a phase, and what is of a phase cannot be judged after it', () => {
    const base = { name: 'x', flow: 'g', comparison: '<', limit: 1, source: null } as const;
    const facts = {
      flowPhase: () => undefined,
      histogram: () => undefined,
      windows: () => undefined,
      capacity: [],
    };
    const note = (objective: Pick<Objective, 'indicator' | 'scope'>): unknown => {
      const seen = judgeObjective({ ...base, ...objective }, { ...facts, faults: [fault()] });
      return [seen.status, seen.phase, seen.note];
    };
    const [inPhase, behind] = [
      { kind: 'phase', phase: 'baseline' },
      { kind: 'after', fault: 'kill-pod' },
    ] as const;
    expect(note({ indicator: { kind: 'loss' }, scope: inPhase })).toEqual([
      ...['NO-DATA', 'baseline', 'loss cannot be judged in a phase'],
    ]);
    expect(note({ indicator: { kind: 'failed' }, scope: behind })).toEqual([
      ...['NO-DATA', 'after kill-pod', 'failed cannot be judged after a fault'],
    ]);
  });

  it('never passes what was not back when the watch ended', () => {
    const censored = fault({
      recovery: { 'g failed': recovery({ status: 'censored', sinceInjectedMs: 30_000, lossSeconds: 2 }) },
    });
    const long = fault({
      recovery: { 'g slow': recovery({ status: 'censored', sinceInjectedMs: 123_456 }) },
    });
    expect(after('g recovered < 60s after kill-pod', [long])).toMatchObject({
      ...{ status: 'FAIL', samples: 1, observed: 123_456 },
      note: 'not back after 123.5 s, when the watch ended',
    });
    expect(after('g recovered < 60s after kill-pod', [censored])).toMatchObject({
      status: 'INCONCLUSIVE',
      note: 'not back after 30.0 s, when the watch ended',
    });
    expect(after('g recovered < 20s after kill-pod', [censored]).status).toBe('FAIL');
    expect(after('g loss < 5s after kill-pod', [censored])).toMatchObject({
      status: 'INCONCLUSIVE',
      note: 'still losing when the watch ended',
    });
    expect(after('g loss < 1s after kill-pod', [censored]).status).toBe('FAIL');
  });

  it('has no data for a fault that was not injected, not reached, or not watched', () => {
    const text = 'g recovered < 60s after kill-pod';
    expect(after(text, [fault({ status: 'not-injected' })]).note).toBe(
      'kill-pod was not injected, so nothing recovered from it',
    );
    expect(after(text, []).note).toBe('kill-pod was never reached');
    expect(after(text, [fault({ recovery: { 'other failed': recovery() } })]).note).toBe(
      'no service level of g was watched',
    );
    for (const faults of [[fault({ status: 'not-injected' })], [], [fault({ recovery: {} })]]) {
      expect(after(text, faults).status).toBe('NO-DATA');
    }
  });
});

describe('an objective on the rate', () => {
  it('compares arrivals that had a good answer', () => {
    expect(judge('g rate >= 99/s in baseline').status).toBe('PASS');
    expect(judge('g rate >= 99/s in baseline', { phase: { goodRate: 98.9 } }).status).toBe('FAIL');
    expect(judge('g rate >= 99/s in baseline', { phase: { due: 1 } }).status).toBe('PASS');
    expect(judge('g rate >= 99/s in baseline', { phase: { due: 0 } })).toMatchObject({
      ...{ status: 'NO-DATA', note: 'no arrival was due' },
    });
    const parsed = parseObjective('g rate >= 99/s in baseline', known);
    if (!parsed.ok) throw new Error('unreadable');
    const facts = {
      flowPhase: () => undefined,
      histogram: () => undefined,
      windows: () => undefined,
      capacity: [],
    };
    expect(judgeObjective({ ...parsed.value, source: null }, { ...facts, faults: [] }).note).toBe(
      'no arrival was due',
    );
  });
});

describe('an objective on the capacity', () => {
  const step = (phase: string, rate: number, status: CapacityStep['status']): CapacityStep => ({
    phase,
    rate,
    status,
    conditions: [],
  });
  const found = (highest: number | null, ceiling: number | null): Capacity => ({
    segment: 'breakpoint',
    flow: 'g',
    conditions: ['g p99 < 500ms'],
    highest,
    ceiling,
    steps: [step('breakpoint:100%', 100, 'held'), step('breakpoint:120%', 120, 'missed')],
  });
  const of = (...capacity: Capacity[]) => judge('g capacity >= 100/s in breakpoint', { capacity });

  it('passes when a step at the limit held for certain, and fails when the limit itself was missed for certain', () => {
    expect(of(found(100, 120))).toMatchObject({ status: 'PASS', observed: 100, interval: [100, 120] });
    expect(of(found(80, 90)).status).toBe('FAIL');
    expect(of(found(null, 90))).toMatchObject({
      status: 'FAIL',
      observed: null,
      interval: null,
      note: 'not even the first step held for certain',
    });
  });

  it('is inconclusive between the step that held and the one that did not', () => {
    expect(of(found(90, 110)).status).toBe('INCONCLUSIVE');
    expect(of(found(90, null))).toMatchObject({
      status: 'INCONCLUSIVE',
      interval: null,
      note: 'no step up to 120.0/s missed a condition for certain',
    });
  });

  it('has no data when the search was never reached', () => {
    expect(of()).toMatchObject({ status: 'NO-DATA', note: 'the search was never reached' });
    expect(of({ ...found(100, 120), steps: [] }).status).toBe('NO-DATA');
    expect(of({ ...found(100, 120), flow: 'other' }).status).toBe('NO-DATA');
    expect(of({ ...found(100, 120), segment: 'other' }).status).toBe('NO-DATA');
  });
});

describe('an objective on a repeated fault', () => {
  const round = (name: string, sinceInjectedMs: number, more: Partial<FaultRecord> = {}): FaultRecord =>
    fault({ name, recovery: { 'g failed': recovery({ sinceInjectedMs, boundMs: 100 }) }, ...more });

  it('is decided by its worst round', () => {
    const faults = [round('kill-pod', 2000), round('kill-pod@2', 9000), round('kill-pod@3', 3000)];
    expect(judge('g recovered < 8s after kill-pod', { faults })).toMatchObject({
      status: 'FAIL',
      observed: 9000,
      samples: 3,
      note: 'the worst of 3 rounds',
    });
    expect(judge('g recovered < 10s after kill-pod', { faults }).status).toBe('PASS');
  });

  it('shows the first of several rounds that are equally bad, and a worse status before a larger value', () => {
    const open = { status: 'censored', sinceInjectedMs: 9000, boundMs: 0 } as const;
    const censored = fault({ name: 'kill-pod', recovery: { 'g failed': recovery(open) } });
    const faults = [censored, round('kill-pod@2', 9500)];
    expect(judge('g recovered < 10s after kill-pod', { faults }).status).toBe('INCONCLUSIVE');
    expect(judge('g recovered < 9.2s after kill-pod', { faults: [...faults].reverse() })).toMatchObject({
      status: 'FAIL',
      observed: 9500,
    });
    const bounds = (first: number, second: number) => [
      fault({ recovery: { 'g failed': recovery({ sinceInjectedMs: 3000, boundMs: first }) } }),
      fault({
        name: 'kill-pod@2',
        recovery: { 'g failed': recovery({ sinceInjectedMs: 3000, boundMs: second }) },
      }),
    ];
    expect(judge('g recovered < 9s after kill-pod', { faults: bounds(100, 200) }).interval).toEqual([
      2900, 3000,
    ]);
  });

  it('has no data when one round was not injected, however good the others were', () => {
    const faults = [round('kill-pod', 2000), round('kill-pod@2', 0, { status: 'not-injected' })];
    expect(judge('g recovered < 8s after kill-pod', { faults }).status).toBe('NO-DATA');
    expect(judge('g p50 < 8s in fault:kill-pod', { faults, times: histogram([100, 1]) }).note).toBe(
      'kill-pod@2 was not injected, so its phase says nothing about it',
    );
  });
});
