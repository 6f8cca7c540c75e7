import { describe, expect, it } from 'vitest';
import type { Objective } from '../../../src/core/objective.ts';
import type { FaultRecord } from '../../../src/core/result.ts';
import { judgeObjective } from '../../../src/measure/judge-objective.ts';
import { fault, histogram, recovery } from './facts.ts';
import { judge } from './judge-text.ts';

describe('an objective after a fault', () => {
  const after = (text: string, faults: readonly FaultRecord[]) => judge(text, { faults });

  it('takes the later of the two service levels, and the interval of it', () => {
    expect(after('g recovered < 60s after kill-pod', [fault()])).toMatchObject({
      status: 'PASS',
      observed: 9000,
      interval: [8800, 9000],
    });
    expect(after('g recovered < 8.9s after kill-pod', [fault()]).status).toBe('INCONCLUSIVE');
    expect(after('g recovered < 8s after kill-pod', [fault()]).status).toBe('FAIL');
  });

  it('takes the interval of both levels together: the later begin and the later end', () => {
    const both = (failed: object, slow: object) =>
      after('g recovered < 60s after kill-pod', [
        fault({ recovery: { 'g failed': recovery(failed), 'g slow': recovery(slow) } }),
      ]);
    const wide = { sinceInjectedMs: 9000, boundMs: 3000 };
    expect(both({ sinceInjectedMs: 8000, boundMs: 200 }, wide).interval).toEqual([7800, 9000]);
    expect(both(wide, { sinceInjectedMs: 8000, boundMs: 200 })).toMatchObject({
      ...{ interval: [7800, 9000], observed: 9000, samples: 1 },
    });
    const calm = { status: 'never-degraded', sinceInjectedMs: null, boundMs: 100 };
    expect(both(calm, { sinceInjectedMs: 500, boundMs: 700 })).toMatchObject({
      observed: 500,
      interval: [0, 500],
    });
    expect(both(calm, calm)).toMatchObject({
      ...{ status: 'PASS', observed: 0, interval: [0, 0], note: 'it never degraded' },
    });
  });

  it('takes the larger of two losses', () => {
    const losing = fault({
      recovery: { 'g failed': recovery({ lossSeconds: 2 }), 'g slow': recovery({ lossSeconds: 6 }) },
    });
    expect(after('g loss < 5s after kill-pod', [losing])).toMatchObject({
      status: 'FAIL',
      observed: 6,
      unit: 's',
    });
    expect(after('g loss < 7s after kill-pod', [losing]).status).toBe('PASS');
  });

  it('cannot be judged in a phase, and what is of a phase cannot be judged after it', () => {
    const base = { name: 'x', flow: 'g', comparison: '<', limit: 1, source: null } as const;
    const facts = {
      flowPhase: () => undefined,
      histogram: () => undefined,
      windows: () => undefined,
      capacity: [],
    };
    const note = (objective: Pick<Objective, 'indicator' | 'scope'>): unknown => {
      const seen = judgeObjective({ ...base, ...objective }, { ...facts, faults: [fault()] });
      return [seen.status, seen.phase, seen.note];
    };
    const [inPhase, behind] = [
      { kind: 'phase', phase: 'baseline' },
      { kind: 'after', fault: 'kill-pod' },
    ] as const;
    expect(note({ indicator: { kind: 'loss' }, scope: inPhase })).toEqual([
      ...['NO-DATA', 'baseline', 'loss cannot be judged in a phase'],
    ]);
    expect(note({ indicator: { kind: 'failed' }, scope: behind })).toEqual([
      ...['NO-DATA', 'after kill-pod', 'failed cannot be judged after a fault'],
    ]);
  });

  it('never passes what was not back when the watch ended', () => {
    const censored = fault({
      recovery: { 'g failed': recovery({ status: 'censored', sinceInjectedMs: 30_000, lossSeconds: 2 }) },
    });
    const long = fault({
      recovery: { 'g slow': recovery({ status: 'censored', sinceInjectedMs: 123_456 }) },
    });
    expect(after('g recovered < 60s after kill-pod', [long])).toMatchObject({
      ...{ status: 'FAIL', samples: 1, observed: 123_456 },
      note: 'not back after 123.5 s, when the watch ended',
    });
    expect(after('g recovered < 60s after kill-pod', [censored])).toMatchObject({
      status: 'INCONCLUSIVE',
      note: 'not back after 30.0 s, when the watch ended',
    });
    expect(after('g recovered < 20s after kill-pod', [censored]).status).toBe('FAIL');
    expect(after('g loss < 5s after kill-pod', [censored])).toMatchObject({
      status: 'INCONCLUSIVE',
      note: 'still losing when the watch ended',
    });
    expect(after('g loss < 1s after kill-pod', [censored]).status).toBe('FAIL');
  });

  it('has no data for a fault that was not injected, not reached, or not watched', () => {
    const text = 'g recovered < 60s after kill-pod';
    expect(after(text, [fault({ status: 'not-injected' })]).note).toBe(
      'kill-pod was not injected, so nothing recovered from it',
    );
    expect(after(text, []).note).toBe('kill-pod was never reached');
    expect(after(text, [fault({ recovery: { 'other failed': recovery() } })]).note).toBe(
      'no service level of g was watched',
    );
    for (const faults of [[fault({ status: 'not-injected' })], [], [fault({ recovery: {} })]]) {
      expect(after(text, faults).status).toBe('NO-DATA');
    }
  });
});

describe('an objective on a repeated fault', () => {
  const round = (name: string, sinceInjectedMs: number, more: Partial<FaultRecord> = {}): FaultRecord =>
    fault({ name, recovery: { 'g failed': recovery({ sinceInjectedMs, boundMs: 100 }) }, ...more });

  it('is decided by its worst round', () => {
    const faults = [round('kill-pod', 2000), round('kill-pod@2', 9000), round('kill-pod@3', 3000)];
    expect(judge('g recovered < 8s after kill-pod', { faults })).toMatchObject({
      status: 'FAIL',
      observed: 9000,
      samples: 3,
      note: 'the worst of 3 rounds',
    });
    expect(judge('g recovered < 10s after kill-pod', { faults }).status).toBe('PASS');
  });

  it('shows the first of several rounds that are equally bad, and a worse status before a larger value', () => {
    const open = { status: 'censored', sinceInjectedMs: 9000, boundMs: 0 } as const;
    const censored = fault({ name: 'kill-pod', recovery: { 'g failed': recovery(open) } });
    const faults = [censored, round('kill-pod@2', 9500)];
    expect(judge('g recovered < 10s after kill-pod', { faults }).status).toBe('INCONCLUSIVE');
    expect(judge('g recovered < 9.2s after kill-pod', { faults: [...faults].reverse() })).toMatchObject({
      status: 'FAIL',
      observed: 9500,
    });
    const bounds = (first: number, second: number) => [
      fault({ recovery: { 'g failed': recovery({ sinceInjectedMs: 3000, boundMs: first }) } }),
      fault({
        name: 'kill-pod@2',
        recovery: { 'g failed': recovery({ sinceInjectedMs: 3000, boundMs: second }) },
      }),
    ];
    expect(judge('g recovered < 9s after kill-pod', { faults: bounds(100, 200) }).interval).toEqual([
      2900, 3000,
    ]);
  });

  it('has no data when one round was not injected, however good the others were', () => {
    const faults = [round('kill-pod', 2000), round('kill-pod@2', 0, { status: 'not-injected' })];
    expect(judge('g recovered < 8s after kill-pod', { faults }).status).toBe('NO-DATA');
    expect(judge('g p50 < 8s in fault:kill-pod', { faults, times: histogram([100, 1]) }).note).toBe(
      'kill-pod@2 was not injected, so its phase says nothing about it',
    );
  });
});
