import { describe, expect, it } from 'vitest';
import type { Night } from '../../../src/core/night.ts';
import type { Trend } from '../../../src/core/trend.ts';
import { type NightlySaid, nightlyText } from '../../../src/report/nightly-text.ts';

const night = { status: 'PASS', runStatus: 'PASS', reasons: [] } as unknown as Night;
const trend = { headline: 'PASS: no series became worse', status: 'PASS', series: [] } as unknown as Trend;
const said: NightlySaid = {
  ...{ night, trend, setAside: [], quarantine: null, mayLeave: [], status: 'PASS', publications: [] },
};
const change = (state: string, isNew: boolean) => ({ state, isNew });
const series = (sentence: string, ...changes: object[]) => ({ sentence, changes });

describe('what a terminal says of a night', () => {
  it('is the trend, and the answer in the last line', () => {
    expect(nightlyText(said)).toBe('Trend: PASS: no series became worse\nPASS (night PASS, trend PASS)');
  });

  it('says why where the night itself decides, and that the history has no answer yet', () => {
    const failed = { status: 'FAIL', runStatus: 'FAIL', reasons: [{ status: 'FAIL', text: 'p50: 310 ms' }] };
    const text = nightlyText({
      ...said,
      ...{ night: failed as unknown as Night, trend: { ...trend, status: null }, status: 'FAIL' },
    });
    expect(text.split('\n').at(-1)).toBe('FAIL (night FAIL, trend without an answer yet): p50: 310 ms');
  });

  it('names what quarantine sets aside, beside the verdict of the run', () => {
    const text = nightlyText({
      ...said,
      ...{ night: { ...night, runStatus: 'FAIL' }, quarantine: '1 of 2 faults judged' },
      setAside: [{ status: 'FAIL', text: 'pause: held' }],
      mayLeave: ['pause × held may leave'],
    });
    expect(text).toBe(
      [
        'In quarantine, does not decide: pause: held',
        'Quarantine: 1 of 2 faults judged',
        'Quarantine: pause × held may leave',
        'Trend: PASS: no series became worse',
        'PASS (night PASS, its run FAIL, trend PASS)',
      ].join('\n'),
    );
  });

  it('tells what is new alone, at most five series', () => {
    const many = Array.from({ length: 7 }, (_, at) => series(`series ${at}`, change('confirmed', true)));
    const old = [series('told', change('confirmed', false)), series('maybe', change('suspected', true))];
    const text = nightlyText({ ...said, trend: { ...trend, series: [...old, ...many] } as unknown as Trend });
    expect(text.split('\n').filter((line) => line.startsWith('Changed'))).toEqual([
      ...['Changed: series 0', 'Changed: series 1', 'Changed: series 2', 'Changed: series 3'],
      ...['Changed: series 4', 'Changed: 2 more series'],
    ]);
  });

  it('says what was not published, and keeps foreign text on its line', () => {
    const text = nightlyText({
      ...said,
      publications: [
        { what: 'history', status: 'failed', text: 'git: refused\n::error::x' },
        { what: 'webhook', status: 'nothing-to-do', text: 'the state is as it was' },
        { what: 'page', status: 'pushed', text: 'page/index.html: 3 nights' },
      ],
    });
    expect(text.split('\n').slice(1, 4)).toEqual([
      'NOT published: history git: refused ::error::x',
      'Nothing to do: webhook the state is as it was',
      'Published: page page/index.html: 3 nights',
    ]);
  });
});
