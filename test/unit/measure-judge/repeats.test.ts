import { describe, expect, it } from 'vitest';
import { nameInRound } from '../../../src/core/fault-steps.ts';
import type { Recovery } from '../../../src/core/result.ts';
import { repeatedRecoveries } from '../../../src/measure/repeats.ts';
import { fault, recovery } from './facts.ts';

const rounds = (...recoveries: Partial<Recovery>[]) =>
  recoveries.map((one, index) =>
    fault({ name: nameInRound('kill-pod', index + 1), recovery: { 'g failed': recovery(one) } }),
  );
const seconds = (...values: number[]) => values.map((value) => ({ sinceInjectedMs: value * 1000 }));

describe('the rounds of a repeated fault', () => {
  it('say nothing together when there is only one', () => {
    expect(repeatedRecoveries(rounds(...seconds(8)))).toEqual([]);
  });

  it('give no median from five, and the least and the greatest as its interval from six', () => {
    expect(repeatedRecoveries(rounds(...seconds(1, 2, 3, 4, 5)))[0]).toMatchObject({
      rounds: 5,
      medianMs: null,
      medianIntervalMs: null,
      roundsForMedian: 6,
      worstMs: 5000,
    });
    expect(repeatedRecoveries(rounds(...seconds(6, 1, 2, 3, 4, 5)))[0]).toMatchObject({
      timesMs: [6000, 1000, 2000, 3000, 4000, 5000],
      medianMs: 3500,
      medianIntervalMs: [1000, 6000],
      p95UpperMs: null,
      roundsForP95: 59,
    });
  });

  it('keep a round that was not back with its lower bound, and count it', () => {
    const [one] = repeatedRecoveries(
      rounds(...seconds(1, 2), { status: 'censored', sinceInjectedMs: 60_000 }),
    );
    expect(one).toMatchObject({ rounds: 3, censored: 1, worstMs: 60_000 });
  });

  it('count a round that never degraded as back at once', () => {
    const [one] = repeatedRecoveries(
      rounds(...seconds(1), { status: 'never-degraded', sinceInjectedMs: null }),
    );
    expect(one).toMatchObject({ rounds: 2, timesMs: [1000, 0] });
  });

  it('leave out a round that was not injected', () => {
    const [first, second] = rounds(...seconds(1, 2, 3));
    if (!first || !second) throw new Error('no rounds');
    const faults = [first, { ...second, status: 'not-injected' as const }, ...rounds(...seconds(3))];
    expect(repeatedRecoveries(faults)[0]).toMatchObject({ rounds: 2, timesMs: [1000, 3000] });
  });
});
