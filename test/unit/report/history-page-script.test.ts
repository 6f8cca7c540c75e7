import { runInNewContext, Script } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SeriesKind } from '../../../src/core/trend.ts';
import { formatMs } from '../../../src/core/units.ts';
import { formatRate, formatRatio } from '../../../src/report/format.ts';
import { CHART } from '../../../src/report/history-page/script/chart.ts';
import { COMPARE } from '../../../src/report/history-page/script/compare.ts';
import { FORMAT } from '../../../src/report/history-page/script/format.ts';
import { SCALE } from '../../../src/report/history-page/script/scale.ts';
import { PAGE_SCRIPT } from '../../../src/report/history-page/script/script.ts';

type Values = readonly (number | null)[];
interface Scale {
  readonly isLog: boolean;
  readonly ticks: readonly number[];
  at(value: number): number;
}
interface Pieces {
  words(kind: SeriesKind, value: number | null): string;
  interval(kind: SeriesKind, low: number | null, high: number | null): string;
  between(kind: SeriesKind, from: number, to: number): string;
  nightValue(data: object, series: object, at: number): string;
  scaleOf(kind: SeriesKind, values: Values, lows: Values, highs: Values): Scale | null;
  runsOf(series: object, from: number, to: number): number[][];
  whyNot(data: object, a: number, b: number): string | null;
}
const names = 'words, interval, between, nightValue, scaleOf, runsOf, whyNot';
const script = runInNewContext(
  `(function () {${FORMAT}${SCALE}${CHART}${COMPARE} return { ${names} }; })()`,
) as Pieces;

describe('the script of the history page', () => {
  it('is JavaScript, makes no request of its own and writes no markup', () => {
    expect(() => new Script(PAGE_SCRIPT)).not.toThrow();
    expect(PAGE_SCRIPT).not.toMatch(
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function/,
    );
    expect(PAGE_SCRIPT).not.toMatch(
      /\bfetch\(|XMLHttpRequest|sendBeacon|WebSocket|import\(|localStorage|cookie/,
    );
  });

  it('writes times, shares and rates exactly as all reports do', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), (value) => {
        expect(script.words('time', value)).toBe(formatMs(value));
        expect(script.words('recovery', value)).toBe(formatMs(value));
        expect(script.words('rate', value)).toBe(formatRate(value));
        expect(script.words('share', value / 1e6)).toBe(formatRatio(value / 1e6));
      }),
    );
    expect(script.words('time', null)).toBe(formatMs(null));
  });

  it('says of a night its value with its interval, that it was not reached, or why there is none', () => {
    const data = { gaps: ['the night is INVALID'] };
    const series = {
      kind: 'recovery',
      value: [17_000, 60_000, null],
      low: [16_000, null, null],
      high: [null, null, null],
      isCensored: [0, 1, 0],
      gaps: { 2: 0 },
    };
    expect([0, 1, 2].map((at) => script.nightValue(data, series, at))).toEqual([
      '17.0 s (16.0 s … ?)',
      'not reached (> 60.0 s)',
      'no value: the night is INVALID',
    ]);
  });

  it('compares times by their ratio, shares by points, and nothing with nothing', () => {
    expect(script.between('time', 100, 122)).toBe('1.22×');
    expect(script.between('share', 0.01, 0.023)).toBe('+1.30 pt');
    expect(script.between('recovered-share', 1, 0.9)).toBe('−10.00 pt');
    expect(script.between('rate', 0, 10)).toBe('–');
  });

  it('never joins nights over a gap or over a night that was not reached', () => {
    const series = { value: [1, 2, null, 4, 9, 6, 7, null], isCensored: [0, 0, 0, 0, 1, 0, 0, 0] };
    expect([...script.runsOf(series, 0, 8)].map((run) => [...run])).toEqual([[0, 1], [3], [5, 6]]);
    expect([...script.runsOf(series, 1, 4)].map((run) => [...run])).toEqual([[1], [3]]);
  });

  it('refuses to compare across a segment, and recoveries alone where only their watch changed', () => {
    const nights = ['2026-01-01', '2026-01-02', '2026-01-03'].map((time) => ({ time }));
    const segments = [
      { at: 0, because: null, isOfRecovery: false },
      { at: 1, because: 'watch: 60 s → 90 s', isOfRecovery: true },
      { at: 2, because: 'cluster: a → b', isOfRecovery: false },
    ];
    expect(script.whyNot({ nights, segments: segments.slice(0, 1) }, 0, 2)).toBeNull();
    expect(script.whyNot({ nights, segments }, 0, 1)).toBe(
      'Recoveries are not comparable: other segment. Between these nights began S2 from 2026-01-02: watch: 60 s → 90 s.',
    );
    expect(script.whyNot({ nights, segments }, 1, 2)).toBe(
      'Not comparable: other segment. Between these nights began S3 from 2026-01-03: cluster: a → b.',
    );
  });
});

describe('the scale of a chart', () => {
  const kinds: readonly SeriesKind[] = ['time', 'share', 'recovery', 'recovered-share', 'rate'];
  const night = fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: null, freq: 5 });

  it('holds every value within the picture, in their order, with ticks inside', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.array(night, { minLength: 1, maxLength: 60 }),
        (kind, shares) => {
          const factor = kind === 'share' || kind === 'recovered-share' ? 1 : 50_000;
          const values = shares.map((one) => (one === null ? null : one * factor));
          const scale = script.scaleOf(
            kind,
            values,
            values.map(() => null),
            values.map(() => null),
          );
          const known = values.filter((one) => one !== null).sort((a, b) => a - b);
          expect(scale === null).toBe(known.length === 0);
          const at = known.map((one) => scale?.at(one) ?? Number.NaN);
          for (const one of at) expect(one >= 0 && one <= 1).toBe(true);
          expect(at).toEqual([...at].sort((a, b) => a - b));
          const ticks = scale?.ticks ?? [];
          expect(ticks.length).toBeLessThan(12);
        },
      ),
    );
  });

  it('has two ticks or more for what nights really look like', () => {
    for (const values of [[640, 650, 781], [2000, 2001], [0.4, 0.41], [30, 60_000], [17_000]])
      expect(script.scaleOf('time', values, [], [])?.ticks.length).toBeGreaterThanOrEqual(2);
    expect(script.scaleOf('share', [0, 0], [], [])?.ticks.length).toBeGreaterThanOrEqual(2);
    expect(script.scaleOf('recovered-share', [1, 1], [], [])?.ticks.length).toBeGreaterThanOrEqual(2);
  });

  it('becomes logarithmic where the greatest is above twenty times the least, and only there', () => {
    expect(script.scaleOf('time', [100, 1900], [], [])?.isLog).toBe(false);
    expect(script.scaleOf('time', [100, 2100], [], [])?.isLog).toBe(true);
    expect(script.scaleOf('share', [0.0001, 0.9], [], [])?.isLog).toBe(false);
  });

  it('is not flattened by one wild interval', () => {
    const values = Array.from({ length: 40 }, () => 100);
    const highs = values.map((one, at) => (at === 7 ? 9000 : one * 1.1));
    expect(script.scaleOf('time', values, [], highs)?.at(100)).toBeGreaterThan(0.2);
  });
});
