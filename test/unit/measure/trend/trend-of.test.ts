import { describe, expect, it } from 'vitest';
import type { Night } from '../../../../src/core/night.ts';
import { seededRng } from '../../../../src/core/rng.ts';
import type { Trend, TrendSeries } from '../../../../src/core/trend.ts';
import { changesToTell } from '../../../../src/measure/trend/to-tell.ts';
import { type TrendOptions, trendOf } from '../../../../src/measure/trend/trend-of.ts';
import { aNight, FAILED, FLOW, type NightParts, P99, RECOVERED, RECOVERY_TIME } from './nights.ts';

const OPTIONS: TrendOptions = { pinned: null, told: [], seed: 1 };
const rng = seededRng(11);
const normal = (): number => Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next());

/** So many nights; the noise of each is drawn anew. */
const history = (count: number, parts: (night: number) => NightParts): Night[] =>
  Array.from({ length: count }, (_, at) => aNight(at, parts(at)));
const around = (ms: number, sd = 0.02): number => ms * Math.exp(sd * normal());
const stepAt = (night: number, from: number, to: number) => (at: number) => ({
  p99: around(at < night ? from : to),
});

function seriesOf(trend: Trend, id: string): TrendSeries {
  const found = trend.series.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no ${id} in ${trend.series.map((one) => one.id).join(', ')}`);
  return found;
}

describe('a trend', () => {
  it('has no answer below twelve comparable nights, and says how many there are', () => {
    const trend = trendOf(
      history(5, () => ({})),
      OPTIONS,
    );
    expect(trend.status).toBeNull();
    expect(trend.headline).toBe('INSUFFICIENT-HISTORY: 5 of the 12 comparable nights that a trend needs');
    expect(seriesOf(trend, P99)).toMatchObject({ state: 'insufficient', lag1: null, changes: [] });
  });

  it('has no answer without any night', () => {
    expect(trendOf([], OPTIONS)).toMatchObject({
      ...{ status: null, headline: 'INSUFFICIENT-HISTORY: there is no night yet', series: [] },
    });
  });

  it('passes where nothing became worse, over how many nights', () => {
    const trend = trendOf(
      history(30, () => ({ p99: around(100) })),
      OPTIONS,
    );
    expect(trend.status).toBe('PASS');
    expect(trend.headline).toBe('PASS: no series became worse (4 series over 30 comparable nights)');
  });

  it('fails on a worsening that is confirmed and new, with its night and its values', () => {
    const trend = trendOf(history(36, stepAt(28, 100, 122)), OPTIONS);
    expect(trend.status).toBe('FAIL');
    expect(trend.headline).toMatch(
      /^FAIL: P99 of shop\.orders in baseline rose by 2\d % on 2026-01-29, confirmed \((99\.\d|100|101) ms → 12\d ms\) \(and 2 more\)$/,
    );
  });

  it('tells a change once: after that it is known, and no failure any more', () => {
    const nights = history(36, stepAt(28, 100, 122));
    const first = trendOf(nights, OPTIONS);
    const told = changesToTell(first);
    expect(told).toHaveLength(3);
    expect(told[0]).toEqual({ series: P99, at: nights[28]?.id });
    // Dated two nights off, as a later night may.
    const shifted = told.map((one) => ({ ...one, at: nights[26]?.id ?? '' }));
    for (const known of [told, shifted]) {
      const next = trendOf([...nights, aNight(36, { p99: 122 })], { ...OPTIONS, told: known });
      expect(next.status).toBe('PASS');
      expect(next.headline).toMatch(
        /^PASS: nothing new; already told: P99 of shop\.orders in baseline rose by /,
      );
      expect(changesToTell(next)).toEqual([]);
    }
    const far = trendOf(nights, {
      ...OPTIONS,
      told: told.map((one) => ({ ...one, at: nights[25]?.id ?? '' })),
    });
    expect(far.status).toBe('FAIL');
  });

  it('tells an improvement too, and passes', () => {
    const trend = trendOf(history(36, stepAt(28, 100, 80)), OPTIONS);
    expect(trend.status).toBe('PASS');
    expect(trend.headline).toMatch(
      /^PASS: no series became worse .*; better: P99 of shop\.orders in baseline fell by (19|2\d) % on 2026-01-29, confirmed /,
    );
  });

  it('calls a change older than twenty comparable nights the new normal, and keeps it in the list', () => {
    const p99 = seriesOf(trendOf(history(50, stepAt(20, 100, 130)), OPTIONS), P99);
    expect(p99.state).toBe('steady');
    expect(p99.changes).toMatchObject([{ state: 'confirmed', isWorse: true }]);
  });

  it('follows failures in points, and has a place for none at all', () => {
    const trend = trendOf(
      history(30, (at) => ({ failed: at < 22 ? (at % 2) * 0.0002 : 0.03 + (at % 3) * 0.001 })),
      OPTIONS,
    );
    expect(seriesOf(trend, FAILED).sentence).toMatch(
      /^Failed share of shop\.orders in baseline rose by 3\.1 points on 2026-01-23, confirmed \(0\.01 % → 3\.1\d? %\)$/,
    );
  });

  it('follows the capacity, of which less is worse', () => {
    const trend = trendOf(
      history(30, (at) => ({ capacity: (at < 22 ? 400 : 320) + (at % 3) })),
      OPTIONS,
    );
    const capacity = seriesOf(trend, `${FLOW} capacity`);
    expect(capacity).toMatchObject({ kind: 'rate', isHeadline: true, changes: [{ isWorse: true }] });
    expect(capacity.sentence).toBe(
      'Capacity of shop.orders fell by 20 % on 2026-01-23, confirmed (401/s → 321/s)',
    );
  });

  it('follows what objectives observe elsewhere, and has none twice', () => {
    const objective = (name: string, unit: 'ms' | 's', observed: number | null) =>
      ({ name, status: 'PASS', observed, interval: null, limit: 500, unit }) as const;
    const trend = trendOf(
      history(14, (at) => ({
        objectives: [
          objective(`${FLOW} p95 < 500ms in baseline`, 'ms', 70),
          objective(`${FLOW} p95 < ${500 + at}ms in steady`, 'ms', 90 + (at % 4)),
          objective(`${FLOW} loss < 30s after kill-pod`, 's', at % 2),
        ],
      })),
      OPTIONS,
    );
    const ids = trend.series.map((one) => `${one.isHeadline ? '' : '('}${one.id}`);
    expect(ids).toEqual([
      `${FLOW} p95 in baseline`,
      ...[P99, FAILED, `${FLOW} loss after kill-pod`, `${FLOW} p95 in steady`, `(${FLOW} p50 in baseline`],
    ]);
    expect(seriesOf(trend, `${FLOW} loss after kill-pod`).nights[1]?.value).toBe(1000);
  });

  it('is inconclusive where nights depend on one another, until a pinned night decides', () => {
    let last = 0;
    const nights = history(60, () => {
      last = 0.8 * last + 0.6 * normal();
      return { p99: 100 * Math.exp(0.005 * last) };
    });
    const trend = trendOf(nights, OPTIONS);
    expect(seriesOf(trend, P99).state).toBe('not-testable');
    expect(trend.status).toBe('INCONCLUSIVE');
    expect(trend.headline).toMatch(
      /^INCONCLUSIVE: P99 of shop\.orders in baseline: nights are not independent \(lag-1 correlation 0\.\d\d\): pin a reference$/,
    );
    const pinned = trendOf(nights, { ...OPTIONS, pinned: nights[10]?.id ?? '' });
    expect(seriesOf(pinned, P99).pin?.status).toBe('PASS');
    expect(pinned.status).toBe('PASS');
  });
});

describe('a recovery time that got shorter', () => {
  const history = (after: (at: number) => number | 'never'): Night[] =>
    Array.from({ length: 50 }, (_, at) =>
      aNight(at, { rounds: [at < 34 ? 20 + (at % 5) : after(at), at < 34 ? 22 + (at % 3) : 8 + (at % 3)] }),
    );

  it('is called better', () => {
    const trend = trendOf(
      history((at) => 8 + (at % 4)),
      OPTIONS,
    );
    expect(trend.status).toBe('PASS');
    expect(trend.headline).toMatch(
      /; better: Recovery time of shop\.orders failed after kill-pod fell from 23 s to 9 s on 2026-02-04, confirmed$/,
    );
  });

  it('is not called better while fewer recover', () => {
    const trend = trendOf(
      history((at) => (at % 8 === 7 ? 'never' : 8 + (at % 4))),
      OPTIONS,
    );
    const change = seriesOf(trend, RECOVERY_TIME).changes[0];
    expect(change).toMatchObject({ isWorse: false, fewerRecover: true });
    expect(change?.text).toBe('23 s → 9 s while fewer recover');
    expect(trend.headline).not.toContain('better');
  });
});

describe('gaps', () => {
  it('keeps an INVALID, a NO-DATA night and one with the residue of others out of every series, with the reason', () => {
    const nights = history(14, () => ({ rounds: [10] }));
    const broken = (['INVALID', 'NO-DATA', 'RESIDUE'] as const).map((runStatus, at) =>
      aNight(14 + at, {
        ...{ p99: 900, rounds: ['never'] },
        changes: { runStatus, status: runStatus, reasons: [{ status: runStatus, text: 'why it is so' }] },
      }),
    );
    const trend = trendOf([...nights, ...broken], OPTIONS);
    for (const series of trend.series) {
      expect(series.comparable).toBe(14);
      expect(series.nights.slice(14).map((one) => one.gap)).toEqual([
        'INVALID: why it is so',
        'NO-DATA: why it is so',
        'RESIDUE: why it is so',
      ]);
    }
    expect(trend.headline).toMatch(/; the night of 2026-01-17 is a gap, RESIDUE: why it is so$/);
  });

  it('keeps the values of a FAIL night and of a night that left its own residue, but not that recovery', () => {
    const failed = aNight(0, { rounds: [10], changes: { runStatus: 'FAIL', status: 'FAIL' } });
    const own = aNight(1, { rounds: ['never'], changes: { runStatus: 'RESIDUE', status: 'RESIDUE' } });
    const residue = { ...own, faults: own.faults.map((one) => ({ ...one, status: 'residue' as const })) };
    const trend = trendOf([failed, residue], OPTIONS);
    expect(seriesOf(trend, P99).nights.map((one) => one.value)).toEqual([100, 100]);
    expect(seriesOf(trend, RECOVERED).nights.map((one) => one.gap)).toEqual([
      null,
      'kill-pod was not undone',
    ]);
  });

  it('says why one series has no value: too few answers, no such flow, a fault that was not injected', () => {
    const notInjected = aNight(2, { rounds: [10] });
    const trend = trendOf(
      [
        aNight(0, { p99: null, rounds: [10] }),
        aNight(1, { changes: { flows: {} } }),
        {
          ...notInjected,
          recoveries: [],
          faults: notInjected.faults.map((one) => ({ ...one, whyNotInjected: 'no victim is left' })),
        },
      ],
      OPTIONS,
    );
    expect(seriesOf(trend, P99).nights.map((one) => one.gap)).toEqual([
      'too few good answers for P99',
      'shop.orders was not in this night’s baseline',
      null,
    ]);
    expect(seriesOf(trend, RECOVERY_TIME).nights.map((one) => one.gap)).toEqual([
      null,
      'kill-pod was not in this night',
      'kill-pod was not injected: no victim is left',
    ]);
  });
});

describe('segments', () => {
  const moved = { environment: { key: 'staging-2', words: { cluster: 'b', nodes: '3' } } };

  it('begins a new one where a word of the environment or the campaign changed, and says which', () => {
    const nights = [
      ...history(15, () => ({})),
      ...history(18, () => ({ p99: 300, changes: moved })).slice(15),
      ...history(20, () => ({ p99: 300, changes: { ...moved, campaignHash: 'c2' } })).slice(18),
    ];
    const trend = trendOf(nights, OPTIONS);
    expect(trend.segments).toEqual([
      { from: nights[0]?.id, because: null },
      { from: nights[15]?.id, because: 'cluster: a → b, nodes: none → 3' },
      { from: nights[18]?.id, because: 'campaign' },
    ]);
    expect(trend.status).toBeNull();
    expect(trend.headline).toBe(
      'INSUFFICIENT-HISTORY: 2 of the 12 comparable nights that a trend needs since 2026-01-19 (campaign)',
    );
    expect(seriesOf(trend, P99).nights).toHaveLength(20);
  });

  it('begins one of the recoveries alone where their watch has another length', () => {
    const nights = [
      ...history(15, () => ({ rounds: [10] })),
      ...history(20, () => ({ rounds: [10], changes: { recoveryWatchMs: 120_000 } })).slice(15),
    ];
    const trend = trendOf(nights, OPTIONS);
    expect(trend.segments[1]).toEqual({
      ...{ from: nights[15]?.id, because: 'recovery watch: 60 s → 120 s', only: 'recovery' },
    });
    expect(seriesOf(trend, P99).comparable).toBe(20);
    expect(seriesOf(trend, RECOVERY_TIME).comparable).toBe(5);
  });

  it('compares with no pinned night of another segment', () => {
    const nights = [...history(15, () => ({})), ...history(30, () => ({ changes: moved })).slice(15)];
    const pinOf = (at: number) =>
      seriesOf(trendOf(nights, { ...OPTIONS, pinned: nights[at]?.id ?? '' }), P99).pin;
    expect(pinOf(3)).toBeNull();
    expect(pinOf(16)).toMatchObject({ ratio: 1, status: 'PASS' });
  });
});
