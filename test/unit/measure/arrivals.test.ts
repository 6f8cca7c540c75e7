import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EpochMs, perSecond } from '../../../src/core/units.ts';
import type { ArrivalSink, ResolvedArrival } from '../../../src/measure/arrival.ts';
import { ArrivalMatcher, FIT_NS } from '../../../src/measure/arrivals.ts';
import { ticksOf } from '../../../src/measure/schedule.ts';

const BASE_MS = 1_800_000_000_000;
const MS = 1e6;

class Collected implements ArrivalSink {
  readonly dues: { at: number; how: string }[] = [];
  readonly arrivals: ResolvedArrival[] = [];

  due(_flow: string, dueAt: EpochMs, how: 'started' | 'dropped'): void {
    this.dues.push({ at: dueAt - BASE_MS, how });
  }

  resolved(arrival: ResolvedArrival): void {
    this.arrivals.push(arrival);
  }
}

/** A matcher of 100/s (one tick in 10 ms) whose schedule starts 1 s after the base. */
function at100() {
  const sink = new Collected();
  const matcher = new ArrivalMatcher('a', ticksOf({ startRate: perSecond(100), stages: [] }), sink, BASE_MS);
  const tick = (rank: number): number => 1000 * MS + rank * 10 * MS;
  return { sink, matcher, tick };
}

/** Fills the time of the fit with arrivals that are on time and answered after 2 ms; returns the next rank. */
function onTime(env: ReturnType<typeof at100>, count = 310): number {
  for (let rank = 0; rank < count; rank += 1) {
    env.matcher.started(env.tick(rank), 1);
    env.matcher.answered(1, 2000, 'ok');
  }
  return count;
}

describe('matching arrivals to ticks by rank', () => {
  it('gives an arrival that hit a connection closed for idling no service time: the system never had it', () => {
    const env = at100();
    const rank = onTime(env);
    env.matcher.started(env.tick(rank) + MS, 1);
    env.matcher.answered(1, 400, 'stale-connection');
    env.matcher.advance(env.tick(rank) + FIT_NS);
    expect(env.sink.arrivals.at(-1)).toMatchObject({ kind: 'stale', latenessUs: 1000, serviceUs: null });
  });

  it('keeps everything back until the start of the schedule is fixed, 3 s after the first arrival', () => {
    const env = at100();
    onTime(env, 200);
    env.matcher.advance(env.tick(0) + FIT_NS - 1);
    expect(env.sink.dues).toEqual([]);
    expect(env.matcher.settledUntil()).toBe(Number.NEGATIVE_INFINITY);
    env.matcher.advance(env.tick(0) + FIT_NS);
    expect(env.sink.dues).toHaveLength(200);
    expect(env.sink.arrivals[7]).toEqual({
      flow: 'a',
      dueAt: BASE_MS + 1070,
      kind: 'completed',
      latenessUs: 0,
      serviceUs: 2000,
      connectUs: null,
      responseUs: 2000,
      outcome: 'ok',
    });
  });

  it('gives a late start the tick it was due at, so that response is lateness and service', () => {
    const env = at100();
    const rank = onTime(env);
    env.matcher.started(env.tick(rank) + 37 * MS, 2);
    env.matcher.answered(2, 5000, 'ok');
    env.matcher.advance(Number.POSITIVE_INFINITY);
    expect(env.sink.arrivals.at(-1)).toMatchObject({
      latenessUs: 37_000,
      serviceUs: 5000,
      responseUs: 42_000,
    });
  });

  it('counts a drop as a tick: the starts after it keep their own due times', () => {
    const env = at100();
    const rank = onTime(env);
    env.matcher.dropped(env.tick(rank));
    env.matcher.dropped(env.tick(rank + 1));
    env.matcher.started(env.tick(rank + 2) + 1 * MS, 1);
    env.matcher.answered(1, 2000, 'ok');
    env.matcher.advance(Number.POSITIVE_INFINITY);
    const [first, second, start] = env.sink.arrivals.slice(-3);
    // A VU was free at the latest when the next one started: 21 ms and 11 ms after they were due.
    expect(first).toMatchObject({ kind: 'dropped', responseUs: 21_000, latenessUs: null, serviceUs: null });
    expect(second).toMatchObject({ kind: 'dropped', responseUs: 11_000, outcome: 'dropped' });
    expect(start).toMatchObject({ kind: 'completed', latenessUs: 1000 });
  });

  it('bounds drops that no start follows by the end of the run', () => {
    const env = at100();
    const rank = onTime(env);
    env.matcher.dropped(env.tick(rank));
    env.matcher.finish(env.tick(rank) + 500 * MS);
    expect(env.sink.arrivals.at(-1)).toMatchObject({ kind: 'dropped', responseUs: 500_000 });
  });

  it('takes a start without an answer as interrupted, at the end or when its VU starts anew', () => {
    const env = at100();
    const rank = onTime(env);
    env.matcher.started(env.tick(rank), 2);
    env.matcher.started(env.tick(rank + 1), 2);
    env.matcher.advance(Number.POSITIVE_INFINITY);
    expect(env.sink.arrivals.at(-1)).toMatchObject({
      kind: 'interrupted',
      responseUs: 10_000,
      serviceUs: null,
    });
    env.matcher.finish(env.tick(rank + 1) + 70 * MS);
    expect(env.sink.arrivals.at(-1)).toMatchObject({
      kind: 'interrupted',
      responseUs: 70_000,
      latenessUs: 0,
    });
  });

  it('adds a connection that was set up after the start to the service time', () => {
    const env = at100();
    const rank = onTime(env);
    env.matcher.started(env.tick(rank), 3);
    env.matcher.connected(3, 800);
    env.matcher.answered(3, 2000, 'ok');
    env.matcher.connected(3, 900);
    env.matcher.advance(Number.POSITIVE_INFINITY);
    expect(env.sink.arrivals.at(-1)).toMatchObject({ serviceUs: 2800, connectUs: 800 });
  });

  it('hands on the steps of an iteration that was answered, and those of one that was interrupted on its way', () => {
    const env = at100();
    const rank = onTime(env);
    env.matcher.stepped(9, 1, 'of nobody');
    env.matcher.started(env.tick(rank), 3);
    env.matcher.stepped(3, 1500, 'post');
    env.matcher.stepped(3, 500, 'read');
    env.matcher.answered(3, 2000, 'ok');
    env.matcher.started(env.tick(rank + 1), 4);
    env.matcher.stepped(4, 700, 'post');
    env.matcher.finish(env.tick(rank + 1) + 70 * MS);
    const post = { name: 'post', serviceUs: 1500 };
    expect(env.sink.arrivals.slice(-2)).toMatchObject([
      { kind: 'completed', serviceUs: 2000, steps: [post, { name: 'read', serviceUs: 500 }] },
      { kind: 'interrupted', serviceUs: null, steps: [{ name: 'post', serviceUs: 700 }] },
    ]);
    expect(env.sink.arrivals[0]).not.toHaveProperty('steps');
  });

  it('tells an answer of NaN from no answer', () => {
    const env = at100();
    const rank = onTime(env);
    env.matcher.started(env.tick(rank), 3);
    env.matcher.answered(3, Number.NaN, 'ok');
    env.matcher.finish(env.tick(rank + 1));
    expect(env.sink.arrivals.at(-1)).toMatchObject({ kind: 'completed', serviceUs: Number.NaN });
  });

  it('is settled up to the next tick or the watermark, and not past an arrival without an end', () => {
    const env = at100();
    const rank = onTime(env);
    env.matcher.advance(env.tick(rank - 1) + 3 * MS);
    expect(env.matcher.settledUntil()).toBe(BASE_MS + 1000 + (rank - 1) * 10 + 3);
    env.matcher.advance(env.tick(rank) + 5 * MS);
    expect(env.matcher.settledUntil()).toBe(BASE_MS + 1000 + rank * 10);
    env.matcher.started(env.tick(rank) + 6 * MS, 9);
    env.matcher.advance(env.tick(rank + 1) + 5 * MS);
    expect(env.matcher.rankedUntil()).toBe(BASE_MS + 1000 + (rank + 1) * 10);
    expect(env.matcher.settledUntil()).toBe(BASE_MS + 1000 + rank * 10);
    expect(env.matcher.unresolved()).toEqual([BASE_MS + 1000 + rank * 10]);
    env.matcher.answered(9, 1, 'ok');
    expect(env.matcher.settledUntil()).toBe(BASE_MS + 1000 + (rank + 1) * 10);
  });

  it('is settled for good once the executor is over, so that nobody waits for what cannot come', () => {
    const env = at100();
    const rank = onTime(env);
    env.matcher.started(env.tick(rank), 9);
    env.matcher.finish(env.tick(rank + 50));
    expect(env.matcher.settledUntil()).toBe(Number.POSITIVE_INFINITY);
    expect(env.matcher.rankedUntil()).toBe(BASE_MS + 1000 + (rank + 50) * 10);
    expect(env.matcher.unresolved()).toEqual([]);
  });

  it('counts an event that comes after a later one was ranked', () => {
    const env = at100();
    const rank = onTime(env);
    env.matcher.started(env.tick(rank + 1), 1);
    env.matcher.advance(env.tick(rank + 1));
    env.matcher.started(env.tick(rank), 2);
    expect(env.matcher.evidence().stragglers).toBe(1);
  });

  it('counts arrivals before their tick: one start was lost, and all that follow seem one period early', () => {
    const env = at100();
    const rank = onTime(env);
    env.matcher.started(env.tick(rank + 1), 2);
    env.matcher.started(env.tick(rank + 2) - 9 * MS, 3);
    env.matcher.advance(Number.POSITIVE_INFINITY);
    expect(env.matcher.evidence()).toMatchObject({ early: 0 });
    const env2 = at100();
    const rank2 = onTime(env2);
    env2.matcher.started(env2.tick(rank2) - 6 * MS, 2);
    env2.matcher.advance(Number.POSITIVE_INFINITY);
    expect(env2.matcher.evidence()).toMatchObject({ early: 1, earliestNs: 6 * MS });
  });

  it('counts answers of VUs that started nothing', () => {
    const env = at100();
    env.matcher.answered(4, 1000, 'ok');
    expect(env.matcher.evidence().orphans).toBe(1);
  });

  it('counts events past the end of a ramp', () => {
    const sink = new Collected();
    const ticks = ticksOf({
      startRate: perSecond(2),
      stages: [{ to: perSecond(2), durationMs: 1000 as never }],
    });
    const matcher = new ArrivalMatcher('a', ticks, sink, BASE_MS);
    for (const at of [500, 1000, 1500]) matcher.started(at * MS, at);
    matcher.finish(2000 * MS);
    expect(matcher.evidence()).toMatchObject({ events: 3, surplus: 1 });
  });

  it('finds every due time whatever the order of reporting, the delays and the drops', () => {
    const event = fc.record({
      delayMs: fc.integer({ min: 0, max: 30 }),
      drop: fc.boolean(),
      shuffle: fc.nat(40),
    });
    const property = fc.property(fc.array(event, { minLength: 1, maxLength: 120 }), (events) => {
      const env = at100();
      // The loop of the executor is sequential: a late tick delays those behind it, never overtakes.
      let last = 0;
      const real = events.map(({ delayMs, drop, shuffle }, rank) => {
        last = Math.max(last + 1, env.tick(rank) + (rank === 0 ? 0 : delayMs) * MS);
        return { at: last, drop, rank, shownAt: last + shuffle * MS };
      });
      for (const one of real.toSorted((a, b) => a.shownAt - b.shownAt)) {
        if (one.drop) env.matcher.dropped(one.at);
        else env.matcher.started(one.at, one.rank + 10);
        env.matcher.advance(one.shownAt - 41 * MS);
      }
      env.matcher.finish(last + 1);
      expect(env.sink.dues.map((due) => Math.round(due.at))).toEqual(
        real.map(({ rank }) => 1000 + rank * 10),
      );
      expect(env.sink.dues.map((due) => due.how)).toEqual(
        real.map((one) => (one.drop ? 'dropped' : 'started')),
      );
      expect(env.sink.arrivals).toHaveLength(events.length);
      expect(env.matcher.evidence()).toMatchObject({ stragglers: 0, early: 0, orphans: 0, surplus: 0 });
    });
    fc.assert(property, { numRuns: 100 });
  });
});
