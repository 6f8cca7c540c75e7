import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochMs, ms } from '../../../../src/core/units.ts';
import { measureClock, sayOffset } from '../../../../src/kube/client/clock-offset.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';

/** A server that is off by so much and answers after so long; it reads its clock somewhere in between. */
function server(clock: VirtualClock, offsetMs: number, tookMs: number, share = 0.5) {
  const ask = async () => {
    const sentAt = clock.now();
    const read = sentAt + tookMs * share + offsetMs;
    await clock.sleep(ms(tookMs));
    return { sentAt, answeredAt: clock.now(), date: epochMs(Math.floor(read / 1000) * 1000) };
  };
  return { ask };
}

describe('the offset of a server whose clock shows whole seconds', () => {
  it('lies in the interval that is told, whatever the offset, the round trip and its two ways', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: -90_000, max: 90_000 }),
        fc.integer({ min: 0, max: 300 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (offsetMs, tookMs, share) => {
          const clock = new VirtualClock();
          const started = clock.now();
          let doneAt = started;
          const found = measureClock(server(clock, offsetMs, tookMs, share).ask, clock).finally(() => {
            doneAt = clock.now();
          });
          await clock.advance(60_000);
          const { offsetMs: middle, boundMs } = (await found) ?? { offsetMs: Number.NaN, boundMs: 0 };
          expect(Math.abs(middle - offsetMs)).toBeLessThanOrEqual(boundMs + 1e-6);
          expect(boundMs).toBeLessThanOrEqual(tookMs + 5);
          expect(doneAt - started).toBeLessThanOrEqual(4200 + 31 * tookMs);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is not known from a server that sends no Date, or whose clock is stepped meanwhile', async () => {
    const clock = new VirtualClock();
    const at = () => ({ sentAt: clock.now(), answeredAt: clock.now() });
    expect(await measureClock(async () => ({ ...at(), date: null }), clock)).toBeNull();
    let step = 0;
    const stepped = async () => {
      step += 5000;
      return { ...at(), date: epochMs(clock.now() + step) };
    };
    const found = measureClock(stepped, clock);
    await clock.advance(60_000);
    expect(await found).toBeNull();
  });

  it('is said with its side and its bound, the bound rounded up', () => {
    expect(sayOffset({ offsetMs: 12.4, boundMs: 3.2 })).toBe('12 ms ± 4 ms ahead of ours');
    expect(sayOffset({ offsetMs: -700, boundMs: 1 })).toBe('700 ms ± 1 ms behind ours');
  });
});
