import { describe, expect, it } from 'vitest';
import { parseObjective } from '../../../src/config/objective-line.ts';
import { judgeObjective } from '../../../src/measure/judge-objective.ts';
import { fault, histogram } from './facts.ts';
import { judge, known } from './judge-text.ts';

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
