import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../../src/core/rng.ts';
import { largestThatCounts } from '../../../../src/measure/trend/benjamini-hochberg.ts';
import { comparePin, type PinQuestion } from '../../../../src/measure/trend/compare-pin.ts';
import { compareRecent } from '../../../../src/measure/trend/compare-recent.ts';
import { poolRecoveries } from '../../../../src/measure/trend/pool-recoveries.ts';
import { rankSumP, ranksOf } from '../../../../src/measure/trend/rank-sum.ts';
import { scaled } from '../../../../src/measure/trend/scaled.ts';
import type { NightValue } from '../../../../src/measure/trend/series-plan.ts';

const value = (ms: number, censored = false): NightValue => ({
  ...{ value: ms, low: null, high: null, censored, gap: null },
});

describe('Benjamini and Hochberg', () => {
  it('is that of their own example: four of fifteen count at 5 %', () => {
    const chances = [
      ...[0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344],
      ...[0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1],
    ];
    expect(largestThatCounts(chances.toReversed(), 0.05)).toBe(0.0095);
    expect(chances.filter((one) => one <= 0.0095)).toHaveLength(4);
  });

  it('counts none where none is small enough, or where there is none', () => {
    expect(largestThatCounts([0.2, 0.06, 1], 0.05)).toBe(0);
    expect(largestThatCounts([], 0.05)).toBe(0);
  });
});

describe('ranks', () => {
  it('are shared by equal values', () => {
    expect([...ranksOf([3, 1, 3, 2])]).toEqual([3.5, 1, 3.5, 2]);
  });

  it('have the exact chance: of three above all of nine it is 2 in 220', () => {
    const low = Array.from({ length: 9 }, (_, at) => at);
    expect(rankSumP(low, [20, 21, 22])).toBeCloseTo(2 / 220, 12);
    expect(rankSumP([20, 21, 22], low)).toBeCloseTo(2 / 220, 12);
  });

  it('show nothing where all values are equal, or one side has none', () => {
    expect(rankSumP([1, 1, 1], [1, 1])).toBe(1);
    expect(rankSumP(new Array(400).fill(1), new Array(300).fill(1))).toBe(1);
    expect(rankSumP([], [1, 2])).toBe(1);
  });

  it('put what never came back above all that did, as ties', () => {
    const nights = [value(50_000), value(60_000, true), value(75_000, true), value(70_000)];
    expect(scaled(nights, 'rank').values).toEqual([1, 3.5, 3.5, 2]);
  });

  it('take the place of logarithms where a time is zero', () => {
    expect(scaled([value(0), value(5)], 'log')).toEqual({ scale: 'rank', values: [1, 2] });
  });
});

describe('the last nights against the pinned one', () => {
  const question: PinQuestion = { night: 'n', at: 0, lag1: null, allow: 0.1, isMoreWorse: true };
  const log = (...times: number[]) =>
    scaled(
      times.map((one) => value(one)),
      'log',
    );

  it('fail where they are surely more than what is allowed above it', () => {
    expect(comparePin(log(100, 101, 130, 131, 130, 131, 130), question)).toMatchObject({
      status: 'INCONCLUSIVE',
    });
    const found = comparePin(log(100, 101, 100, 101, 100, 101, 130, 131, 130, 131, 130), {
      ...question,
      allow: 0.05,
    });
    expect(found?.ratio).toBeCloseTo(1.304, 3);
    expect(found?.status).toBe('FAIL');
  });

  it('pass where they are surely within it, and are open where nights differ by more', () => {
    expect(comparePin(log(100, 101, 100, 101, 100, 101, 100), question)?.status).toBe('PASS');
    expect(comparePin(log(100, 130, 80, 120, 90, 125, 85), question)?.status).toBe('INCONCLUSIVE');
  });

  it('fail a rate that fell', () => {
    const rates = log(400, 401, 399, 400, 401, 400, 399, 320, 321, 320, 319, 320);
    expect(comparePin(rates, { ...question, isMoreWorse: false })?.status).toBe('FAIL');
    expect(comparePin(rates, question)?.status).toBe('PASS');
  });

  it('are wider where nights depend on one another', () => {
    const rng = seededRng(5);
    let last = 0;
    const slow = log(
      ...Array.from({ length: 40 }, () => {
        last = 0.8 * last + rng.next() - 0.5;
        return 100 * Math.exp(0.02 * last);
      }),
    );
    const widthOf = (lag1: number | null): number => {
      const { low = 0, high = 0 } = comparePin(slow, { ...question, lag1 }) ?? {};
      return high - low;
    };
    expect(widthOf(0.7)).toBeGreaterThan(1.5 * widthOf(null));
    // A straight line is no correlation: what is left of it counts, where that is less.
    const line = log(100, 101, 100, 101, 100, 101, 100);
    expect(comparePin(line, { ...question, lag1: 0.7 })).toEqual(comparePin(line, question));
  });

  it('say nothing with too few values, with none after it, or of ranks', () => {
    expect(comparePin(log(100, 101, 100, 101, 100), question)).toBeNull();
    expect(comparePin(log(100, 101, 100, 101, 100, 101), { ...question, at: 5 })).toBeNull();
    expect(comparePin(log(100, 101, 100, 101, 100, 101), { ...question, at: -1 })).toBeNull();
    expect(
      comparePin(
        scaled(
          [0, 1, 2, 3, 4, 5].map((one) => value(one)),
          'log',
        ),
        question,
      ),
    ).toBeNull();
  });
});

describe('the newest night against the last ones', () => {
  const steady = Array.from({ length: 14 }, (_, at) => value(100 + (at % 3)));
  const ask = (newest: NightValue) =>
    compareRecent([...steady, newest], scaled([...steady, newest], 'log'), 20);

  it('is unusual outside of what 95 % of nights are', () => {
    expect(ask(value(101))).toMatchObject({ nights: 14, isUnusual: false });
    expect(ask(value(120))).toMatchObject({ isUnusual: true });
  });

  it('is compared by order where times may be cut off', () => {
    const nights = [...steady.slice(0, 13), value(60_000, true), value(60_000, true)];
    expect(compareRecent(nights, scaled(nights, 'rank'), 20)).toMatchObject({
      ...{ nights: 14, ratio: null, high: null, isUnusual: false },
    });
    const late = [...steady, value(60_000, true)];
    expect(compareRecent(late, scaled(late, 'rank'), 20)).toMatchObject({ ratio: null, isUnusual: true });
  });

  it('is compared with twelve nights at least', () => {
    expect(compareRecent(steady.slice(0, 12), scaled(steady.slice(0, 12), 'log'), 20)).toBeNull();
  });
});

describe('pooled recoveries', () => {
  it('have no median where half did not recover, and name the time that was watched', () => {
    const rounds = [10, 12, 15].map((s) => ({ timeMs: s * 1000, recovered: true }));
    const never = Array.from({ length: 4 }, () => ({ timeMs: 60_000, recovered: false }));
    expect(poolRecoveries([...rounds, ...never], 45_000)).toMatchObject({
      ...{ rounds: 7, recovered: 3, medianMs: null, watchMs: 60_000 },
    });
    expect(poolRecoveries(rounds, 45_000)).toMatchObject({ recovered: 3, medianMs: 12_000, watchMs: 45_000 });
    expect(poolRecoveries([], 45_000)).toBeNull();
  });
});
