import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ObjectiveResult } from '../../../src/core/result.ts';
import { judgeRun, type RunFacts } from '../../../src/measure/judge.ts';
import { fault, judged, ledger, objective, runFacts } from './facts.ts';

describe('the verdict of a run', () => {
  it('is PASS when all is well, with the objectives as its reasons', () => {
    expect(judgeRun(runFacts())).toEqual({
      status: 'PASS',
      exitCode: 0,
      reasons: [{ status: 'PASS', text: 'g p99 < 500ms in baseline: 10.0 ms' }],
    });
  });

  const spoilt: readonly (readonly [string, Partial<RunFacts>, string, string])[] = [
    ['interrupted', { interruptedBy: 'SIGINT' }, 'INVALID', 'interrupted: SIGINT'],
    ['killed', { isComplete: false }, 'INVALID', 'interrupted: the run ended without saying so'],
    ['aborted', { abortedBecause: 'too many failures' }, 'FAIL', 'aborted: too many failures'],
    ['broken', { failures: ['disk full'] }, 'INVALID', 'the run failed: disk full'],
    [
      'out of balance',
      { ledgers: { g: ledger({ balanced: false, problems: ['due 2 is not 1'] }) } },
      'INVALID',
      'ledger of g: due 2 is not 1',
    ],
    ['left by k6', { dataProblems: ['k6 ended with 107'] }, 'INVALID', 'k6 ended with 107'],
    ['without a sample of a flow', { ledgers: {} }, 'NO-DATA', 'g: no arrival was seen'],
    ['without a baseline', { judged: [] }, 'NO-DATA', 'g: no baseline'],
    [
      'short of arrivals',
      { judged: [judged({ attainedRate: 98.9 })] },
      'INVALID',
      'g: only 98.9 % of the arrivals due in the baseline were started (needed: 99 %); lower the rate or allow more VUs',
    ],
    ['short of a fault', { plannedFaults: ['kill-pod', 'cut'] }, 'NO-DATA', 'cut: the run ended before it'],
    [
      'with a fault that did nothing',
      { faults: [fault({ status: 'not-injected' })] },
      'NO-DATA',
      'kill-pod: not injected (no evidence), so nothing is known about it',
    ],
    [
      'with residue',
      { faults: [fault({ status: 'residue' })] },
      'RESIDUE',
      'kill-pod: not proven to be gone (no evidence)',
    ],
    [
      'with a stepped clock',
      { clockStepsMs: [250] },
      'INCONCLUSIVE',
      'the wall clock stepped by 250 ms during the run',
    ],
    ['without objectives', { objectives: [] }, 'NO-DATA', 'the campaign has no objective'],
  ];

  it.each(spoilt)('of a run %s', (_what, facts, status, text) => {
    const verdict = judgeRun(runFacts(facts));
    expect(verdict.status).toBe(status);
    expect(verdict.reasons).toContainEqual({ status, text });
  });

  it('is never PASS when anything at all is wrong, whatever else is wrong too', () => {
    fc.assert(
      fc.property(fc.subarray([...spoilt], { minLength: 1 }), (chosen) => {
        const facts: Partial<RunFacts> = Object.assign({}, ...chosen.map(([, one]) => one));
        return judgeRun(runFacts(facts)).status !== 'PASS';
      }),
    );
  });

  it('is never better than its worst objective', () => {
    const statuses: readonly ObjectiveResult['status'][] = ['PASS', 'FAIL', 'INCONCLUSIVE', 'NO-DATA'];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...statuses), { minLength: 1 }), (chosen) => {
        const verdict = judgeRun(runFacts({ objectives: chosen.map((status) => objective({ status })) }));
        return (verdict.status === 'PASS') === chosen.every((status) => status === 'PASS');
      }),
    );
  });

  it('is INVALID with the message when a judge throws', () => {
    const broken = {
      ...runFacts(),
      get faults(): never {
        throw new Error('no such record');
      },
    };
    const verdict = judgeRun(broken);
    expect(verdict.status).toBe('INVALID');
    expect(verdict.reasons).toContainEqual({ status: 'INVALID', text: 'a judge failed: no such record' });
  });
});
