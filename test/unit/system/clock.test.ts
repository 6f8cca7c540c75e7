import { describe, expect, it } from 'vitest';
import { ms } from '../../../src/core/units.ts';
import { monotonicClock } from '../../../src/system/monotonic-clock.ts';
import { VirtualClock } from '../../fakes/virtual-clock.ts';

describe('the clocks', () => {
  it('real: stays within 50 ms of the wall clock of this machine', () => {
    expect(Math.abs(monotonicClock.now() - monotonicClock.wall())).toBeLessThan(50);
  });

  it('real: an aborted sleep rejects with the reason of who aborted it, not with an AbortError', async () => {
    const stop = new AbortController();
    const sleeping = monotonicClock.sleep(ms(60_000), stop.signal);
    stop.abort(new Error('Ctrl-C'));
    await expect(sleeping).rejects.toThrow('Ctrl-C');
    await expect(monotonicClock.sleep(ms(1), stop.signal)).rejects.toThrow('Ctrl-C');
  });

  it('virtual: wakes sleepers in the order they are due, at their own instants', async () => {
    const clock = new VirtualClock(1000);
    const woken: string[] = [];
    const sleeper = async (name: string, duration: number) => {
      await clock.sleep(ms(duration));
      woken.push(`${name}@${clock.now()}`);
    };
    const all = Promise.all([sleeper('late', 30), sleeper('early', 10)]);
    await clock.advance(20);
    expect(woken).toEqual(['early@1010']);
    await clock.advance(20);
    await all;
    expect(woken).toEqual(['early@1010', 'late@1030']);
    expect(clock.now()).toBe(1040);
  });

  it('virtual: an aborted sleep rejects with the reason', async () => {
    const clock = new VirtualClock();
    const stop = new AbortController();
    const sleeping = clock.sleep(ms(1000), stop.signal);
    stop.abort(new Error('enough'));
    await expect(sleeping).rejects.toThrow('enough');
  });
});
