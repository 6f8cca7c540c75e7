import { describe, expect, it } from 'vitest';
import { LoopStalls } from '../../../src/system/loop-stalls.ts';

describe('stalls of our own event loop', () => {
  /** Beats at these instants; the loop ran freely where they are 20 ms apart. */
  const beaten = (...at: readonly number[]) => {
    let now = 0;
    const stalls = new LoopStalls(() => now);
    for (const instant of at) {
      now = instant;
      stalls.beat();
    }
    const moveTo = (instant: number): void => {
      now = instant;
    };
    return { stalls, moveTo };
  };

  it('are what a beat is late by, where they meet the span', () => {
    const { stalls } = beaten(20, 40, 140, 160);
    expect(stalls.within(0, 200)).toBe(80);
    expect(stalls.within(100, 200)).toBe(40);
    expect(stalls.within(60, 70)).toBe(10);
    expect(stalls.within(140, 200)).toBe(0);
  });

  it('do not begin with a timer that is some milliseconds late, as all are', () => {
    expect(beaten(25, 50, 79).stalls.within(0, 100)).toBe(0);
    expect(beaten(25, 50, 80).stalls.within(0, 100)).toBe(10);
  });

  it('are known before the beat that ends them: an answer may be read first', () => {
    const { stalls, moveTo } = beaten(20, 40);
    moveTo(69);
    expect(stalls.within(0, 69)).toBe(0);
    moveTo(160);
    expect(stalls.within(50, 160)).toBe(100);
    stalls.beat();
    expect(stalls.within(50, 160)).toBe(100);
  });

  it('are forgotten after ten seconds', () => {
    const { stalls, moveTo } = beaten(20, 140);
    moveTo(10_141);
    stalls.beat();
    expect(stalls.within(0, 150)).toBe(0);
  });

  it('are seen in a process that is kept busy', async () => {
    const stalls = new LoopStalls(() => performance.now()).start();
    await new Promise((resolve) => setTimeout(resolve, 45));
    const from = performance.now();
    while (performance.now() - from < 120);
    const to = performance.now();
    expect(stalls.within(from, to)).toBeGreaterThanOrEqual(90);
    stalls.stop();
  });
});
