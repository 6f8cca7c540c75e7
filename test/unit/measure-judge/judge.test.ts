import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ObjectiveResult } from '../../../src/core/result.ts';
import { judgeRun, type RunFacts } from '../../../src/measure/judge.ts';
import { fault, judged, ledger, objective, recovery, runFacts } from './facts.ts';

describe('the verdict of a run', () => {
  it('is PASS when all is well, with the objectives as its reasons', () => {
    expect(judgeRun(runFacts())).toEqual({
      status: 'PASS',
      exitCode: 0,
      reasons: [{ status: 'PASS', text: 'g p99 < 500ms in baseline: 10.0 ms' }],
    });
  });

  it('depends only on its end when the run ended before any load, and is no PASS without a reason', () => {
    const nothing = { isLoaded: false, ledgers: {}, judged: [], objectives: [] };
    expect(judgeRun(runFacts({ ...nothing, failures: ['no rate held'] })).reasons).toEqual([
      { status: 'INVALID', text: 'the run failed: no rate held' },
    ]);
    expect(judgeRun(runFacts(nothing)).status).toBe('NO-DATA');
  });

  const spoilt: readonly (readonly [string, Partial<RunFacts>, string, string])[] = [
    ['interrupted', { interruptedBy: 'SIGINT' }, 'INVALID', 'interrupted: SIGINT'],
    ['killed', { isComplete: false }, 'INVALID', 'interrupted: the run ended without its last event'],
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
    ['with another phase alone', { judged: [judged({}, { phase: 'soak' })] }, 'NO-DATA', 'g: no baseline'],
    [
      'with the baseline of another flow alone',
      { judged: [judged({}, { flow: 'h' })] },
      'NO-DATA',
      'g: no baseline',
    ],
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
    [
      'whose group of faults was not whole',
      {
        faults: [
          fault({ group: { name: 'kill-pod+b', how: 'together', spoiled: 'b: not injected (no effect)' } }),
        ],
      },
      'NO-DATA',
      'kill-pod: its group kill-pod+b counts as not injected (b: not injected (no effect)), so nothing is known about it',
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

  const baselineWith = (more: Parameters<typeof judged>[0]) => judgeRun(runFacts({ judged: [judged(more)] }));
  const late = (p99: number | null) => ({
    latenessMs: { p50: 1, p90: 1, p95: 1, p99, p999: 1, max: 1 },
  });

  it('is INVALID from a lateness above 50 ms at P99 on, and not at it', () => {
    expect(baselineWith(late(50)).status).toBe('PASS');
    expect(baselineWith(late(null)).status).toBe('PASS');
    expect(baselineWith(late(50.6))).toMatchObject({ status: 'INVALID' });
    expect(baselineWith(late(50.6)).reasons).toContainEqual({
      status: 'INVALID',
      text: 'g: the generator was late (P99 51 ms in baseline, at most 50); it needs more CPU or a lower rate',
    });
  });

  it('is INVALID below 99 % of the due arrivals, and not at it', () => {
    expect(baselineWith({ attainedRate: 99, dueRate: 100 }).status).toBe('PASS');
    expect(baselineWith({ attainedRate: 98.99, dueRate: 100 }).status).toBe('INVALID');
  });

  it('needs one arrival in the baseline to know one', () => {
    expect(baselineWith({ due: 1 }).status).toBe('PASS');
    expect(baselineWith({ due: 0 }).reasons).toContainEqual({ status: 'NO-DATA', text: 'g: no baseline' });
  });

  it('is open about what was back and bad again when a watch ended', () => {
    const faults = [fault({ recovery: { held: recovery({ relapsedAtMs: 15_000 }), fresh: recovery() } })];
    expect(judgeRun(runFacts({ faults })).reasons).toContainEqual({
      status: 'INCONCLUSIVE',
      text: 'kill-pod: back, and bad again when the watch ended: held',
    });
  });

  it('names what was not back when a watch ended', () => {
    const faults = [
      fault({ recovery: { 'g failed': recovery({ status: 'censored' }), 'g slow': recovery() } }),
    ];
    expect(judgeRun(runFacts({ faults })).reasons).toContainEqual({
      status: 'INCONCLUSIVE',
      text: 'kill-pod: not back when the watch ended: g failed',
    });
  });

  it.each([
    [0.1234, 'ratio', '12.34 %'],
    [999, 'ms', '999.0 ms'],
    [1000, 'ms', '1.00 s'],
    [123_456, 'ms', '123.46 s'],
    [98.76, '/s', '98.8/s'],
    [1.234, 's', '1.23 s'],
  ] as const)('shows an observed %d of unit %s as %s', (observed, unit, text) => {
    const verdict = judgeRun(runFacts({ objectives: [objective({ observed, unit, note: 'n' })] }));
    expect(verdict.reasons[0]?.text).toBe(`g p99 < 500ms in baseline: ${text} (n)`);
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
