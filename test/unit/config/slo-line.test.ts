/** Objectives on instances, and objectives whose limit the system declares. */
import { describe, expect, it } from 'vitest';
import { parseAbort, parseObjective } from '../../../src/config/objective-line.ts';
import { parseGoal } from '../../../src/config/slo-line.ts';

const KNOWN = {
  flows: ['web.orders'],
  phases: ['baseline', 'fault:rolling-restart'],
  faults: ['rolling-restart'],
  searches: [],
  services: ['web', 'orders'],
  slos: {
    'checkout-p99': { limit: 'web.orders p99 < 500ms', source: 'slo.yaml' },
    'checkout-back': { limit: 'web.orders recovered < 60s', source: 'slo.yaml:7' },
    broken: { limit: 'web.payments p99 < 1s', source: 'slo.yaml:9' },
  },
};
const problem = (line: string): unknown => {
  const parsed = parseGoal(line, KNOWN);
  return parsed.ok ? null : parsed.problems;
};

describe('SERVICE ready >= N in PHASE', () => {
  it('is a limit on the instances of a service', () => {
    expect(parseGoal('web  ready >= 2 in fault:rolling-restart', KNOWN)).toEqual({
      ok: true,
      value: {
        name: 'web ready >= 2 in fault:rolling-restart',
        flow: 'web',
        indicator: { kind: 'ready' },
        comparison: '>=',
        limit: 2,
        scope: { kind: 'phase', phase: 'fault:rolling-restart' },
        source: null,
      },
    });
  });

  it('names what is wrong in it, at its column', () => {
    expect(problem('wob ready >= 2 in baseline')).toEqual([
      { column: 1, expected: 'a service: web, orders', got: '"wob"', next: 'Did you mean web?' },
    ]);
    expect(problem('web ready < 2 in baseline')).toEqual([
      { column: 11, expected: '>= or > for this indicator', got: '"<"' },
    ]);
    for (const count of ['0', '1.5', '-1', '2s', '02'])
      expect(problem(`web ready >= ${count} in baseline`)).toEqual([
        { column: 14, expected: 'a whole number of instances from 1', got: `"${count}"` },
      ]);
    expect(problem('web ready >= 2 after rolling-restart')).toEqual([
      { column: 16, expected: '`in <phase>`', got: '"after"' },
    ]);
    const abort = parseAbort('web ready >= 2 for 5s', KNOWN);
    expect(abort.ok ? null : abort.problems[0]).toEqual({
      column: 5,
      expected: 'failed or a percentile of the response, the only values watched live',
      got: '"ready"',
    });
  });

  it('has no windows: the smallest number of a phase is one number', () => {
    expect(problem('web ready >= 2 in baseline over 5s')).toEqual([
      { column: 28, expected: 'the end of the line', got: '"over"' },
    ]);
  });
});

describe('slo NAME in PHASE', () => {
  it('takes limit and source from the system', () => {
    const written = parseObjective('web.orders p99 < 500ms in baseline', KNOWN);
    const parsed = parseGoal(' slo checkout-p99  in baseline', KNOWN);
    expect(parsed).toEqual({
      ok: true,
      value: {
        ...(written.ok ? written.value : {}),
        name: 'slo checkout-p99 in baseline (web.orders p99 < 500ms)',
        source: 'slo.yaml',
      },
    });
    expect(parseGoal('slo checkout-back after rolling-restart', KNOWN)).toMatchObject({
      ok: true,
      value: { scope: { kind: 'after', fault: 'rolling-restart' }, limit: 60_000, source: 'slo.yaml:7' },
    });
  });

  it('names the nearest SLO for one that does not exist', () => {
    const expected = 'an SLO of the system: checkout-p99, checkout-back, broken';
    expect(problem('slo checkout-p90 in baseline')).toEqual([
      { column: 5, expected, got: '"checkout-p90"', next: 'Did you mean checkout-p99?' },
    ]);
    expect(problem('slo')).toEqual([{ column: 4, expected, got: 'the end of the line' }]);
    const none = parseGoal('slo any in baseline', { ...KNOWN, slos: {} });
    expect(none.ok ? null : none.problems).toEqual([
      { column: 5, expected: 'an SLO, but the system declares none', got: '"any"' },
    ]);
  });

  it('keeps the columns of the line, also for what is wrong in the limit itself', () => {
    expect(problem('slo checkout-p99 in basline')).toEqual([
      {
        column: 21,
        expected: 'a phase: baseline, fault:rolling-restart',
        got: '"basline"',
        next: 'Did you mean baseline?',
      },
    ]);
    expect(problem('slo broken in baseline')).toEqual([
      {
        column: 5,
        expected: 'a flow: web.orders (in the limit "web.payments p99 < 1s" of this SLO)',
        got: '"web.payments"',
      },
    ]);
  });
});
