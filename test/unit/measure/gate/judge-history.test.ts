import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HistoryFlow, HistoryPlan, HistoryResult } from '../../../../src/core/gate-history.ts';
import { type Rng, seededRng } from '../../../../src/core/rng.ts';
import { judgeHistory } from '../../../../src/measure/gate/judge-history.ts';

const FLOW = 'shop.order';
const MEDIANS = { p50: 20, p95: 50, p99: 80 };
const NAMES = ['p50', 'p95', 'p99'] as const;

/** A standard normal value. */
const normal = (rng: Rng): number =>
  Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next());
/** Student's t with five degrees of freedom, scaled to a deviation of 1: a run in fifty is an outlier. */
function heavy(rng: Rng): number {
  let squares = 0;
  for (let one = 0; one < 5; one += 1) squares += normal(rng) ** 2;
  return (normal(rng) / Math.sqrt(squares / 5)) * Math.sqrt(3 / 5);
}

type Draw = (rng: Rng) => number;

/** Half of what runs differ by is common to all quantiles of a run. */
function flow(rng: Rng, sd: number, draw: Draw = normal, slower = 1, bad = 0): HistoryFlow {
  const common = draw(rng);
  const time = (name: (typeof NAMES)[number]): readonly [string, number] => [
    name,
    MEDIANS[name] * slower * Math.exp((sd * (common + draw(rng))) / Math.SQRT2),
  ];
  return { due: 2000, bad, goodMs: Object.fromEntries(NAMES.map(time)) };
}

function plan(flows: readonly HistoryFlow[], given: Partial<HistoryPlan> = {}): HistoryPlan {
  return {
    metrics: (['failed', ...NAMES] as const).map((quantity) => ({ flow: FLOW, quantity })),
    times: { allow: 0, find: 0.1 },
    failed: { allow: 0, find: 0.005 },
    alpha: 0.05,
    folder: 'reports/main',
    runs: flows.map((one, at) => ({ id: `r${at}`, startedAt: '', flows: { [FLOW]: one } })),
    leftOut: [],
    ...given,
  };
}

const runs = (rng: Rng, count: number, sd: number, draw?: Draw): HistoryFlow[] =>
  Array.from({ length: count }, () => flow(rng, sd, draw));
const said = ({ status, sentence }: HistoryResult): string => `${status}: ${sentence}`;
const judge = (is: HistoryFlow, were: readonly HistoryFlow[], given?: Partial<HistoryPlan>): HistoryResult =>
  judgeHistory({ [FLOW]: is }, plan(were, given));

const GATES = 2000;
function share(
  status: string,
  count: number,
  sd: number,
  { draw = normal as Draw, slower = 1 } = {},
): number {
  const rng = seededRng(count * 1000 + Math.round(sd * 100));
  let hits = 0;
  for (let gate = 0; gate < GATES; gate += 1)
    if (judge(flow(rng, sd, draw, slower), runs(rng, count, sd, draw)).status === status) hits += 1;
  return hits / GATES;
}
/** 5 % and two and a half standard errors of the simulation. */
const NOMINAL = 0.05 + 2.5 * Math.sqrt((0.05 * 0.95) / GATES);

describe('one run against earlier runs, simulated', () => {
  it.each([
    [10, 0.05],
    [10, 0.15],
    [20, 0.1],
  ])('with %d runs that differ by %d fails equal versions in at most 5 %%', (count, sd) => {
    expect(share('FAIL', count, sd)).toBeLessThanOrEqual(NOMINAL);
  });

  it('fails no more where a run in fifty is an outlier', () => {
    expect(share('FAIL', 10, 0.1, { draw: heavy })).toBeLessThanOrEqual(NOMINAL);
    expect(share('FAIL', 20, 0.1, { draw: heavy })).toBeLessThanOrEqual(NOMINAL);
  });

  it('finds +30 % where runs differ by 5 %, and never passes it', () => {
    expect(share('FAIL', 10, 0.05, { slower: 1.3 })).toBeGreaterThan(0.95);
    expect(share('PASS', 10, 0.05, { slower: 1.3 })).toBeLessThanOrEqual(0.001);
  });

  it('passes +10 % in at most 5 %, and cannot tell it where runs differ by 10 %', () => {
    expect(share('PASS', 10, 0.02, { slower: 1.1 })).toBeLessThanOrEqual(NOMINAL);
    expect(share('INCONCLUSIVE', 20, 0.1, { slower: 1.1 })).toBeGreaterThan(0.6);
  });
});

describe('one run against earlier runs', () => {
  const rng = seededRng(5);
  const quiet = runs(rng, 12, 0.01);

  it('passes an equal version where runs hardly differ, and says that it is the weaker gate', () => {
    expect(said(judge(flow(rng, 0.001), quiet))).toMatch(
      /^PASS: against 12 earlier runs, weaker than side by side: no metric is worse by 10 % or more \(failed \+0\.00 points \(.*\), P50 ratio 1\.0\d \(0\.9\d–1\.0\d\), /,
    );
  });

  it('fails one that is twice as slow, by name', () => {
    expect(said(judge(flow(rng, 0.01, normal, 2), quiet))).toMatch(
      /^FAIL: against 12 earlier runs, weaker than side by side: P50 ratio (1\.9|2\.0)\d \(.*\); P95 ratio .*; P99 ratio /,
    );
  });

  it('says what one run can find where it does not know', () => {
    expect(said(judge(flow(rng, 0.01), runs(rng, 12, 0.15)))).toMatch(
      /^INCONCLUSIVE: against 12 earlier runs, weaker than side by side: P\d\d ratio \d\.\d\d \(\d\.\d\d–\d\.\d\d\); runs differ by \d+ %, so that one run can find \+\d+ %; gauntlet gate --baseline finds less where both can be up$/,
    );
  });

  it('has no verdict with fewer than ten runs, and shows the comparison all the same', () => {
    const result = judge(flow(rng, 0.01, normal, 2), quiet.slice(0, 9));
    expect(said(result)).toMatch(
      /^NO-DATA: against 9 earlier runs, weaker than side by side: a comparison without a verdict, which needs 10 comparable runs \(failed .*, P50 ratio /,
    );
    expect(result.metrics.map((one) => [one.status, one.note])).toEqual(
      result.metrics.map(() => ['NO-DATA', '9 of the 10 runs that a verdict needs']),
    );
  });

  it('compares with one run without an interval', () => {
    const [, p50] = judge(flow(rng, 0.01), quiet.slice(0, 1)).metrics;
    expect(p50).toMatchObject({ low: null, high: null, sdRun: null, detectable: null, status: 'NO-DATA' });
    expect(p50?.estimate).toBeCloseTo(1, 1);
  });

  it('judges failures first: a candidate that fails fast fails, and its times are not judged', () => {
    const fast = { ...flow(rng, 0.01, normal, 0.1), bad: 200 };
    const { status, sentence, metrics } = judge(fast, quiet);
    expect(status).toBe('FAIL');
    expect(sentence).toMatch(/weaker than side by side: failed \+10\.00 points \(\d\.\d\d to \d\d\.\d\d\)$/);
    expect(metrics[1]?.note).toBe('not judged: the candidate fails more of its arrivals');
  });

  it('does not fail a share that earlier runs had as well', () => {
    const failing = runs(rng, 12, 0.01).map((one, at) => ({ ...one, bad: at % 3 === 0 ? 60 : 5 }));
    const [failed] = judge({ ...flow(rng, 0.01), bad: 60 }, failing).metrics;
    expect(failed?.status).toBe('INCONCLUSIVE');
  });

  it('has no data where the candidate had too few good answers, or nothing was due', () => {
    const few = { ...flow(rng, 0.01), goodMs: { p50: 20, p95: 50, p99: null } };
    expect(said(judge(few, quiet))).toBe(
      'NO-DATA: against 12 earlier runs, weaker than side by side: P99: too few good answers of the candidate for P99',
    );
    expect(said(judgeHistory({}, plan(quiet)))).toBe(
      'NO-DATA: against 12 earlier runs, weaker than side by side: failed: nothing was due on the candidate',
    );
  });

  it('gives the same answer in whatever unit times are', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 100, noNaN: true }), fc.integer(), (unit, seed) => {
        const own = seededRng(Math.abs(seed % 2 ** 31));
        const [is, were] = [flow(own, 0.1), runs(own, 10, 0.1)];
        const scaled = (one: HistoryFlow): HistoryFlow => ({
          ...one,
          goodMs: Object.fromEntries(NAMES.map((name) => [name, (one.goodMs[name] ?? 0) * unit])),
        });
        const [plain, other] = [judge(is, were), judge(scaled(is), were.map(scaled))];
        expect(other.status).toBe(plain.status);
        for (const [at, metric] of other.metrics.entries())
          expect(metric.low ?? 0).toBeCloseTo(plain.metrics[at]?.low ?? 0, 6);
      }),
      { numRuns: 30 },
    );
  });
});
