import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LEAST_RATE, type RateLevel } from '../../../src/core/rate-search.ts';
import { isSearchOver, judgeLevel, levelsFor, rateFound } from '../../../src/measure/carried-rate.ts';

const LEVELS = [0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1, 1.25, 1.6, 2];
const COUNT = LEVELS.length;

const flow = { due: 100, bad: 0, p95Ms: 40, timeLimitMs: 5000 };
const missedOf = (over: Partial<typeof flow>, cpu = 0.4): string | null =>
  judgeLevel(0.5, [flow, { ...flow, ...over }], cpu, 2).missed;

const level = (index: number, missed: string | null = null): RateLevel => ({
  share: LEVELS[index] ?? 0,
  dueRate: 10,
  badRatio: 0,
  p95Ms: 20,
  cpuBusyRatio: 0.3,
  missed,
});
/** All that hold up to one, and two that do not. */
const climbed = (held: number): RateLevel[] => [
  ...LEVELS.slice(0, held).map((_, index) => level(index)),
  ...(held < LEVELS.length ? [level(held, 'P95 was 900 ms, above 500 ms')] : []),
  ...(held + 1 < LEVELS.length ? [level(held + 1, '100 % of the arrivals failed')] : []),
];
const CEILINGS = new Map([
  ['web', 100],
  ['orders', 50],
]);

describe('a level of the climb', () => {
  it('holds when nearly all are good and fast, however busy this machine is', () => {
    expect(missedOf({})).toBeNull();
    expect(missedOf({ bad: 4 })).toBeNull();
    expect(missedOf({}, 1)).toBeNull();
  });

  it.each([
    [{ bad: 100 }, 0.4, '50 % of the arrivals failed'],
    [{ p95Ms: 501 }, 0.4, 'P95 was 501 ms, above 500 ms'],
  ] as const)('says why it does not hold: %j', (over, cpu, words) => {
    expect(missedOf(over, cpu)).toBe(words);
  });

  it('does not hold when nothing was due', () => {
    expect(judgeLevel(0.1, [{ ...flow, due: 0, p95Ms: null }], 0.1, 2).missed).toBe('nothing was due');
  });
});

describe('the levels of the climb', () => {
  it('begin where half is still a run, and end where half is the ceiling', () => {
    expect(levelsFor(100).map((share) => Number(share.toFixed(2)))).toEqual([
      0.2, 0.26, 0.33, 0.43, 0.56, 0.72, 0.93, 1.2, 1.55, 2,
    ]);
    expect(levelsFor(10)).toEqual([2]);
  });

  it('are at most twelve, in equal ratios, whatever the ceiling', () => {
    fc.assert(
      fc.property(fc.double({ min: 10.1, max: 1e6, noNaN: true }), (ceiling) => {
        const levels = levelsFor(ceiling);
        expect(levels.length).toBeLessThanOrEqual(12);
        expect(levels.at(-1)).toBeCloseTo(2, 9);
        if (levels.length === 1) return;
        expect((levels[0] ?? 0) * ceiling).toBeCloseTo(2 * LEAST_RATE, 6);
        const ratios = levels.slice(1).map((share, index) => share / (levels[index] ?? 1));
        for (const one of ratios) expect(one).toBeCloseTo(ratios[0] ?? 0, 9);
      }),
    );
  });
});

describe('the end of the climb', () => {
  it('comes after two misses in a row or the last level, and one miss is forgiven when the next holds', () => {
    expect(isSearchOver([level(0), level(1, 'slow')], COUNT)).toBe(false);
    expect(isSearchOver([level(0), level(1, 'slow'), level(2)], COUNT)).toBe(false);
    expect(isSearchOver([level(0), level(1, 'slow'), level(2, 'slow')], COUNT)).toBe(true);
    expect(isSearchOver(climbed(COUNT), COUNT)).toBe(true);
  });
});

describe('a machine that is full', () => {
  const full = (index: number): RateLevel => ({ ...level(index), cpuBusyRatio: 0.99 });

  it('ends the climb after three levels, the last of which held', () => {
    const levels = [level(0), full(1), full(2)];
    expect(isSearchOver(levels, COUNT)).toBe(false);
    expect(isSearchOver([...levels, full(3)], COUNT)).toBe(true);
    expect(rateFound([...levels, full(3)], CEILINGS)).toMatchObject({
      share: 0.25,
      why: 'web 25/s + orders 12.5/s: half of what held (web 50/s + orders 25/s; there the CPUs of this machine were 99 % busy)',
    });
  });
});

describe('the rate that is found', () => {
  it('is half of what held, with the reason', () => {
    expect(rateFound(climbed(4), CEILINGS)).toMatchObject({
      carriedShare: 0.5,
      share: 0.25,
      why: 'web 25/s + orders 12.5/s: half of what held (web 50/s + orders 25/s; at the next, P95 was 900 ms, above 500 ms)',
    });
  });

  it('is never above the ceiling', () => {
    expect(rateFound(climbed(LEVELS.length), CEILINGS)).toMatchObject({
      share: 1,
      why: 'web 100/s + orders 50/s: the ceiling, at most half of what held (web 200/s + orders 100/s)',
    });
  });

  it('is none below 10/s of the largest, and says what was missed', () => {
    expect(rateFound(climbed(0), new Map([['web', 30]]))).toMatchObject({
      share: 0,
      why: 'no rate held (at the next, P95 was 900 ms, above 500 ms); a run needs twice 10/s',
    });
    expect(rateFound(climbed(0), CEILINGS).why).toBe(
      'no rate held (at the next, P95 was 900 ms, above 500 ms); a run needs twice 10/s',
    );
  });

  it('is at most half of a level that held, at most the ceiling, and 0 or enough, whatever was seen', () => {
    const word = fc.option(fc.constant('slow'), { nil: null });
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: LEVELS.length }),
        fc.integer({ min: 1, max: 1000 }),
        (seen, ceiling) => {
          const levels = seen.map((missed, index) => level(index, missed));
          const { share, carriedShare } = rateFound(levels, new Map([['web', ceiling]]));
          expect(share).toBeLessThanOrEqual(Math.min(1, carriedShare / 2));
          expect(share === 0 || share * ceiling >= LEAST_RATE).toBe(true);
          if (carriedShare > 0)
            expect(levels.some((one) => one.share === carriedShare && one.missed === null)).toBe(true);
        },
      ),
    );
  });
});
