import { appendFileSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { HistoryPlan } from '../../../../src/core/gate-history.ts';
import type { Plan } from '../../../../src/core/plan.ts';
import { ms, perSecond } from '../../../../src/core/units.ts';
import { historyNotes } from '../../../../src/run/gate/history-notes.ts';
import { type History, type HistoryAsked, readHistory } from '../../../../src/run/gate/read-history.ts';
import { writeGateRun } from '../evidence/gate-run.ts';
import { smallPlan, writeSmallRun } from '../evidence/small-run.ts';

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'gauntlet-history-'));
const candidate: Plan = { ...smallPlan, id: 'candidate', faults: [], objectives: [] };

function write(folder: string, id: string, changed: Partial<Plan> = {}): void {
  writeSmallRun(join(folder, id), true, { ...changed, id });
}

const read = (folder: string, asked: Partial<HistoryAsked> = {}): History =>
  readHistory({ folder, last: 20, pin: null, ...asked }, candidate);

function refused(folder: string, asked: Partial<HistoryAsked> = {}): string {
  try {
    return JSON.stringify(read(folder, asked));
  } catch (error) {
    return (error as Error).message.replaceAll(folder, 'DIR');
  }
}

describe('the history of a baseline', () => {
  const folder = newFolder();
  for (const id of ['r1', 'r2', 'r3']) write(folder, id);

  it('is the baseline phase of each run, the latest first', () => {
    const { runs, leftOut } = read(folder);
    expect([runs.map((one) => one.id), leftOut]).toEqual([['r3', 'r2', 'r1'], []]);
    expect(runs[0]?.startedAt).toBe('2027-01-15T07:59:59.000Z');
    expect(runs[0]?.flows['shop.orders']).toMatchObject({
      due: 55,
      bad: 0,
      goodMs: { p90: null, p99: null },
    });
    expect(runs[0]?.flows['shop.orders']?.goodMs.p50).toBeGreaterThan(10);
  });

  it('is no longer than asked, and ends with the pinned run', () => {
    expect(read(folder, { last: 2 }).runs.map((one) => one.id)).toEqual(['r3', 'r2']);
    const pinned = read(folder, { pin: 'r2' });
    expect(pinned.runs.map((one) => one.id)).toEqual(['r2', 'r1']);
    expect(pinned.leftOut).toEqual([{ id: 'r3', why: 'later than r2' }]);
    expect(refused(folder, { pin: 'r9' })).toBe('--pin: expected the id of a run in DIR, got r9.');
  });

  it('names every run that cannot be compared, and why', () => {
    const mixed = newFolder();
    write(mixed, 'good');
    const [scenario] = smallPlan.load;
    const load = scenario && [
      {
        ...scenario,
        flows: scenario.flows.map((flow) => ({
          ...flow,
          schedule: { startRate: perSecond(6), stages: [] },
        })),
      },
    ];
    write(mixed, 'load', load && { load });
    write(mixed, 'target', { target: 'elsewhere' });
    write(mixed, 'short', { baselineMs: ms(5000) });
    write(mixed, 'cold', { warmupMs: ms(0) });
    write(mixed, 'kafka', { versions: { kafka: '3.8.0' } });
    write(mixed, 'broken', { versions: { kafka: '3.8.0' } });
    appendFileSync(join(mixed, 'broken', 'counts.ndjson'), '{}\n');
    writeGateRun(join(mixed, 'gate'));
    mkdirSync(join(mixed, 'notes'));
    const { runs, leftOut } = read(mixed);
    expect(runs.map((one) => one.id)).toEqual(['kafka']);
    expect(Object.fromEntries(leftOut.map((one) => [one.id, one.why]))).toEqual({
      notes: 'it has no plan.json',
      target: 'it is of target elsewhere',
      'small-gate': 'it is a gate',
      short: 'its baseline is 5 s',
      load: 'it has another load',
      good: 'it has Kafka of an unknown version, the latest run has 3.8.0',
      cold: 'its warm-up is 0 s',
      broken: expect.stringMatching(/^it is INVALID: evidence: counts\.ndjson/),
    });
  });

  it('is refused where there is none, with what to do', () => {
    expect(refused(join(folder, 'gone'))).toBe(
      '--baseline-history: expected a folder of run folders, got DIR, which is not there.',
    );
    expect(refused(join(folder, 'r1'))).toBe(
      '--baseline-history: expected the folder above run folders, got DIR, which is one run.',
    );
    const other = newFolder();
    write(other, 'r1', { target: 'elsewhere' });
    expect(refused(other)).toBe(
      '--baseline-history: expected runs of this load on this target in DIR, got none that can be compared (r1: it is of target elsewhere). ' +
        'Run the baseline with gauntlet run --out FOLDER/NAME, at least ten times, at different hours.',
    );
  });
});

describe('what is said before a candidate is run against earlier runs', () => {
  const history = (count: number): HistoryPlan => ({
    ...{ metrics: [{ flow: 'shop.orders', quantity: 'p50' }], alpha: 0.05, folder: 'runs/main' },
    ...{ times: { allow: 0, find: 0.1 }, failed: { allow: 0, find: 0.005 } },
    runs: Array.from({ length: count }, (_, at) => ({
      ...{ id: `r${count - at}`, startedAt: '' },
      flows: { 'shop.orders': { due: 100, bad: 0, goodMs: { p50: at % 2 === 0 ? 20 : 22 } } },
    })),
    leftOut: [{ id: 'x', why: 'it is a gate' }],
  });

  it('is how many there are, what was left out, how they differ and what one run can find', () => {
    expect(historyNotes(history(12))).toEqual([
      'Compared with 12 earlier runs in runs/main (r1 to r12), not side by side: weaker, since what differs from run to run is part of the error.',
      'Left out: x: it is a gate.',
      'P50 differs by 5 % from run to run; one run can find +18 %.',
    ]);
  });

  it('is that there will be no verdict with fewer than ten', () => {
    expect(historyNotes(history(9))[0]).toMatch(
      / A verdict needs 10: this will be a comparison without one \(NO-DATA\)\.$/,
    );
  });
});
