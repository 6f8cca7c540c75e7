/** What only a mutant finds: every limit of the judges from both sides, and whose objective a doubt belongs to. */
import { describe, expect, it } from 'vitest';
import { us } from '../../../src/core/units.ts';
import { judgedIn } from '../../../src/measure/abort.ts';
import { judgeRun } from '../../../src/measure/judge.ts';
import { judgeCapacity } from '../../../src/measure/judge-capacity.ts';
import { GENERATOR_LIMITS, judgeGenerator } from '../../../src/measure/judge-generator.ts';
import { tailAtLeast } from '../../../src/measure/statistics.ts';
import { flowPhase, judged, objective, runFacts } from './facts.ts';
import { judge } from './judge-text.ts';

const generator = (stats: Parameters<typeof judged>[0]): readonly string[] =>
  judgeGenerator([judged(stats)], () => false).map((one) => one.text);
const times = (p50: number, p90: number, p95: number, p99: number) => ({
  latenessMs: { p50, p90, p95, p99, p999: p99, max: p99 },
});

describe('the run', () => {
  it('without load and without an end to blame is judged like any other', () => {
    const facts = runFacts({ isLoaded: false, ledgers: {}, judged: [], objectives: [] });
    expect(judgeRun(facts).reasons.map((one) => one.text)).toContain('g: no arrival was seen');
  });

  it('with one file that does not hold together is judged by nothing else', () => {
    expect(judgeRun(runFacts({ flaws: ['probes.ndjson is missing'], ledgers: {} })).reasons).toEqual([
      { status: 'INVALID', text: 'evidence: probes.ndjson is missing' },
    ]);
  });

  it('doubts a few late arrivals only where an objective on the same flow and phase was missed', () => {
    const late = judged({ count: 120, ...times(1, 5, 30, 105) });
    const statusWith = (more: Parameters<typeof objective>[0]): string =>
      judgeRun(runFacts({ judged: [late], objectives: [objective(more)] })).status;
    expect(statusWith({ status: 'FAIL' })).toBe('INVALID');
    expect(statusWith({ status: 'PASS' })).toBe('PASS');
    expect(statusWith({ status: 'FAIL', flow: 'h' })).toBe('FAIL');
    expect(statusWith({ status: 'FAIL', phase: 'soak' })).toBe('FAIL');
  });

  it('says of a failed time without a value that it was beyond any limit, of all others that nothing was seen', () => {
    const said = (more: Parameters<typeof objective>[0]): string | undefined =>
      judgeRun(runFacts({ objectives: [objective({ name: 'o', observed: null, ...more })] })).reasons[0]
        ?.text;
    expect(said({ status: 'FAIL' })).toBe('o: beyond any limit');
    expect(said({ status: 'INCONCLUSIVE' })).toBe('o: nothing');
    expect(said({ status: 'FAIL', unit: 'ratio' })).toBe('o: nothing');
  });
});

describe('the judge of the generator', () => {
  it('takes the highest percentile that the arrivals allow', () => {
    expect(generator({ count: 500, ...times(1, 1, 30, 60) })).toEqual([]);
    expect(generator({ count: 250, ...times(1, 1, 60, 60) })[0]).toContain('P95 60 ms');
    expect(generator({ count: 160, ...times(1, 1, 60, 60) })).toEqual([]);
    expect(generator({ count: 90, ...times(1, 60, 60, 60) })).toEqual([]);
  });

  it('takes the median of very few', () => {
    expect(generator({ count: 5, ...times(1, 60, 60, 60) })).toEqual([]);
    expect(generator({ count: 5, ...times(51, 60, 60, 60) })[0]).toContain('P50 51 ms');
  });

  it('allows 1 % of arrivals on connections that had idled too long', () => {
    expect(generator({ due: 50 })).toEqual([]);
    expect(generator({ due: 10_000, stale: 100 })).toEqual([]);
    expect(generator({ due: 10_000, stale: 101 })[0]).toContain('g: 1.0 % of the arrivals in baseline');
    expect(generator({ due: 10_000, stale: 2000 })[0]).toContain('g: 20.0 % of the arrivals');
  });
});

describe('a step of a search', () => {
  it('without one good answer was missed, however late the generator was', () => {
    const stats = flowPhase({ due: 100, count: 100, failed: 100, goodRate: 0, ...times(60, 60, 60, 60) });
    const found = judgeCapacity(
      { segment: 's', flow: 'g', conditions: [], phases: ['s:100%'] },
      () => stats,
      () => objective(),
      GENERATOR_LIMITS,
    );
    expect(found.steps[0]?.status).toBe('missed');
  });

  it('that was missed at the limit itself fails the objective', () => {
    const capacity = { segment: 'breakpoint', flow: 'g', conditions: [], highest: 80, ceiling: 100 };
    const steps = [{ phase: 'breakpoint:100%', rate: 100, status: 'missed' as const, conditions: [] }];
    expect(judge('g capacity >= 100/s in breakpoint', { capacity: [{ ...capacity, steps }] }).status).toBe(
      'FAIL',
    );
  });
});

describe('an objective', () => {
  it('on failures has no data when every arrival hit a connection that had idled too long', () => {
    const phase = { due: 5, count: 0, stale: 5 };
    expect(judge('g failed < 50% in baseline', { phase })).toMatchObject({
      status: 'NO-DATA',
      note: 'every arrival hit a connection that had idled too long',
    });
  });

  it('on the rate of good answers says how many arrivals had none, and nothing when all had one', () => {
    const note = (failed: number): string | null =>
      judge('g rate >= 1/s in baseline', { phase: { due: 100, count: 100, failed, goodRate: 10 } }).note;
    expect(note(0)).toBeNull();
    expect(note(1)).toBe('1 of 100 arrivals had no good answer');
    expect(note(2)).toBe('2 of 100 arrivals had no good answer');
  });
});

describe('a live window', () => {
  const window = {
    due: 100,
    started: 100,
    dropped: 0,
    bad: 7,
    quantileUs: () => us(1),
    judgedQuantileUs: () => 2000,
  };

  it('answers percentiles of the response with failed answers as the slowest, in ms', () => {
    const response = { kind: 'quantile', clock: 'response', quantile: 0.9 } as const;
    expect(judgedIn(window, response)).toBe(2);
    expect(judgedIn({ ...window, judgedQuantileUs: () => null }, response)).toBeNull();
  });

  it('answers all else as it was seen', () => {
    expect(judgedIn(window, { kind: 'failed' })).toBe(0.07);
    expect(judgedIn(window, { kind: 'quantile', clock: 'service', quantile: 0.9 })).toBeNull();
  });
});

describe('the tail of a binomial distribution', () => {
  it('is 1 from zero on, and 0 for what never happens', () => {
    expect([
      tailAtLeast(0, 5, 0),
      tailAtLeast(-1, 5, 0),
      tailAtLeast(1, 5, 0),
      tailAtLeast(6, 5, 0.5),
    ]).toEqual([1, 1, 0, 0]);
  });
});
