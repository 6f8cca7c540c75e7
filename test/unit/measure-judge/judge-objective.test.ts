import { describe, expect, it } from 'vitest';
import type { FaultRecord, FlowPhase } from '../../../src/core/result.ts';
import { judgeObjective } from '../../../src/measure/judge-objective.ts';
import type { LatencyHistogram } from '../../../src/measure/latency-histogram.ts';
import { parseObjective } from '../../../src/measure/objective-text.ts';
import { fault, flowPhase, histogram, recovery } from './facts.ts';

const known = {
  flows: ['g'],
  phases: ['baseline', 'fault:kill-pod', 'recovery:kill-pod'],
  faults: ['kill-pod'],
};

function judge(
  text: string,
  facts: { phase?: Partial<FlowPhase>; times?: LatencyHistogram; faults?: readonly FaultRecord[] } = {},
) {
  const parsed = parseObjective(text, known);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return judgeObjective(
    { ...parsed.value, source: 'a.yaml' },
    {
      flowPhase: () => flowPhase(facts.phase),
      histogram: () => facts.times,
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

describe('an objective on failures', () => {
  it('proves "below 1 %" with 300 good arrivals and not with 299', () => {
    expect(judge('g failed < 1% in baseline', { phase: { due: 300, count: 300 } }).status).toBe('PASS');
    expect(judge('g failed < 1% in baseline', { phase: { due: 299, count: 299 } })).toMatchObject({
      status: 'NO-DATA',
      note: '299 samples, 300 needed for this share',
    });
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
    expect(judge('g failed < 1% in baseline', { phase: { due: 0, count: 0 } }).status).toBe('NO-DATA');
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

  it('never passes what was not back when the watch ended', () => {
    const censored = fault({
      recovery: { 'g failed': recovery({ status: 'censored', sinceInjectedMs: 30_000, lossSeconds: 2 }) },
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
  it('compares arrivals that were started', () => {
    expect(judge('g rate >= 99/s in baseline').status).toBe('PASS');
    expect(judge('g rate >= 99/s in baseline', { phase: { attainedRate: 98.9 } }).status).toBe('FAIL');
  });
});
