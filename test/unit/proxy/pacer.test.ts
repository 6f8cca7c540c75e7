import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pacer } from '../../../packages/link-proxy/src/pacer.ts';

const bits = fc.integer({ min: 8_000, max: 100_000_000 });

describe('the serial line of a throttle', () => {
  it('lets the last byte leave when all bytes before it have taken their time', () => {
    const pacer = new Pacer(8000);
    expect(pacer.reserve(100, 1000)).toBe(1100);
    expect(pacer.reserve(50, 1000)).toBe(1150);
  });

  it('saves up nothing while it is idle', () => {
    const pacer = new Pacer(8000);
    pacer.reserve(100, 0);
    expect(pacer.reserve(100, 10_000)).toBe(10_100);
  });

  it('never passes more than the rate over any stretch, whoever reserves and whenever', () => {
    const requests = fc.array(
      fc.record({ bytes: fc.integer({ min: 1, max: 5000 }), gapMs: fc.integer({ min: 0, max: 20 }) }),
      { minLength: 2, maxLength: 60 },
    );
    fc.assert(
      fc.property(bits, requests, (rate, list) => {
        const pacer = new Pacer(rate);
        let now = 0;
        const left = list.map(({ bytes, gapMs }) => {
          now += gapMs;
          return { bytes, at: pacer.reserve(bytes, now) };
        });
        for (const [from, first] of left.entries()) {
          const later = left.slice(from + 1);
          const bytes = later.reduce((sum, one) => sum + one.bytes, 0);
          const spanMs = (later.at(-1)?.at ?? first.at) - first.at;
          expect(bytes).toBeLessThanOrEqual(spanMs * pacer.bytesPerMs * 1.000001 + 1e-6);
        }
      }),
    );
  });

  it('loses no throughput to late timers: a slice is ready when the one before it left, not when the timer fired', () => {
    fc.assert(
      fc.property(bits, fc.integer({ min: 1, max: 500 }), (rate, slices) => {
        const pacer = new Pacer(rate);
        let releasedAt = 0;
        for (let slice = 0; slice < slices; slice += 1) {
          releasedAt = pacer.reserve(pacer.sliceBytes, releasedAt);
        }
        expect(releasedAt).toBeCloseTo((slices * pacer.sliceBytes) / pacer.bytesPerMs, 3);
      }),
    );
  });

  it('cuts slices of 5 ms, at least 128 bytes and at most 64 KiB', () => {
    expect(new Pacer(256_000).sliceBytes).toBe(160);
    expect(new Pacer(1000).sliceBytes).toBe(128);
    expect(new Pacer(1e9).sliceBytes).toBe(65_536);
  });
});
