/** What is news: a message is sent for these, and for nothing else. */
import { describe, expect, it } from 'vitest';
import type { Night, QuarantineInForce } from '../../../../src/core/night.ts';
import type { SeriesChange, Trend, TrendSeries } from '../../../../src/core/trend.ts';
import { stateChanges } from '../../../../src/run/publish/state-changes.ts';
import { aNight } from '../history/a-night.ts';

const night = (day: number, status: Night['status'], given = {}): Night =>
  aNight({
    ...{ startedAt: `2026-11-${day}T02:00:00.000Z`, endedAt: `2026-11-${day}T02:20:00.000Z`, status },
    ...given,
  });

const trend = (nights: readonly Night[], given: Partial<Trend> = {}): Trend => ({
  ...{ campaign: 'nightly', environment: 'staging', nights, segments: [], pinned: null, series: [] },
  ...{ quarantine: [], status: null, headline: '', ...given },
});

const change = (given: Partial<SeriesChange>): SeriesChange => ({
  ...{ at: '2026-11-09-x', state: 'confirmed', before: 10, after: 12, shift: 0.2, text: '+20 %' },
  ...{ isWorse: true, pT: 0, pRank: 0, isNew: true, ...given },
});

const series = (...changes: readonly SeriesChange[]): TrendSeries => ({
  ...{ id: 'shop.order p99 in baseline', kind: 'time', isHeadline: true, nights: [], state: 'confirmed' },
  ...{ comparable: 20, lag1: 0, changes, pin: null, recent: null, pooled: null, sentence: '' },
});

const texts = (given: Trend): readonly string[] =>
  stateChanges(given).map(({ kind, text }) => `${kind}: ${text}`);

describe('news of a night', () => {
  it('is a verdict that the night before did not have', () => {
    expect(texts(trend([night(10, 'PASS'), night(11, 'FAIL')]))).toEqual(['verdict: FAIL after PASS.']);
    expect(texts(trend([night(10, 'FAIL'), night(11, 'INVALID')]))).toEqual(['verdict: INVALID after FAIL.']);
    expect(texts(trend([night(10, 'FAIL'), night(11, 'FAIL')]))).toEqual([]);
  });

  it('is the way back to PASS', () => {
    expect(texts(trend([night(10, 'RESIDUE'), night(11, 'PASS')]))).toEqual([
      'recovered: PASS after RESIDUE.',
    ]);
  });

  it('is a first night that does not pass; one that passes is none', () => {
    expect(texts(trend([night(10, 'NO-DATA')]))).toEqual(['verdict: The first night is NO-DATA.']);
    expect(texts(trend([night(10, 'PASS')]))).toEqual([]);
    expect(texts(trend([]))).toEqual([]);
  });

  it('is a confirmed change that no earlier night told, for better too; a suspected one is none', () => {
    const all = [
      change({}),
      change({ isWorse: false, text: '-30 %', at: 'b' }),
      change({ state: 'suspected' }),
      change({ isNew: false }),
    ];
    expect(texts(trend([night(10, 'PASS'), night(11, 'PASS')], { series: [series(...all)] }))).toEqual([
      'worse: shop.order p99 in baseline: +20 % since 2026-11-09-x, confirmed (worse).',
      'better: shop.order p99 in baseline: -30 % since b, confirmed (better).',
    ]);
  });

  it('is a quarantine that expired since the night before; one that is renewed or was lifted is none', () => {
    const entry = (sli: string, until: string): QuarantineInForce => ({
      ...{ fault: 'kill-pod', sli, owner: 'ana', reason: 'r', since: '2026-11-01T00:00:00Z', until },
    });
    const before = night(10, 'PASS', {
      quarantine: [
        entry('held', '2026-11-10T12:00:00Z'),
        entry('fresh', '2026-11-10T12:00:00Z'),
        entry('lifted', '2026-11-30T00:00:00Z'),
      ],
    });
    const tonight = night(11, 'PASS', { quarantine: [entry('fresh', '2026-11-20T00:00:00Z')] });
    expect(texts(trend([before, tonight]))).toEqual([
      'quarantine-expired: The quarantine of kill-pod: held (owner ana) expired 2026-11-10T12:00:00Z: it decides again.',
    ]);
  });
});
