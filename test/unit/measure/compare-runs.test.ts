import { describe, expect, it } from 'vitest';
import type { FlowPhase } from '../../../src/core/result.ts';
import { compareRuns, type RunToCompare } from '../../../src/measure/compare-runs.ts';
import { comparisonMarkdown, comparisonText } from '../../../src/report/compare.ts';
import { demoInput } from '../report/fixture.ts';

const FLOW = 'gateway.intentions';
const base = demoInput();

interface Changed {
  readonly id: string;
  readonly stats?: (stats: FlowPhase) => FlowPhase;
  readonly plan?: Partial<RunToCompare['plan']>;
  readonly status?: 'PASS' | 'INVALID';
}

/** The demo run with one flow in one phase. */
function one({ id, stats = (same) => same, plan = {}, status = 'PASS' }: Changed): RunToCompare {
  const measured = base.result.flows[FLOW]?.['baseline'];
  if (measured === undefined) throw new Error('the demo has a baseline');
  const full = { ...measured, count: 2000, failed: 0, due: 2000, dropped: 0 };
  const times = { ...full.goodMs, p50: 20, p90: 40, p95: 50, p99: 80 };
  return {
    plan: { ...base.plan, ...plan },
    result: {
      ...base.result,
      run: { ...base.result.run, id },
      verdict: { status, exitCode: 0, reasons: [{ status, text: 'the reason' }] },
      flows: { [FLOW]: { baseline: stats({ ...full, goodMs: times }) } },
    },
  };
}

const slower = (stats: FlowPhase): FlowPhase => ({
  ...stats,
  goodMs: { ...stats.goodMs, p50: 22, p90: 44, p95: 55, p99: 100 },
});

describe('two runs side by side', () => {
  it('are compared by flow and phase: failed share first, then quantiles of good answers and their ratio', () => {
    const { rows } = compareRuns(one({ id: 'new', stats: slower }), one({ id: 'old' }));
    expect(rows).toEqual([
      {
        ...{ flow: FLOW, phase: 'baseline' },
        run: { due: 2000, badRatio: 0, goodMs: { p50: 22, p90: 44, p95: 55, p99: 100 } },
        other: { due: 2000, badRatio: 0, goodMs: { p50: 20, p90: 40, p95: 50, p99: 80 } },
        ratios: { p50: 1.1, p90: 1.1, p95: 1.1, p99: 1.25 },
      },
    ]);
  });

  it('have no quantile, and no ratio, where too few answers were good', () => {
    const few = one({ id: 'new', stats: (stats) => ({ ...stats, count: 1500, failed: 600 }) });
    const [row] = compareRuns(few, one({ id: 'old' })).rows;
    expect(row?.run).toMatchObject({ badRatio: 0.55, goodMs: { p95: 50, p99: null } });
    expect(row?.ratios).toMatchObject({ p95: 1, p99: null });
  });

  it('always say that two runs have no error bar', () => {
    expect(compareRuns(one({ id: 'new' }), one({ id: 'old' })).notes).toEqual([
      'Two runs alone have no error bar for what differs from run to run: where runs differ by 5 to 15 %, a test on two of them ' +
        'calls 20 to 37 % of equal versions different. gauntlet gate compares with known error rates.',
    ]);
  });

  it('name what else differs: versions, rates, addresses, lengths and faults', () => {
    const [first] = base.plan.load;
    const load = base.plan.load.map((scenario, at) =>
      at > 0
        ? scenario
        : {
            ...scenario,
            env: { GAUNTLET_RUN_ID: 'x', GAUNTLET_ADDRESS_GATEWAY: 'http://b' },
            flows: scenario.flows.map((flow) => ({
              ...flow,
              schedule: { ...flow.schedule, startRate: (flow.schedule.startRate * 2) as never },
            })),
          },
    );
    const was = one({ id: 'old', plan: { load: base.plan.load.map((s) => ({ ...s, env: {} })) } });
    const is = one({
      id: 'new',
      plan: { load, faults: [], versions: { gauntlet: '9.9.9' }, target: 'green' },
    });
    const { differences } = compareRuns(is, was);
    const flow = first?.flows[0];
    const rate = flow?.schedule.startRate ?? 0;
    expect(differences).toContain(`target: green, other ${base.plan.target}`);
    expect(differences).toContain(`version of gauntlet: 9.9.9, other ${base.plan.versions['gauntlet']}`);
    expect(differences).toContain(
      `load of ${flow?.flow}: ${rate * 2}/s, gives up after ${(flow?.worstStallMs ?? 0) / 1000} s, other ${rate}/s, gives up after ${(flow?.worstStallMs ?? 0) / 1000} s`,
    );
    expect(differences).toContain(
      `addresses of ${first?.scenario}: GAUNTLET_ADDRESS_GATEWAY=http://b, other none`,
    );
    expect(differences.some((text) => text.startsWith('faults: none, other kill-pod'))).toBe(true);
  });

  it('name flows and phases that only one of them has', () => {
    const more = one({ id: 'new' });
    const flows = { ...more.result.flows, 'shop.order': {}, [FLOW]: { ...more.result.flows[FLOW] } };
    const phase = more.result.flows[FLOW]?.['baseline'];
    if (phase) flows[FLOW] = { baseline: phase, steady: phase };
    const both = compareRuns({ ...more, result: { ...more.result, flows } }, one({ id: 'old' }));
    expect(both.differences).toEqual([`only new has ${FLOW} in steady`, 'only new has the flow shop.order']);
    expect(both.rows).toHaveLength(1);
  });

  it('warn of a run that is INVALID', () => {
    expect(compareRuns(one({ id: 'new', status: 'INVALID' }), one({ id: 'old' })).notes[1]).toBe(
      'new is INVALID (the reason): its numbers may say nothing about its target.',
    );
  });
});

describe('the comparison as text', () => {
  const comparison = compareRuns(one({ id: 'new', stats: slower }), one({ id: 'old' }));

  it('on a terminal says first that there is no verdict, and shows run, other and ratio', () => {
    const text = comparisonText(comparison, { width: 120, color: false });
    expect(text).toMatch(/^Comparison of two runs: there is no verdict\.\nrun: {3}new: /);
    expect(text).toMatch(/baseline +0\.00 % 0\.00 % +22\.0 ms 20\.0 ms ×1\.10 .* 100 ms 80\.0 ms ×1\.25/);
    expect(text).not.toContain('P90');
    expect(comparisonText(comparison, { width: 160, color: false })).toContain('P90');
    expect(text).toContain('Nothing else that the runs recorded differs.');
    expect(text).toContain('no error bar');
  });

  it('as Markdown has one table and the same sentences', () => {
    const text = comparisonMarkdown(comparison);
    expect(text).toContain('| flow | phase | failed | P50 | P90 | P95 | P99 |');
    expect(text).toContain('22.0 ms 20.0 ms ×1.10');
    expect(text).toContain('Nothing that the runs recorded.');
    expect(text).toContain('no error bar');
  });

  it('escapes what a run is called', () => {
    const wild = { ...comparison, run: { ...comparison.run, id: 'a|b\u001b[31m' } };
    expect(comparisonMarkdown(wild)).toContain('a\\|b');
    expect(comparisonText(wild, { width: 120, color: false })).not.toContain('\u001b[31m');
  });
});
