import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Alarm, AlarmClock } from '../../../packages/link-proxy/src/alarm-clock.ts';

describe('the clock that wakes lanes', () => {
  let clock: AlarmClock;
  beforeEach(async () => {
    clock = new AlarmClock();
    await clock.start();
  });
  afterEach(() => clock.close());

  it('wakes each alarm once, in the order of their instants and never before, whatever order they were set in', async () => {
    const from = performance.now();
    const wanted = [9.25, 3.75, 20.125, 3.5, 0.5, 9.25, 14].map((ms) => from + ms);
    const woken: { readonly at: number; readonly now: number }[] = [];
    await Promise.all(
      wanted.map(
        (at) =>
          new Promise<void>((resolve) => {
            const alarm = new Alarm(clock, () => {
              woken.push({ at, now: performance.now() });
              resolve();
            });
            alarm.set(at);
          }),
      ),
    );
    expect(woken.map(({ at }) => at)).toEqual([...wanted].sort((a, b) => a - b));
    expect(woken.filter(({ at, now }) => now < at)).toEqual([]);
  });

  it('wakes no lane whose alarm was cleared, and one with a new alarm at its new instant', async () => {
    const woken: string[] = [];
    const cleared = new Alarm(clock, () => woken.push('cleared'));
    const from = performance.now();
    cleared.set(from + 2);
    await new Promise<void>((resolve) => {
      const moved = new Alarm(clock, () => {
        woken.push('moved');
        resolve();
      });
      moved.set(from + 3);
      moved.set(from + 12);
      cleared.clear();
    });
    expect(woken).toEqual(['moved']);
    expect(performance.now()).toBeGreaterThanOrEqual(from + 12);
  });

  it('lets a woken lane clear another alarm that is due and set its own again', async () => {
    const woken: string[] = [];
    const at = performance.now() + 2;
    await new Promise<void>((resolve) => {
      const other = new Alarm(clock, () => woken.push('other'));
      const again = new Alarm(clock, () => {
        woken.push('again');
        other.clear();
        if (woken.length === 2) resolve();
        else again.set(performance.now() + 1);
      });
      again.set(at);
      other.set(at);
    });
    expect(woken).toEqual(['again', 'again']);
  });

  it('wakes for an instant that is past', async () => {
    await new Promise<void>((resolve) => new Alarm(clock, resolve).set(0));
  });
});
