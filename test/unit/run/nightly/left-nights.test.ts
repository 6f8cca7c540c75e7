import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { GauntletError } from '../../../../src/core/errors.ts';
import { openHistory } from '../../../../src/run/history/open-history.ts';
import { addRun } from '../../../../src/run/nightly/add-run.ts';
import { gapNight, reasonsOf } from '../../../../src/run/nightly/gap-night.ts';
import { judgeFolder } from '../../../../src/run/nightly/judge-folder.ts';
import { keepNight } from '../../../../src/run/nightly/keep-night.ts';
import { leftNights, nightBegun, nightKept } from '../../../../src/run/nightly/left-nights.ts';
import { smallPlan, writeSmallRun } from '../evidence/small-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'gauntlet-left-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let places: { readonly cache: string; readonly state: string };
let history: Awaited<ReturnType<typeof openHistory>>;
let count = 0;
beforeEach(async () => {
  count += 1;
  places = { cache: join(folder, `cache-${count}`), state: join(folder, `state-${count}`) };
  history = await openHistory(join(folder, `history-${count}`), { places, env: {}, bootstrap: true });
});

const times = { startedAt: '2026-11-29T02:00:00.000Z', endedAt: '2026-11-29T02:00:01.000Z' };
const gap = gapNight(smallPlan, {
  ...times,
  reasons: [{ status: 'INVALID', text: 'interrupted: killed before its load' }],
  report: 'reports/x',
});
const place = { history: '/nights', identity: 'sandbox:shop' };
const leftFile = (): string => join(places.state, 'nightly', 'small-run.json');

/** As a process that is no more would have left it. */
function killed(runDir: string): void {
  nightBegun(places, { ...place, runDir, gap });
  const file = JSON.parse(readFileSync(leftFile(), 'utf8')) as { holder: { startTicks: string } };
  file.holder.startTicks = '1';
  writeFileSync(leftFile(), JSON.stringify(file));
}

describe('a night that has begun', () => {
  it('is left to a nightly that is alive', () => {
    nightBegun(places, { ...place, runDir: folder, gap });
    expect(leftNights(places, place)).toEqual([]);
    expect(readdirSync(join(places.state, 'nightly'))).toEqual(['small-run.json']);
    nightKept(places, 'small-run');
    expect(readdirSync(join(places.state, 'nightly'))).toEqual([]);
  });

  it('is found after a kill, by the next one on its target and history alone', () => {
    killed(join(folder, 'nothing'));
    expect(leftNights(places, { ...place, history: '/other' })).toEqual([]);
    expect(leftNights(places, { ...place, identity: 'sandbox:other' })).toEqual([]);
    expect(leftNights(places, place)).toEqual([{ ...place, runDir: join(folder, 'nothing'), gap }]);
  });

  it('is named with its file when that cannot be read', () => {
    mkdirSync(join(places.state, 'nightly'), { recursive: true });
    writeFileSync(leftFile(), '{');
    expect(() => leftNights(places, place)).toThrow(
      `${leftFile()}: expected a night that is not in its history yet, got no JSON. Mend the file, or delete it: its night is then missing in the history.`,
    );
  });
});

describe('the night of a folder', () => {
  it('is the gap that was noted when there is no folder', () => {
    const judged = judgeFolder(join(folder, 'nothing'), gap, () => undefined);
    expect(judged).toEqual({ fields: gap, input: null });
    const { night } = keepNight(history, judged.fields, new Date(times.endedAt));
    expect(history.nights()).toEqual([night]);
    expect(night).toMatchObject({ status: 'INVALID', flows: {}, report: 'reports/x', ...times });
  });

  it('is what the folder says, with reports, and added once however often it is tried', () => {
    const runDir = join(folder, `run-${count}`);
    writeSmallRun(runDir, true);
    const judged = judgeFolder(runDir, gap, () => undefined);
    expect(judged.fields).toMatchObject({ status: 'PASS', startedAt: '2027-01-15T07:59:59.000Z' });
    expect(readdirSync(runDir)).toContain('report.html');
    const first = keepNight(history, judged.fields, new Date());
    const second = keepNight(history, judged.fields, new Date());
    expect([first.isNew, second.isNew, second.night]).toEqual([true, false, first.night]);
    // By hand it is the same run, whose record stays as it is.
    expect(addRun(history, runDir, 'https://ci/1')).toMatchObject({ isNew: false, night: first.night });
    expect(history.nights()).toHaveLength(1);
  });

  it('is a gap where the folder cannot be judged, so that it blocks no later night', () => {
    const runDir = join(folder, `run-${count}`);
    const [objective] = smallPlan.objectives;
    // A record has no objective without a name.
    writeSmallRun(runDir, true, { objectives: objective ? [{ ...objective, name: '' }] : [] });
    const { fields, input } = judgeFolder(runDir, gap, () => undefined);
    expect([fields.status, input]).toEqual(['INVALID', null]);
    expect(fields.reasons.at(-1)?.text).toMatch(/^its folder cannot be judged: /);
    expect(keepNight(history, fields, new Date()).isNew).toBe(true);
  });

  it('keeps its campaign where the plan was damaged: no new segment begins', () => {
    const runDir = join(folder, `run-${count}`);
    writeSmallRun(runDir, true);
    writeFileSync(join(runDir, 'plan.json'), '{');
    const { fields } = judgeFolder(runDir, gap, () => undefined);
    expect(fields).toMatchObject({ status: 'INVALID', run: 'small-run', campaignHash: gap.campaignHash });
  });
});

describe('why a night has no data', () => {
  it('is each problem of a target that is missing', () => {
    const problem = { expected: 'a good answer', got: 'refused' };
    const both = [
      { subject: 'redis', ...problem },
      { subject: 'kafka-1', ...problem, next: 'See gauntlet doctor.' },
    ];
    expect(reasonsOf(new GauntletError('unavailable', both))).toEqual([
      { status: 'NO-DATA', text: 'redis: expected a good answer, got refused.' },
      { status: 'NO-DATA', text: 'kafka-1: expected a good answer, got refused. See gauntlet doctor.' },
    ]);
  });

  it('is the end itself when a person or a defect ended it', () => {
    const ended = new GauntletError('interrupted', [
      { subject: 'run', expected: 'to end by itself', text: 'interrupted by SIGINT' },
    ]);
    expect(reasonsOf(ended)).toEqual([{ status: 'INVALID', text: 'run: interrupted by SIGINT.' }]);
    expect(reasonsOf(new Error('oops'))).toEqual([{ status: 'INVALID', text: 'oops' }]);
  });
});
