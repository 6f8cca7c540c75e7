import { describe, expect, it } from 'vitest';
import { judgeGenerator } from '../../../src/measure/judge-generator.ts';
import { judged } from './facts.ts';

const times = (value: number) => ({
  p50: value,
  p90: value,
  p95: value,
  p99: value,
  p999: value,
  max: value,
});
const texts = (...all: Parameters<typeof judged>[]) =>
  judgeGenerator(
    all.map((one) => judged(...one)),
    () => false,
  ).map((one) => `${one.status} ${one.text}`);

describe('the judge of the generator', () => {
  it('has nothing to say of one that was on time and started everything', () => {
    expect(texts([{ latenessMs: times(50) }], [{ attainedRate: 99 }])).toEqual([]);
  });

  it('finds it late in any phase that is judged, and says what to change', () => {
    expect(texts([{ latenessMs: times(50.6) }, { phase: 'stress' }])).toEqual([
      'INVALID g: the generator was late (P99 51 ms in stress, at most 50); it needs more CPU or a lower rate',
    ]);
  });

  it('does not take two late arrivals of 120 for a late generator, unless an objective was missed there', () => {
    const latenessMs = { p50: 1, p90: 5, p95: 30, p99: 105, p999: 110, max: 110 };
    const few = judged({ count: 120, latenessMs });
    expect(judgeGenerator([few], () => false)).toEqual([]);
    expect(judgeGenerator([few], (flow, phase) => flow === 'g' && phase === 'baseline')).toEqual([
      {
        status: 'INVALID',
        text: 'g: the generator was late (P99 105 ms in baseline, at most 50); it needs more CPU or a lower rate',
      },
    ]);
    expect(texts([{ count: 1000, latenessMs }])).toHaveLength(1);
    expect(texts([{ count: 120, latenessMs: { ...latenessMs, p90: 60 } }])).toEqual([
      'INVALID g: the generator was late (P90 60 ms in baseline, at most 50); it needs more CPU or a lower rate',
    ]);
    expect(texts([{ count: 5, latenessMs: times(51) }])).toHaveLength(1);
  });

  it('asks for 99 % of the due arrivals in the baseline alone: later the target may use up all VUs', () => {
    expect(texts([{ attainedRate: 98.9 }])).toEqual([
      'INVALID g: only 98.9 % of the arrivals due in the baseline were started (needed: 99 %); lower the rate or allow more VUs',
    ]);
    expect(texts([{ attainedRate: 50 }, { phase: 'stress' }])).toEqual([]);
  });

  it('does not let drops pass as the target’s when no answer was slow', () => {
    const dropping = { dropped: 3, serviceMs: times(999) };
    expect(texts([dropping, { phase: 'soak', worstStallMs: 2000 }])).toEqual([
      'INVALID g: the generator dropped 3 arrivals in soak although no answer took above 999 ms; it needs more CPU, or more VUs (load item: timeout)',
    ]);
    expect(texts([{ dropped: 3, serviceMs: times(1000) }, { worstStallMs: 2000 }])).toEqual([]);
    const nothing = { p50: null, p90: null, p95: null, p99: null, p999: null, max: null };
    expect(texts([{ dropped: 1, serviceMs: nothing, latenessMs: nothing }])[0]).toContain('above 0 ms');
  });
});
