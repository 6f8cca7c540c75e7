import { describe, expect, it } from 'vitest';
import type { Trend, TrendSeries } from '../../../src/core/trend.ts';
import { exportNights, exportSeries } from '../../../src/report/history-export.ts';
import { aNight } from '../run/history/a-night.ts';

const day = (number: number, given = {}) =>
  aNight({ startedAt: `2026-11-0${number}T02:00:00.000Z`, ...given });
const nights = [
  day(1),
  day(2, { status: 'INVALID', reasons: [{ status: 'INVALID', text: '=HYPERLINK("x"),\nno data' }] }),
  day(3),
];
const [first, second, third] = nights.map((night) => night.id) as [string, string, string];
const value = { value: 10.5, low: 9, high: null, censored: false, gap: null };
const gap = { value: null, low: null, high: null, censored: false, gap: 'INVALID' };
const change = { at: third, state: 'confirmed', before: 10, after: 12, shift: 0.22, text: '+22 %' };

const trend = {
  ...{ campaign: 'nightly', environment: 'staging', nights, pinned: first },
  segments: [
    { from: first, because: null },
    { from: third, because: 'recovery watch', only: 'recovery' },
  ],
  series: (['time', 'recovery'] as const).map((kind) => ({
    ...{
      id: `a, "${kind}"`,
      kind,
      isHeadline: true,
      state: 'confirmed',
      changes: kind === 'time' ? [change] : [],
    },
    nights: [
      { night: first, ...value },
      { night: second, ...gap },
      { night: third, ...value },
    ],
  })) as unknown as TrendSeries[],
} as unknown as Trend;

describe('an export of a history', () => {
  it('has a row for each series and night, gaps too, with the segment of its kind', () => {
    const start = (at: number) =>
      `nightly,staging,"a, ""time""",time,true,${[first, second, third][at - 1]},2026-11-0${at}T02:00:00.000Z`;
    expect(exportSeries([trend], 'csv').split('\r\n').slice(0, 4)).toEqual([
      'campaign,environment,series,kind,is_headline,night,started_at,status,segment,value,low,high,is_censored,gap,change,shift,state',
      `${start(1)},PASS,1,10.5,9,,false,,,,confirmed`,
      `${start(2)},INVALID,1,,,,false,INVALID,,,confirmed`,
      `${start(3)},PASS,1,10.5,9,,false,,confirmed,0.22,confirmed`,
    ]);
    const rows = exportSeries([trend], 'ndjson')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows.map((row) => [row.kind, row.segment])).toEqual([
      ...[1, 1, 1].map((segment) => ['time', segment]),
      ...[1, 1, 2].map((segment) => ['recovery', segment]),
    ]);
  });

  it('has a row a night; no text of it is a formula or a line of its own', () => {
    const rows = exportNights([trend], 'csv').trimEnd().split('\r\n');
    expect(rows).toHaveLength(4);
    expect(rows[2]).toContain(
      `,INVALID,PASS,"'=HYPERLINK(""x""), no data",0123456789abcdef,7,0,0,0,0,0,false,`,
    );
    expect(rows[1]).toMatch(/,true,$/);
  });

  it('has whole records, one a line', () => {
    const lines = exportNights([trend], 'ndjson').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(nights);
  });

  it('is empty without nights, but for the columns', () => {
    expect(exportNights([], 'csv')).toMatch(/^night,run,[a-z_,]+\r\n$/);
    expect(exportSeries([], 'ndjson')).toBe('');
  });
});
