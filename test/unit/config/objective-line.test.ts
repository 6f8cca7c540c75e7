import { describe, expect, it } from 'vitest';
import { parseAbort, parseObjective } from '../../../src/config/objective-line.ts';
import type { AbortCondition } from '../../../src/core/objective.ts';
import { us } from '../../../src/core/units.ts';
import { conditionHolds } from '../../../src/measure/abort.ts';

const known = {
  flows: ['gateway.intentions', 'specialist.business'],
  phases: ['warmup', 'baseline', 'fault:kill-pod', 'recovery:kill-pod', 'steady'],
  faults: ['kill-pod'],
  searches: ['breakpoint'],
};

const OVER = 'a duration of whole seconds from 1s to 5m, such as 5s';

describe('the text of an objective', () => {
  it('reads the sliding window of a phase, from 1 s to 5 min', () => {
    const scopeOf = (text: string): unknown => {
      const parsed = parseObjective(text, known);
      return parsed.ok ? parsed.value.scope : parsed.problems;
    };
    const [failed, rate] = ['gateway.intentions failed < 20%', 'gateway.intentions rate > 9/s'];
    const phase = { kind: 'phase', phase: 'fault:kill-pod' };
    expect(scopeOf(`${failed} in fault:kill-pod over 5s`)).toEqual({ ...phase, overMs: 5000 });
    expect(scopeOf(`${failed} in fault:kill-pod over 1s`)).toEqual({ ...phase, overMs: 1000 });
    expect(scopeOf(`${rate} in fault:kill-pod over 5m`)).toEqual({ ...phase, overMs: 300_000 });
    expect(scopeOf(`${failed} in fault:kill-pod`)).toEqual(phase);
  });

  it.each([
    [
      'gateway.intentions p99 < 500ms in baseline',
      { kind: 'quantile', clock: 'response', quantile: 0.99 },
      '<',
      500,
    ],
    [
      'gateway.intentions  p99.9 <= 1.5s  in baseline',
      { kind: 'quantile', clock: 'response', quantile: 0.999 },
      '<=',
      1500,
    ],
    [
      'gateway.intentions service p95 < 200ms in steady',
      { kind: 'quantile', clock: 'service', quantile: 0.95 },
      '<',
      200,
    ],
    [
      'gateway.intentions lateness p99 < 5ms in baseline',
      { kind: 'quantile', clock: 'lateness', quantile: 0.99 },
      '<',
      5,
    ],
    ['gateway.intentions failed < 1% in fault:kill-pod', { kind: 'failed' }, '<', 0.01],
    ['gateway.intentions rate >= 99/s in baseline', { kind: 'rate' }, '>=', 99],
    ['gateway.intentions recovered < 60s after kill-pod', { kind: 'recovered' }, '<', 60_000],
    ['gateway.intentions loss < 5s after kill-pod', { kind: 'loss' }, '<', 5],
  ])('reads %s', (text, indicator, comparison, limit) => {
    const parsed = parseObjective(text, known);
    expect(parsed).toMatchObject({
      ok: true,
      value: { flow: 'gateway.intentions', indicator, comparison, limit, name: text.replace(/\s+/g, ' ') },
    });
  });

  it.each([
    [
      'gateway.intention p99 < 500ms in baseline',
      1,
      'a flow: gateway.intentions, specialist.business',
      '"gateway.intention"',
      'Did you mean gateway.intentions?',
    ],
    [
      'gateway.intentions p99 < 500ms in basline',
      35,
      'a phase: warmup, baseline, fault:kill-pod, recovery:kill-pod, steady',
      '"basline"',
      'Did you mean baseline?',
    ],
    [
      'gateway.intentions recovered < 60s after kill-pods',
      42,
      'a fault: kill-pod',
      '"kill-pods"',
      'Did you mean kill-pod?',
    ],
    [
      'gateway.intentions speed < 500ms in baseline',
      20,
      'p50, p90, p95, p99, p99.9, failed, rate, capacity, recovered, loss, lost, duplicated, late, stuck, reordered or (of a service) ready',
      '"speed"',
      undefined,
    ],
    [
      'gateway.intentions p99 < 500 in baseline',
      26,
      'a duration with a unit (us, ms, s, m, h), such as 500ms or 8s',
      '"500"',
      undefined,
    ],
    ['gateway.intentions failed < 1% in baseline over 1.5s', 49, OVER, '"1.5s"', undefined],
    ['gateway.intentions failed < 1% in baseline over 500ms', 49, OVER, '"500ms"', undefined],
    ['gateway.intentions failed < 1% in baseline over 301s', 49, OVER, '"301s"', undefined],
    ['gateway.intentions failed < 1% in baseline over', 48, OVER, 'the end of the line', undefined],
    ['gateway.intentions failed < 1% in baseline for 5s', 44, 'the end of the line', '"for"', undefined],
    ['gateway.intentions loss < 5s after kill-pod over 5s', 45, 'the end of the line', '"over"', undefined],
    ['gateway.intentions failed > 1% in baseline', 27, '< or <= for this indicator', '">"', undefined],
    ['gateway.intentions rate < 99/s in baseline', 25, '>= or > for this indicator', '"<"', undefined],
    ['gateway.intentions failed < 0% in baseline', 29, 'a share above 0%', '"0%"', undefined],
    [
      'gateway.intentions service failed < 1% in baseline',
      28,
      'a percentile after service, such as p99',
      '"failed"',
      undefined,
    ],
    ['gateway.intentions recovered < 60s in baseline', 36, '`after <fault>`', '"in"', undefined],
    ['gateway.intentions p99 < 500ms in baseline now', 44, 'the end of the line', '"now"', undefined],
    ['', 1, 'a flow: gateway.intentions, specialist.business', 'the end of the line', undefined],
  ])('refuses "%s" at column %d', (text, column, expected, got, next) => {
    const problem = { column, expected, got, ...(next !== undefined && { next }) };
    expect(parseObjective(text, known)).toEqual({ ok: false, problems: [problem] });
  });

  it('refuses what is no text', () => {
    for (const value of [null, undefined, 5, ['a'], {}]) expect(parseObjective(value, known).ok).toBe(false);
  });
});

describe('the text of an abort condition', () => {
  it('reads failures and response times', () => {
    expect(parseAbort('gateway.intentions failed > 50% for 5s', known)).toMatchObject({
      ok: true,
      value: { indicator: { kind: 'failed' }, comparison: '>', limit: 0.5, forMs: 5000 },
    });
    expect(parseAbort('gateway.intentions p99 > 2s for 10s', known)).toMatchObject({
      ok: true,
      value: {
        indicator: { kind: 'quantile', clock: 'response', quantile: 0.99 },
        limit: 2000,
        forMs: 10_000,
      },
    });
  });

  it.each([
    [
      'gateway.intentions service p99 > 1s for 5s',
      20,
      'failed or a percentile of the response, the only values watched live',
      '"service"',
    ],
    [
      'gateway.intentions rate > 5/s for 5s',
      20,
      'failed or a percentile of the response, the only values watched live',
      '"rate"',
    ],
    ['gateway.intentions failed < 50% for 5s', 27, '> or >= for this indicator', '"<"'],
    ['gateway.intentions failed > 50% for 0s', 37, 'a duration from 100ms to 5m, such as 5s', '"0s"'],
    ['gateway.intentions failed > 50% for 6m', 37, 'a duration from 100ms to 5m, such as 5s', '"6m"'],
    ['gateway.intentions failed > 50%', 32, '`for <duration>`', 'the end of the line'],
  ])('refuses "%s" at column %d', (text, column, expected, got) => {
    expect(parseAbort(text, known)).toEqual({ ok: false, problems: [{ column, expected, got }] });
  });
});

describe('an abort condition', () => {
  const condition = (text: string): AbortCondition => {
    const parsed = parseAbort(text, known);
    if (!parsed.ok) throw new Error(text);
    return parsed.value;
  };
  const window = (due: number, bad: number, p99Ms: number | null) => ({
    due,
    started: due,
    dropped: 0,
    bad,
    quantileUs: () => (p99Ms === null ? null : us(p99Ms * 1000)),
    judgedQuantileUs: () => (p99Ms === null ? null : p99Ms * 1000),
  });

  it('holds when the window is beyond the limit, not when it is on it', () => {
    const failed = condition('gateway.intentions failed > 50% for 5s');
    expect([49, 50, 51].map((bad) => conditionHolds(failed, window(100, bad, 1)))).toEqual([
      false,
      false,
      true,
    ]);
    const slow = condition('gateway.intentions p99 > 2s for 5s');
    expect([1999, 2000, 2001].map((p99) => conditionHolds(slow, window(100, 0, p99)))).toEqual([
      false,
      false,
      true,
    ]);
  });

  it('never holds over fewer than five arrivals, or over none', () => {
    const failed = condition('gateway.intentions failed > 50% for 5s');
    expect([0, 4, 5].map((due) => conditionHolds(failed, window(due, due, null)))).toEqual([
      false,
      false,
      true,
    ]);
    expect(conditionHolds(condition('gateway.intentions p99 > 2s for 5s'), window(100, 0, null))).toBe(false);
  });
});
