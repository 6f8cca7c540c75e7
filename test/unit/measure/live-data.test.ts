import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochMs, ms } from '../../../src/core/units.ts';
import type { ResolvedArrival } from '../../../src/measure/arrival.ts';
import { LiveData } from '../../../src/measure/live-data.ts';
import { Meter } from '../../../src/measure/meter.ts';
import { RunData } from '../../../src/measure/run-data.ts';

const BASE = 1_800_000_000_000;
const at = (seconds: number) => epochMs(BASE + seconds * 1000);
const phase = (from: number, to: number) => ({ name: 'baseline', from: at(from), to: at(to) });

const arrival = (
  seconds: number,
  responseUs: number,
  how: 'ok' | 'http-500' | 'dropped' = 'ok',
): ResolvedArrival => ({
  flow: 'a',
  dueAt: at(seconds),
  kind: how === 'dropped' ? 'dropped' : 'completed',
  latenessUs: how === 'dropped' ? null : 0,
  serviceUs: how === 'dropped' ? null : responseUs,
  connectUs: null,
  responseUs,
  outcome: how,
});

function flushed(...arrivals: readonly ResolvedArrival[]) {
  const meter = new Meter();
  for (const one of arrivals) {
    meter.due('a', one.dueAt, one.kind === 'dropped' ? 'dropped' : 'started');
    meter.resolved(one);
  }
  return meter.flush();
}

describe('live data', () => {
  it('answers within its retention exactly as the whole run does from the disk, in whatever pieces it came', () => {
    const some = fc.record({
      seconds: fc.integer({ min: 0, max: 1999 }).map((one) => one / 100),
      responseUs: fc.integer({ min: 1, max: 5_000_000 }),
      how: fc.constantFrom('ok', 'ok', 'ok', 'http-500', 'dropped'),
    });
    fc.assert(
      fc.property(fc.array(fc.array(some, { maxLength: 30 }), { maxLength: 8 }), (pieces) => {
        const [live, whole] = [new LiveData(ms(20_000)), new RunData()];
        for (const piece of pieces) {
          const increments = flushed(
            ...piece.map((one) =>
              arrival(one.seconds, one.responseUs, one.how as 'ok' | 'http-500' | 'dropped'),
            ),
          );
          live.add(increments);
          whole.add(increments);
        }
        const expected = whole.flowPhase('a', phase(2, 17));
        const { p99 } = expected.responseMs;
        expect(live.steady('a', phase(2, 17))).toEqual({
          due: expected.due,
          failed: expected.failed,
          dropped: expected.dropped,
          p99Us: p99 === null ? null : Math.round(p99 * 1000),
        });
        expect(live.slices('a', at(3), at(18))).toEqual(whole.slices('a', at(3), at(18)));
      }),
      { numRuns: 200 },
    );
  });

  it('keeps as much after an hour as after a minute', () => {
    const live = new LiveData(ms(20_000));
    const afterMinute: number[] = [];
    for (let second = 0; second < 3600; second += 1) {
      live.add(flushed(arrival(second + 0.25, 1000), arrival(second + 0.75, 2000, 'dropped')));
      if (second === 59) afterMinute.push(live.kept);
    }
    expect([live.kept]).toEqual(afterMinute);
    expect(live.kept).toBe(21 + 42);
  });

  it('keeps the slices of a fault for as long as they are held, and forgets them with the next flush after', () => {
    const live = new LiveData(ms(20_000));
    live.add(flushed(arrival(0, 1000)));
    const forget = live.hold(at(10));
    for (let second = 1; second < 600; second += 1) live.add(flushed(arrival(second, 1000)));
    expect(live.slices('a', at(10), at(600)).length).toBe(590);
    forget();
    live.add(flushed(arrival(600, 1000)));
    expect(live.slices('a', at(580), at(601)).length).toBe(21);
    expect(() => live.slices('a', at(579), at(601))).toThrow(
      'live data: expected nothing before 2027-01-15T08:09:40.000Z, which is no longer kept, got 2027-01-15T08:09:39.000Z',
    );
  });

  it('leaves out an answer that came after its second was forgotten, and refuses to speak of that second', () => {
    const live = new LiveData(ms(20_000));
    live.add(flushed(arrival(100, 1000)));
    live.add(flushed(arrival(70, 9_000_000, 'http-500')));
    expect(live.kept).toBe(2);
    expect(() => live.steady('a', phase(70, 80))).toThrow('which is no longer kept');
  });

  it('knows nothing of a flow without arrivals', () => {
    const live = new LiveData(ms(1000));
    expect(live.steady('none', phase(0, 1))).toEqual({ due: 0, failed: 0, dropped: 0, p99Us: null });
    expect(live.slices('none', at(0), at(1))).toEqual([]);
  });
});
