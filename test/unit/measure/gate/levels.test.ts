import { describe, expect, it } from 'vitest';
import { MOST_GATE_METRICS } from '../../../../src/core/gate.ts';
import { lookLevels } from '../../../../src/measure/gate/early-looks.ts';
import {
  DEFAULT_ALPHA,
  DEFAULT_LEVELS,
  DEFAULT_LOOKS,
  looksOf,
} from '../../../../src/measure/gate/gate-levels.ts';
import { normalCdf, normalQuantile, studentQuantile } from '../../../../src/measure/gate/normal.ts';
import { detectable, pairsNeeded } from '../../../../src/measure/gate/pairs-needed.ts';

describe('the normal distribution', () => {
  it('has the values of the tables', () => {
    expect(normalCdf(0)).toBe(0.5);
    expect(normalCdf(1.959963984540054)).toBeCloseTo(0.975, 14);
    expect(normalCdf(-6)).toBeCloseTo(9.865876450376946e-10, 20);
    expect(normalQuantile(0.999)).toBeCloseTo(3.090232306167813, 10);
  });
});

describe("Student's t", () => {
  it.each([
    [0.95, 1, 6.313751514675043],
    [0.975, 10, 2.2281388519649385],
    [0.99, 15, 2.602480294995493],
    [0.9, 31, 1.3094635494946547],
  ])('stays below its %d quantile with %d degrees of freedom', (probability, freedom, expected) => {
    expect(studentQuantile(probability, freedom)).toBeCloseTo(expected, 8);
  });
});

describe('levels of several looks', () => {
  it('are one level where there is one look', () => {
    expect(lookLevels(0.05, [10])[0]).toBeCloseTo(0.05, 10);
  });

  it('are, for four looks, near those that were simulated for the notes', () => {
    const levels = lookLevels(0.05, [8, 12, 16, 20]);
    for (const [at, expected] of [0.0019, 0.0112, 0.0252, 0.0408].entries())
      expect(Math.abs((levels[at] ?? 0) - expected)).toBeLessThan(0.0005);
  });

  it('fails at a third of the level with three metrics, and passes at all of it', () => {
    const metrics = (['p50', 'p95', 'p99'] as const).map((quantity) => ({ flow: 'shop.order', quantity }));
    const looks = looksOf({ alpha: DEFAULT_ALPHA, looks: DEFAULT_LOOKS, metrics });
    expect(looks.map((one) => one.pairs)).toEqual([16, 24, 32]);
    for (const [at, expected] of [0.0007, 0.0056, 0.0151].entries())
      expect(Math.abs((looks[at]?.failLevel ?? 0) - expected)).toBeLessThan(0.0005);
    for (const [at, expected] of [0.0054, 0.0223, 0.0431].entries())
      expect(Math.abs((looks[at]?.passLevel ?? 0) - expected)).toBeLessThan(0.0005);
  });

  it('are in the table as the method gives them', () => {
    expect(DEFAULT_LEVELS).toHaveLength(MOST_GATE_METRICS);
    for (const [at, row] of DEFAULT_LEVELS.entries()) {
      const worked = lookLevels(DEFAULT_ALPHA / (at + 1), DEFAULT_LOOKS);
      for (const [look, level] of row.entries()) expect(level).toBeCloseTo(worked[look] ?? 0, 6);
    }
  });
});

describe('the size of a gate', () => {
  const one = { allow: 0, find: 0.1, level: 0.05 };

  it.each([
    [0.06, 6],
    [0.11, 14],
    [0.145, 23],
    [0.175, 33],
    [0.2, 42],
    [0.3, 91],
    [0.4, 161],
  ])('is, at a deviation of %d for +10 %% by one metric, %d pairs', (sdPair, pairs) => {
    expect(Math.abs(pairsNeeded(sdPair, one) - pairs)).toBeLessThanOrEqual(1);
  });

  it.each([
    [0.11, 19],
    [0.2, 57],
    [0.4, 218],
  ])('is, at a deviation of %d with three metrics, %d pairs', (sdPair, pairs) => {
    expect(Math.abs(pairsNeeded(sdPair, { ...one, level: 0.05 / 3 }) - pairs)).toBeLessThanOrEqual(2);
  });

  it.each([
    [16, 0.145, 0.12],
    [32, 0.145, 0.08],
    [16, 0.4, 0.36],
    [32, 0.3, 0.17],
  ])('finds with %d pairs at a deviation of %d at least +%d', (pairs, sdPair, found) => {
    expect(Math.abs(detectable(pairs, sdPair, one) - found)).toBeLessThan(0.015);
  });

  it('asks for more where more is allowed', () => {
    expect(pairsNeeded(0.145, { ...one, allow: 0.05 })).toBeGreaterThan(4 * pairsNeeded(0.145, one) * 0.9);
  });

  it('names no number where none within reason would do', () => {
    expect(pairsNeeded(40, one)).toBe(Number.POSITIVE_INFINITY);
  });
});
