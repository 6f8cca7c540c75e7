import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GameDayResult } from '../../../src/core/game-day.ts';
import type { FaultRecord } from '../../../src/core/result.ts';
import { gameDayShape } from '../../../src/core/shapes/game-day-shape.ts';
import { type Reason, verdictOf } from '../../../src/core/verdict.ts';
import { gameDay, gameDayJson } from '../../../src/report/game-day.ts';
import type { ReportInput } from '../../../src/report/input.ts';
import { demoInput, emptyInput } from './fixture.ts';

/** As the team's runner writes it: one that was carried out, and one that could not be. */
const THEIRS = {
  game_day_id: 'gd-20260119-060003',
  start_time: '2026-01-19T06:00:03.120394+00:00',
  end_time: '2026-01-19T06:21:40.004711+00:00',
  duration_seconds: 1296.884317,
  environment: 'staging',
  executed_by: 'cronjob',
  summary: { total_scenarios: 3, successful: 1, failed: 2, success_rate: 33.33333333333333 },
  results: [
    {
      ...{ scenario: 'pod_failure', target: 'worker-agents', success: true, duration_seconds: 194.2 },
      ...{ recovery_time_seconds: 41.7, issues: [] },
    },
    {
      ...{ scenario: 'slow_dependency', target: 'consensus-engine', success: false, duration_seconds: 310 },
      ...{ recovery_time_seconds: null, issues: ['policy denied'] },
    },
    { scenario: 'network_partition', target: 'mcp-tool-catalog', success: false, error: 'no pods found' },
  ],
};

const FIELDS = {
  report: [
    'game_day_id',
    'start_time',
    'end_time',
    'duration_seconds',
    'environment',
    'executed_by',
    'summary',
    'results',
  ],
  summary: ['total_scenarios', 'successful', 'failed', 'success_rate'],
  outcome: ['scenario', 'target', 'success', 'duration_seconds', 'recovery_time_seconds', 'issues'],
  error: ['scenario', 'target', 'success', 'error'],
};

const outcome = (found: readonly GameDayResult[], scenario: string): GameDayResult => {
  const one = found.find((each) => each.scenario === scenario);
  if (one === undefined) throw new Error(`no ${scenario}`);
  return one;
};

const withFault = (index: number, more: Partial<FaultRecord>, reasons?: readonly Reason[]): ReportInput => {
  const input = demoInput();
  const faults = input.result.faults.map((one, at) => (at === index ? { ...one, ...more } : one));
  const verdict = reasons ? verdictOf(reasons) : input.result.verdict;
  return { ...input, result: { ...input.result, faults, verdict } };
};

describe('the game-day report', () => {
  it('has the fields of the format, in its order, and no others', () => {
    expect(gameDayShape.safeParse(THEIRS).success).toBe(true);
    const found = gameDay(withFault(2, { status: 'not-injected' }), 'ann');
    expect(gameDayShape.safeParse(found).error).toBeUndefined();
    expect(Object.keys(found)).toEqual(FIELDS.report);
    expect(Object.keys(found.summary)).toEqual(FIELDS.summary);
    const forms = found.results.map((one) => Object.keys(one));
    expect(forms).toEqual([FIELDS.outcome, FIELDS.outcome, FIELDS.outcome, FIELDS.error]);
    expect(gameDayShape.safeParse({ ...found, verdict: 'PASS' }).success).toBe(false);
    expect(gameDayShape.safeParse({ ...THEIRS, game_day_id: 'gd-1' }).success).toBe(false);
  });

  it('names the run by its start in UTC, with an offset that every parser knows', () => {
    expect(gameDay(demoInput(), null)).toMatchObject({
      ...{ game_day_id: 'gd-20261121-031208', start_time: '2026-11-21T03:12:08.000+00:00' },
      ...{ duration_seconds: 158, environment: 'sandbox', executed_by: null },
    });
  });

  it('gives no time to what had not recovered, and says so as an issue', () => {
    const found = outcome(gameDay(demoInput(), null).results, 'partition-kafka');
    expect(found).toMatchObject({ target: 'kafka', success: false, recovery_time_seconds: null });
    const { issues = [] } = found as { readonly issues?: readonly string[] };
    expect(issues.some((one) => /^hive\.plan \w+ not recovered \(> 60 s\)$/.test(one))).toBe(true);
  });

  it('takes the slowest service level of what recovered', () => {
    expect(outcome(gameDay(demoInput(), null).results, 'kill-pod')).toMatchObject({
      ...{ target: 'specialist-business', success: true, recovery_time_seconds: 5.2, issues: [] },
      // From the act at 20.08 s to the end of its watch at 40 s.
      duration_seconds: 19.92,
    });
  });

  it('makes what is wrong beside the faults a failed scenario: such a run has failures', () => {
    const found = gameDay(demoInput(), null);
    expect(found.results[0]).toMatchObject({
      ...{ scenario: 'run', success: false, recovery_time_seconds: null },
      issues: ['INCONCLUSIVE: hive.plan p95 < 300ms in baseline: 294 ms, 95% interval 279 … 331 ms'],
    });
    expect(found.summary.total_scenarios).toBe(4);
  });

  it('says what could not be carried out in the words of the proof, or that it was never reached', () => {
    const evidence = { held: '', fresh: '', boundMs: 0, evidence: 'both answers were as before' };
    const not = gameDay(withFault(2, { status: 'not-injected', injection: evidence }), null);
    expect(outcome(not.results, 'throttle-redis')).toEqual({
      ...{ scenario: 'throttle-redis', target: 'redis', success: false },
      error: 'not injected: both answers were as before',
    });
    const input = demoInput();
    const cut = gameDay({ ...input, result: { ...input.result, faults: [] } }, null);
    expect(outcome(cut.results, 'kill-pod')).toMatchObject({ error: 'the run ended before it' });
  });

  it.each([
    [{ removedAt: null, status: 'residue' as const }, 'not proven removed: '],
    [{ cutShort: 'the lease was lost' }, 'ended early: the lease was lost'],
  ])('is no success with %o', (more, issue) => {
    const found = outcome(gameDay(withFault(0, more), null).results, 'kill-pod');
    expect(found.success).toBe(false);
    expect(JSON.stringify(found)).toContain(issue);
  });

  it('calls nothing of an untrusted run a success', () => {
    const invalid = [{ status: 'INVALID', text: 'ledger of hive.plan: 3 arrivals are missing' }] as const;
    const { summary, results } = gameDay(withFault(0, {}, invalid), null);
    expect(summary).toEqual({ total_scenarios: 4, successful: 0, failed: 4, success_rate: 0 });
    expect(JSON.stringify(results)).toContain('INVALID: ledger of hive.plan: 3 arrivals are missing');
  });

  it('counts as its list does, and never says 100 % of a run that is not PASS', () => {
    const status = fc.constantFrom<Reason['status']>(
      'PASS',
      'FAIL',
      'INCONCLUSIVE',
      'NO-DATA',
      'INVALID',
      'RESIDUE',
    );
    const property = fc.property(status, fc.string(), (one, text) => {
      const found = gameDay(withFault(1, {}, [{ status: one, text }]), text);
      expect(gameDayShape.safeParse(found).error).toBeUndefined();
      const good = found.results.filter((each) => each.success).length;
      expect(found.summary).toMatchObject({ successful: good, failed: found.results.length - good });
      if (one !== 'PASS') expect(found.summary.failed).toBeGreaterThan(0);
    });
    fc.assert(property, { numRuns: 100 });
  });

  it('is JSON with a line break at its end, also of a run without faults', () => {
    const text = gameDayJson(emptyInput(), null);
    expect(text.endsWith('}\n')).toBe(true);
    expect(gameDayShape.safeParse(JSON.parse(text)).error).toBeUndefined();
  });
});
