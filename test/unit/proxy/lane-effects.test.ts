import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { activate, CLEAR, compose } from '../../../packages/link-proxy/src/lane-effects.ts';

describe('the effects of impairments on a lane', () => {
  it('is the very same clear object without impairments, which the fast path asks for', () => {
    expect(compose([], 'upstream')).toBe(CLEAR);
  });

  it('adds latency once per round trip, on the way to the server', () => {
    const active = [activate({ kind: 'throttle', latencyMs: 40 })];
    expect(compose(active, 'upstream').delayMs()).toBe(40);
    expect(compose(active, 'downstream').delayMs()).toBe(0);
  });

  it('adds up the latencies of several impairments, keeps every line, and one cut is enough', () => {
    const active = [
      activate({ kind: 'throttle', latencyMs: 40, bitsPerSecond: 1e6 }),
      activate({ kind: 'throttle', latencyMs: 2, bitsPerSecond: 8000 }),
    ];
    const effects = compose(active, 'upstream');
    expect(effects.delayMs()).toBe(42);
    expect(effects.pacers.map((pacer) => pacer.bytesPerMs)).toEqual([125, 1]);
    expect(effects.cut).toBe(false);
    expect(compose([...active, activate({ kind: 'cut' })], 'downstream').cut).toBe(true);
  });

  it('cuts both directions, or the one that is named', () => {
    const cuts = (direction?: 'to-server' | 'to-client') => {
      const active = [activate({ kind: 'cut', ...(direction && { direction }) })];
      return [compose(active, 'upstream').cut, compose(active, 'downstream').cut];
    };
    expect([cuts(), cuts('to-server'), cuts('to-client')]).toEqual([
      [true, true],
      [true, false],
      [false, true],
    ]);
  });

  it('has one line per direction that every lane of every link shares', () => {
    const active = [activate({ kind: 'throttle', bitsPerSecond: 8000 })];
    const [one, two] = [compose(active, 'upstream').pacers[0], compose(active, 'upstream').pacers[0]];
    expect(one).toBe(two);
    expect(compose(active, 'downstream').pacers[0]).not.toBe(one);
  });

  it('draws jitter uniformly around the latency, the same for the same seed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (seed) => {
        const effect = { kind: 'throttle', latencyMs: 40, jitterMs: 10, seed } as const;
        const draw = (): number[] => {
          const effects = compose([activate(effect)], 'upstream');
          return Array.from({ length: 400 }, () => effects.delayMs());
        };
        const delays = draw();
        expect(draw()).toEqual(delays);
        expect(Math.min(...delays)).toBeGreaterThanOrEqual(30);
        expect(Math.max(...delays)).toBeLessThanOrEqual(50);
        // Standard error of the mean is 10/√3/√400 = 0.29 ms.
        expect(delays.reduce((sum, one) => sum + one, 0) / 400).toBeCloseTo(40, -0.5);
      }),
      { numRuns: 20 },
    );
  });

  it('lets as much wait as latency × bandwidth needs, and never more than 16 MiB', () => {
    const limit = (bitsPerSecond: number | undefined, latencyMs: number): number =>
      compose(
        [
          activate({
            kind: 'throttle',
            latencyMs,
            ...(bitsPerSecond === undefined ? {} : { bitsPerSecond }),
          }),
        ],
        'upstream',
      ).queueLimitBytes;
    expect(limit(256_000, 40)).toBe(65_536);
    expect(limit(100e6, 100)).toBe(12_500 * 150);
    expect(limit(undefined, 40)).toBe(125_000 * 90);
    expect(limit(undefined, 10_000)).toBe(16 * 1024 * 1024);
  });
});
