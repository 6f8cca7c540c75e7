import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseObjective } from '../../../src/config/objective-line.ts';
import type { FaultRecord, ObjectiveResult } from '../../../src/core/result.ts';
import { epochMs, ms } from '../../../src/core/units.ts';
import { bucketOf } from '../../../src/measure/buckets.ts';
import { type WindowFinding, worstWindow } from '../../../src/measure/finding.ts';
import { judgeObjective } from '../../../src/measure/judge-objective.ts';
import { phaseWindows } from '../../../src/measure/phase-windows.ts';
import { RunData } from '../../../src/measure/run-data.ts';
import { fault } from './facts.ts';

const PHASE = 'fault:kill-pod';
const known = { flows: ['g'], phases: [PHASE], faults: ['kill-pod'], searches: [] };
const START = 1_800_000_000;

/** One second of the phase: how many were due, how many of them failed, and how long each took. */
interface Second {
  readonly due: number;
  readonly failed?: number;
  readonly ms?: number;
  readonly dropped?: number;
}

function dataOf(seconds: readonly Second[]): RunData {
  const data = new RunData();
  seconds.forEach(({ due, failed = 0, ms: took = 1, dropped = 0 }, index) => {
    const second = START + index;
    if (due === 0) return;
    const started = due - dropped;
    data.addCounts({
      ...{ flow: 'g', second, due, started, dropped, completed: started, interrupted: 0, failed },
    });
    const counts = Uint32Array.of(bucketOf(Math.round(took * 1000)), due);
    data.addLatency({ flow: 'g', clock: 'response', second, counts });
  });
  return data;
}

function judge(
  text: string,
  seconds: readonly Second[],
  { faults = [fault()], from = 0 }: { readonly faults?: readonly FaultRecord[]; readonly from?: number } = {},
): ObjectiveResult {
  const parsed = parseObjective(text, known);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const data = dataOf(seconds);
  const at = (second: number) => epochMs((START + second) * 1000);
  const phase = { name: PHASE, from: at(from), to: at(seconds.length) };
  return judgeObjective(
    { ...parsed.value, source: null },
    {
      flowPhase: () => undefined,
      histogram: () => undefined,
      windows: (name, length) => (name === PHASE ? phaseWindows(data, phase, length) : undefined),
      faults,
      capacity: [],
    },
  );
}

const times = (count: number, second: Second): Second[] => Array.from({ length: count }, () => second);

describe('the windows of a phase', () => {
  it('count no stale connection where the data have none', () => {
    const data = dataOf([{ due: 10 }, { due: 10, failed: 1 }]);
    const phase = { name: PHASE, from: epochMs(START * 1000), to: epochMs((START + 2) * 1000) };
    expect(phaseWindows(data, phase, ms(2000)).map((one) => one.counts('g'))).toEqual([
      { due: 20, count: 20, failed: 1, dropped: 0, goodRate: 9.5, stale: 0 },
    ]);
  });
});

describe('an objective over a sliding window', () => {
  it('is judged by the worst window, which is named', () => {
    const seconds = [
      ...times(5, { due: 400, ms: 1 }),
      ...times(3, { due: 400, ms: 1.9 }),
      { due: 400, ms: 1 },
    ];
    expect(judge(`g p99 < 2ms in ${PHASE} over 3s`, seconds)).toMatchObject({
      ...{ status: 'PASS', observed: 1.9, samples: 1200, phase: PHASE, limit: 2, unit: 'ms' },
      note: 'the worst of 7 windows of 3 s: 3 s to 6 s into the phase',
    });
    expect(judge(`g p99 < 1.5ms in ${PHASE} over 3s`, seconds)).toMatchObject({
      ...{ status: 'FAIL', observed: 1.9 },
    });
  });

  it('fails on five bad seconds that a whole phase would hide', () => {
    const seconds = [
      ...times(50, { due: 100 }),
      ...times(5, { due: 100, failed: 30 }),
      ...times(50, { due: 100 }),
    ];
    const seen = judge(`g failed < 20% in ${PHASE} over 5s`, seconds);
    expect(seen).toMatchObject({ status: 'FAIL', observed: 0.3, samples: 500 });
    expect(seen.note).toBe('the worst of 101 windows of 5 s: 50 s to 55 s into the phase');
    expect(judge(`g failed < 20% in ${PHASE} over 50s`, seconds).status).toBe('PASS');
  });

  it('takes the second of a rate with the fewest good answers, and dropped arrivals have none', () => {
    const seconds = [...times(3, { due: 100 }), { due: 100, dropped: 40 }, { due: 100 }];
    expect(judge(`g rate >= 99/s in ${PHASE} over 1s`, seconds)).toMatchObject({
      ...{ status: 'FAIL', observed: 60 },
      note: 'the worst of 5 windows of 1 s: 3 s to 4 s into the phase; 40 of 100 arrivals had no good answer',
    });
    expect(judge(`g rate > 79/s in ${PHASE} over 2s`, seconds)).toMatchObject({
      status: 'PASS',
      observed: 80,
    });
    expect(judge(`g failed < 45% in ${PHASE} over 1s`, seconds).observed).toBe(0.4);
  });

  it('has no data when one window has too few samples: it may have been the worst', () => {
    const seconds = [...times(3, { due: 500 }), ...times(2, { due: 400 })];
    expect(judge(`g p99 < 2ms in ${PHASE} over 2s`, seconds)).toMatchObject({
      ...{ status: 'NO-DATA', observed: null },
      note: '2 of 4 windows of 2 s cannot be judged (900 samples, 1000 needed for this quantile)',
    });
    const silent = [...times(2, { due: 400 }), { due: 0 }, ...times(2, { due: 400 })];
    expect(judge(`g failed < 20% in ${PHASE} over 1s`, silent)).toMatchObject({
      ...{ status: 'NO-DATA', note: '1 of 5 windows of 1 s cannot be judged (no arrival was due)' },
    });
    expect(judge(`g p50 < 2ms in ${PHASE} over 1s`, silent).note).toBe(
      '1 of 5 windows of 1 s cannot be judged (no samples)',
    );
  });

  it('fails all the same when another window is beyond doubt', () => {
    const seconds = [{ due: 0 }, ...times(3, { due: 400, failed: 300 })];
    expect(judge(`g failed < 20% in ${PHASE} over 1s`, seconds).status).toBe('FAIL');
  });

  it('is inconclusive when a window is, and keeps that window’s own note', () => {
    const seconds = [...times(2, { due: 400 }), { due: 400, failed: 80 }];
    expect(judge(`g failed < 20% in ${PHASE} over 1s`, seconds)).toMatchObject({
      ...{ status: 'INCONCLUSIVE', observed: 0.2 },
      note: 'the worst of 3 windows of 1 s: 2 s to 3 s into the phase; the limit lies inside the confidence interval',
    });
  });

  it('has no data in a phase that is shorter than a window, that never was, or whose fault never was', () => {
    const text = `g failed < 20% in ${PHASE} over 5s`;
    expect(judge(text, times(5, { due: 100 })).status).toBe('PASS');
    expect(judge(text, times(4, { due: 100 }))).toMatchObject({
      ...{ status: 'NO-DATA', note: 'fault:kill-pod was shorter than one window of 5 s' },
    });
    expect(
      judge(text, times(9, { due: 100 }), { faults: [fault({ status: 'not-injected' })] }),
    ).toMatchObject({
      ...{ status: 'NO-DATA', note: 'kill-pod was not injected, so its phase says nothing about it' },
    });
    const parsed = parseObjective(text, known);
    if (!parsed.ok) throw new Error('unreadable');
    const facts = { flowPhase: () => undefined, histogram: () => undefined, windows: () => undefined };
    expect(
      judgeObjective({ ...parsed.value, source: null }, { ...facts, faults: [], capacity: [] }),
    ).toMatchObject({
      ...{ status: 'NO-DATA', note: 'the run had no phase fault:kill-pod' },
    });
  });

  it('counts its seconds from the first of the phase', () => {
    const seconds = [...times(4, { due: 100 }), { due: 100, failed: 90 }];
    expect(judge(`g failed < 20% in ${PHASE} over 2s`, seconds, { from: 2 }).note).toBe(
      'the worst of 2 windows of 2 s: 1 s to 3 s into the phase',
    );
  });

  it('refuses what cannot slide, if it is ever asked', () => {
    const data = dataOf(times(3, { due: 100 }));
    const phase = { name: PHASE, from: epochMs(START * 1000), to: epochMs((START + 3) * 1000) };
    const seen = judgeObjective(
      {
        ...{ name: 'x', flow: 'g', comparison: '<', limit: 1, source: null },
        indicator: { kind: 'loss' },
        scope: { kind: 'phase', phase: PHASE, overMs: ms(1000) },
      },
      {
        ...{ flowPhase: () => undefined, histogram: () => undefined, faults: [], capacity: [] },
        windows: (_name, length) => phaseWindows(data, phase, length),
      },
    );
    expect(seen.note).toBe('3 of 3 windows of 1 s cannot be judged (loss cannot be judged over windows)');
  });
});

describe('the worst of several windows', () => {
  const at = (from: number, status: ObjectiveResult['status'], observed: number): WindowFinding => ({
    ...{ from, to: from + 1 },
    finding: { observed, interval: null, samples: 9, status, note: null },
  });

  it('is the greatest below a limit and the least above one, the first of equals', () => {
    const windows = [
      at(0, 'PASS', 5),
      at(1, 'PASS', 7),
      at(2, 'PASS', 7),
      at(3, 'PASS', 4),
      at(4, 'PASS', 4),
    ];
    const worst = (comparison: '<' | '<=' | '>' | '>='): string | null =>
      worstWindow(windows, comparison)?.note ?? null;
    expect([worst('<'), worst('<='), worst('>'), worst('>=')]).toEqual(
      [1, 1, 3, 3].map((from) => `the worst of 5 windows of 1 s: ${from} s to ${from + 1} s into the phase`),
    );
  });

  it('never passes unless every window passes, whatever the order', () => {
    const status = fc.constantFrom<ObjectiveResult['status']>('PASS', 'FAIL', 'INCONCLUSIVE', 'NO-DATA');
    const property = fc.property(fc.array(status, { minLength: 1 }), (all) => {
      const seen = worstWindow(
        all.map((one, index) => at(index, one, index)),
        '<',
      );
      expect(seen?.status === 'PASS').toBe(all.every((one) => one === 'PASS'));
      expect(seen?.status === 'FAIL').toBe(all.includes('FAIL'));
    });
    fc.assert(property);
    expect(worstWindow([], '<')).toBeUndefined();
  });
});
