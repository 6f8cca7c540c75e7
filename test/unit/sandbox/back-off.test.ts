import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BACK_OFF, BackOff } from '../../../packages/sandbox/src/back-off.ts';

const delays = (lives: readonly number[]): number[] => {
  const backOff = new BackOff();
  return lives.map((lived) => backOff.next(lived));
};

describe('the back-off between restarts', () => {
  it('restarts at once the first time and then doubles from one second to thirty', () => {
    expect(delays([5, 5, 5, 5, 5, 5, 5, 5])).toEqual([0, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });

  it('resets after a minute without a failure', () => {
    expect(delays([5, 5, 5, 60_000, 5, 5])).toEqual([0, 1000, 2000, 0, 1000, 2000]);
    expect(delays([5, 5, 59_999])).toEqual([0, 1000, 2000]);
  });

  it('never waits longer than its cap, and never less than before without a good life', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 2 * BACK_OFF.resetAfterMs }), { maxLength: 40 }),
        (lives) => {
          const waited = delays(lives);
          waited.forEach((delay, index) => {
            expect(delay).toBeLessThanOrEqual(BACK_OFF.capMs);
            if ((lives[index] ?? 0) >= BACK_OFF.resetAfterMs) expect(delay).toBe(0);
            else if (index > 0)
              expect(delay).toBeGreaterThan(Math.min(waited[index - 1] ?? 0, BACK_OFF.capMs - 1));
          });
        },
      ),
    );
  });
});
