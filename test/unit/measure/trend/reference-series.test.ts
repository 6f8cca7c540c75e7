import { describe, expect, it } from 'vitest';
import type { Night, NightReference } from '../../../../src/core/night.ts';
import { trendOf } from '../../../../src/measure/trend/trend-of.ts';
import { aNight } from './nights.ts';

const compared = (value: number | null, status: NightReference['status'] = 'PASS'): NightReference => ({
  ...{ target: 'v1', run: 'r', status, sentence: 'no pairs were kept' },
  ratios:
    value === null
      ? []
      : [{ flow: 'shop.orders', quantile: 'p99', ratio: { value, low: value - 0.05, high: value + 0.05 } }],
});
const night = (at: number, reference?: NightReference): Night => ({
  ...aNight(at, { p99: 100 * 1.02 ** at }),
  ...(reference && { reference }),
});
const seriesOf = (nights: readonly Night[]) =>
  trendOf(nights, { pinned: null, told: [], seed: 1 }).series.find(
    (one) => one.id === 'shop.orders p99 against v1',
  );

describe('nights that were compared with a reference', () => {
  it('are a series of ratios, in which the drift of the place is on both sides', () => {
    const ratios = [1, 1.02, 0.99, 1.01, 0.98, 1.0, 1.03, 0.97, 1.01, 1.0, 0.99, 1.02, 1.0, 0.98];
    const found = seriesOf(ratios.map((ratio, at) => night(at, compared(ratio))));
    expect(found).toMatchObject({ kind: 'ratio', isHeadline: true, state: 'steady', comparable: 14 });
    expect(found?.sentence).toBe('P99 of shop.orders against v1 is steady over 14 comparable nights');
  });

  it('show a candidate that became slower, as a ratio', () => {
    const ratios = Array.from({ length: 24 }, (_, at) => (at < 14 ? 1 : 1.3) + ((at * 7) % 5) / 200);
    const found = seriesOf(ratios.map((ratio, at) => night(at, compared(ratio))));
    expect(found?.state).toBe('confirmed');
    expect(found?.sentence).toMatch(
      /^P99 of shop\.orders against v1 rose by \d+ % on .*, confirmed \(1\.01 → 1\.31\)$/,
    );
  });

  it('have a gap where nothing was compared, or the comparison is worth nothing, and say why', () => {
    const nights = [
      night(0, compared(1)),
      night(1),
      night(2, compared(null, 'INVALID')),
      night(3, compared(null)),
    ];
    expect(seriesOf(nights)?.nights.map((one) => one.gap)).toEqual([
      null,
      'not compared with v1',
      'INVALID: no pairs were kept',
      'no ratio in this night’s comparison',
    ]);
  });
});
