import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../../src/core/rng.ts';
import { changePoints } from '../../../../src/measure/trend/change-points.ts';
import { bestCut } from '../../../../src/measure/trend/energy.ts';
import { judgeTrend } from '../../../../src/measure/trend/judge-trend.ts';

const rng = seededRng(31);
const normal = (): number => Math.sqrt(-2 * Math.log(1 - rng.next())) * Math.cos(2 * Math.PI * rng.next());
const nights = (count: number, sd: number, shift: (night: number) => number = () => 0): number[] =>
  Array.from({ length: count }, (_, night) => shift(night) + sd * normal());
const share = (rounds: number, holds: () => boolean): number => {
  let held = 0;
  for (let round = 0; round < rounds; round += 1) if (holds()) held += 1;
  return held / rounds;
};

describe('bestCut', () => {
  it('finds a step, and the same energy as the sums written out', () => {
    const values = [1, 2, 1.5, 1.2, 9, 8, 9.5, 8.8];
    const cut = bestCut(values, 2);
    const mean = (xs: readonly number[], ys: readonly number[]): number =>
      xs.flatMap((x) => ys.map((y) => Math.abs(x - y))).reduce((sum, one) => sum + one, 0);
    const [x, y] = [values.slice(0, 4), values.slice(4)];
    const energy = ((4 * 4) / 8) * ((2 * mean(x, y)) / 16 - mean(x, x) / 2 / 6 - mean(y, y) / 2 / 6);
    expect(cut?.at).toBe(4);
    expect(cut?.energy).toBeCloseTo(energy, 10);
  });

  it('finds none where a side would be too short', () => {
    expect(bestCut([1, 5, 1], 2)).toBeNull();
  });
});

describe('judgeTrend', () => {
  it('has too little history below twelve nights', () => {
    expect(judgeTrend(nights(11, 0.1), rng)).toEqual({ state: 'insufficient', nights: 11 });
  });

  it('suspects a step of 22 % within ten nights and dates it within two, in at least 85 % of series', () => {
    const found = share(200, () => {
      const series = nights(40, 0.1, (night) => (night < 30 ? 0 : Math.log(1.22)));
      for (let night = 33; night <= 40; night += 1)
        if (changePoints(series.slice(0, night), rng).some((one) => Math.abs(one.at - 30) <= 2)) return true;
      return false;
    });
    console.log(`step found in ${(found * 100).toFixed(0)} %`);
    expect(found).toBeGreaterThanOrEqual(0.85);
  });

  const everConfirmed = (series: readonly number[]): boolean => {
    for (let night = 12; night <= series.length; night += 4)
      if (judgeTrend(series.slice(0, night), rng).state === 'confirmed') return true;
    return false;
  };

  it('confirms a change in at most 10 % of steady series over their life', () => {
    const confirmed = share(200, () => everConfirmed(nights(60, 0.1)));
    console.log(`steady: ${(confirmed * 100).toFixed(0)} % confirmed`);
    expect(confirmed).toBeLessThanOrEqual(0.1);
  });

  it('confirms a change in at most 12 % of steady series with wild nights', () => {
    const confirmed = share(200, () =>
      everConfirmed(
        nights(60, 0.1).map((one) => (rng.next() < 0.05 ? one + 0.1 * (3 + 5 * rng.next()) : one)),
      ),
    );
    console.log(`spikes: ${(confirmed * 100).toFixed(0)} % confirmed`);
    expect(confirmed).toBeLessThanOrEqual(0.12);
  });

  it('refuses to test nights that depend on one another, in at least 80 % of such series', () => {
    const refused = share(200, () => {
      let last = normal();
      const series = Array.from({ length: 60 }, () => {
        last = 0.5 * last + Math.sqrt(0.75) * normal();
        return 0.1 * last;
      });
      return judgeTrend(series, rng).state === 'not-testable';
    });
    console.log(`AR(1) 0.5: ${(refused * 100).toFixed(0)} % not testable`);
    expect(refused).toBeGreaterThanOrEqual(0.8);
  });

  it('tells an improvement as it tells a regression', () => {
    const series = nights(40, 0.02, (night) => (night < 20 ? 0 : -0.3));
    const trend = judgeTrend(series, rng);
    expect(trend.state).toBe('confirmed');
    expect('changes' in trend && trend.changes[0]?.shift).toBeLessThan(-0.25);
  });
});
