/** What holds for every history: of nights in any order, of any size, with any gaps. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Night } from '../../../../src/core/night.ts';
import type { Trend } from '../../../../src/core/trend.ts';
import { type TrendOptions, trendOf } from '../../../../src/measure/trend/trend-of.ts';
import { aNight } from './nights.ts';

const OPTIONS: TrendOptions = { pinned: null, told: [], seed: 1 };

/** Histories with and without a step, of 12 to 45 nights, with recoveries that may not have come back. */
const histories = fc
  .record({
    logs: fc.array(fc.double({ min: -0.2, max: 0.2, noNaN: true }), { minLength: 12, maxLength: 45 }),
    step: fc.integer({ min: 0, max: 44 }),
    by: fc.constantFrom(0, 0.3, -0.4),
    seconds: fc.array(fc.oneof(fc.integer({ min: 1, max: 59 }), fc.constant('never' as const)), {
      minLength: 45,
      maxLength: 45,
    }),
  })
  .map(({ logs, step, by, seconds }) =>
    // A histogram has three digits: times that differ by less are equal.
    logs.map((exact, at) => {
      const log = Math.round(exact * 1e4) / 1e4;
      return aNight(at, {
        p99: 100 * Math.exp(log + (at < step ? 0 : by)),
        failed: Math.abs(log) / 100,
        rounds: [seconds[at] ?? 1],
      });
    }),
  );

/** What is said of each series, without what depends on the scale of its values. */
const saidOf = ({ series }: Trend) =>
  series.map(({ id, state, comparable, changes, pin, recent }) => ({
    ...{ id, state, comparable, pin: pin?.status, recent: recent?.isUnusual },
    changes: changes.map(({ at, state: sure, isWorse, isNew, pRank }) => ({
      at,
      sure,
      isWorse,
      isNew,
      pRank,
    })),
  }));

const runs = { numRuns: 60 };

describe('a trend, whatever its nights are', () => {
  it('does not depend on the order in which the nights are given, nor on being given one twice', () => {
    fc.assert(
      fc.property(histories, fc.array(fc.nat(), { minLength: 45, maxLength: 45 }), (nights, keys) => {
        const shuffled = nights
          .map((night, at) => ({ night, key: keys[at] ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map((one) => one.night);
        expect(trendOf([...shuffled, ...shuffled.slice(0, 3)], OPTIONS)).toEqual(trendOf(nights, OPTIONS));
      }),
      runs,
    );
  });

  it('says the same where all times are so many times longer', () => {
    const times = (night: Night, factor: number): Night => {
      const slower = aNight(night.seed, {
        p99: (night.flows['shop.orders']?.['baseline']?.goodMs.p99.value ?? 0) * factor,
        failed: night.flows['shop.orders']?.['baseline']?.bad.value ?? 0,
      });
      return { ...night, flows: slower.flows };
    };
    fc.assert(
      fc.property(histories, fc.constantFrom(0.001, 0.5, 7, 4096), (nights, factor) => {
        const options = { ...OPTIONS, pinned: nights[2]?.id ?? '' };
        const scaled = nights.map((night) => times(night, factor));
        expect(saidOf(trendOf(scaled, options))).toEqual(saidOf(trendOf(nights, options)));
      }),
      runs,
    );
  });

  it('has no state that a gap changes', () => {
    fc.assert(
      fc.property(histories, fc.array(fc.nat({ max: 44 }), { maxLength: 10 }), (nights, places) => {
        const gaps = places.map((place, at) => {
          const night = aNight(place, { p99: 999, changes: { runStatus: 'INVALID', status: 'INVALID' } });
          // Just after the night at that place.
          return { ...night, id: `gap${at}`, startedAt: `${night.startedAt.slice(0, -2)}${at % 10}Z` };
        });
        const without = trendOf(nights, OPTIONS);
        const within = trendOf([...nights, ...gaps], OPTIONS);
        const states = (trend: Trend) => saidOf(trend).map(({ recent, ...said }) => said);
        expect(states(within)).toEqual(states(without));
        expect(within.status).toBe(without.status);
      }),
      runs,
    );
  });

  it('still has a change that was told, no longer as new, and no other change or state', () => {
    fc.assert(
      fc.property(histories, fc.nat(), (nights, which) => {
        const before = trendOf(nights, OPTIONS);
        const all = before.series.flatMap(({ id, changes }) => changes.map(({ at }) => ({ series: id, at })));
        const one = all[which % Math.max(1, all.length)];
        if (one === undefined) return;
        const after = trendOf(nights, { ...OPTIONS, told: [one] });
        const known = after.series
          .find(({ id }) => id === one.series)
          ?.changes.find(({ at }) => at === one.at);
        expect(known?.isNew).toBe(false);
        const bare = (trend: Trend) =>
          saidOf(trend).map(({ changes, ...said }) => ({ ...said, at: changes.map((change) => change.at) }));
        expect(bare(after)).toEqual(bare(before));
      }),
      runs,
    );
  });

  it('says only what can be printed: no number that is none, in no sentence', () => {
    fc.assert(
      fc.property(histories, (nights) => {
        const trend = trendOf(nights, { ...OPTIONS, pinned: nights[0]?.id ?? '' });
        const said = [trend.headline, ...trend.series.map((one) => one.sentence)].join('\n');
        expect(said).not.toMatch(/NaN|Infinity|undefined|null/);
        expect(JSON.parse(JSON.stringify(trend))).toEqual(trend);
      }),
      runs,
    );
  });
});
