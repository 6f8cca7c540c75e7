import { describe, expect, it } from 'vitest';
import type { AbortCondition } from '../../../src/core/objective.ts';
import { us } from '../../../src/core/units.ts';
import { compare, conditionHolds, seenIn } from '../../../src/measure/abort.ts';
import type { Windowed } from '../../../src/measure/live-window.ts';

const window = (more: Partial<Windowed> = {}): Windowed => ({
  ...{ due: 100, started: 100, dropped: 0, bad: 0 },
  quantileUs: () => us(500_000),
  judgedQuantileUs: () => 500_000,
  ...more,
});
const condition = (more: Partial<AbortCondition> = {}): AbortCondition => ({
  ...{ text: 't', flow: 'g', indicator: { kind: 'failed' }, comparison: '>', limit: 0.5, forMs: 5000 },
  ...more,
});

describe('a comparison', () => {
  it.each([
    ['<', [true, false, false]],
    ['<=', [true, true, false]],
    ['>', [false, false, true]],
    ['>=', [false, true, true]],
  ] as const)('%s of 1, 2 and 3 with 2', (comparison, answers) => {
    expect([1, 2, 3].map((value) => compare(value, comparison, 2))).toEqual(answers);
  });
});

describe('an abort condition', () => {
  it('on failures holds above its limit and not at it', () => {
    expect(conditionHolds(condition(), window({ bad: 50 }))).toBe(false);
    expect(conditionHolds(condition(), window({ bad: 51 }))).toBe(true);
    expect(conditionHolds(condition({ comparison: '>=' }), window({ bad: 50 }))).toBe(true);
  });

  it('says nothing of fewer than five arrivals: one failure of two would be 50 %', () => {
    expect(conditionHolds(condition(), window({ due: 4, bad: 4 }))).toBe(false);
    expect(conditionHolds(condition(), window({ due: 5, bad: 5 }))).toBe(true);
  });

  it('on a percentile compares milliseconds, and does not hold without one', () => {
    const indicator = { kind: 'quantile', clock: 'response', quantile: 0.9 } as const;
    const asked: number[] = [];
    const seen = window({
      quantileUs: (quantile) => {
        asked.push(quantile);
        return us(500_000);
      },
    });
    expect(conditionHolds(condition({ indicator, limit: 499.9 }), seen)).toBe(true);
    expect(conditionHolds(condition({ indicator, limit: 500 }), seen)).toBe(false);
    expect(asked).toEqual([0.9, 0.9]);
    const none = window({ quantileUs: () => null });
    expect(conditionHolds(condition({ indicator, limit: -1 }), none)).toBe(false);
  });
});

describe('an indicator over a live window', () => {
  const quantile = { kind: 'quantile', quantile: 0.9 } as const;

  it('has no value without arrivals, and one from the first arrival on', () => {
    expect(seenIn(window({ due: 0, bad: 0 }), { kind: 'failed' })).toBeNull();
    expect(seenIn(window({ due: 0 }), { ...quantile, clock: 'response' })).toBeNull();
    expect(seenIn(window({ due: 1, bad: 1 }), { kind: 'failed' })).toBe(1);
  });

  it('has a value for response times and for none of the clocks that a live window does not hold', () => {
    expect(seenIn(window(), { ...quantile, clock: 'response' })).toBe(500);
    expect(seenIn(window(), { ...quantile, clock: 'service' })).toBeNull();
    expect(seenIn(window(), { kind: 'rate' })).toBeNull();
  });
});
