import { describe, expect, it } from 'vitest';
import type { RunEvent, RunEventBody } from '../../../../src/core/events.ts';
import type { AbortCondition } from '../../../../src/core/objective.ts';
import { type EpochMs, epochMs, ms } from '../../../../src/core/units.ts';
import { LiveWindow } from '../../../../src/measure/live-window.ts';
import { heldSince, watchAborts } from '../../../../src/run/story/abort-watch.ts';
import { abortFacts } from '../../../../src/run/verdict/run-facts.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';
import { drive } from '../../chaos/stage.ts';

const at = (time: number, body: RunEventBody): RunEvent => ({
  ...body,
  at: epochMs(time),
  wall: epochMs(time),
});
const applied = (time: number, fault: string) => at(time, { kind: 'fault-applied', fault });
const removed = (time: number, fault: string) =>
  at(time, { kind: 'fault-removed', fault, boundMs: 1, evidence: '' });
const abort = (time: number) =>
  at(time, { kind: 'abort', why: 'abort condition met: g failed > 50% for 2s' });
const met = (time: number, metAt: number) => at(time, { kind: 'abort-condition-met', metAt });

describe('the facts of an abort', () => {
  it('are when the condition held, when it was noticed, and when the last fault was proven gone', () => {
    const events = [
      applied(100, 'a'),
      removed(200, 'a'),
      applied(1000, 'b'),
      applied(1001, 'c'),
      abort(5000),
      met(5003, 2300),
      removed(5200, 'c'),
      removed(5410, 'b'),
    ];
    expect(abortFacts(events)).toEqual({
      why: 'abort condition met: g failed > 50% for 2s',
      metAt: 2300,
      detectedAfterMs: 2700,
      undoneAfterMs: 410,
    });
  });

  it('have no undo time when a fault is not proven gone, or none was in place', () => {
    expect(
      abortFacts([applied(1, 'a'), applied(2, 'b'), abort(3), removed(4, 'a')])?.undoneAfterMs,
    ).toBeNull();
    expect(abortFacts([applied(1, 'a'), removed(2, 'a'), abort(3)])?.undoneAfterMs).toBeNull();
  });

  it('count an act that was still under way when the run was aborted', () => {
    expect(abortFacts([abort(3), applied(5, 'a'), removed(9, 'a')])?.undoneAfterMs).toBe(6);
  });

  it('have no time of detection when no condition on the load ended the run', () => {
    expect(abortFacts([abort(3)])).toMatchObject({ metAt: null, detectedAfterMs: null });
  });

  it('are none in a run that was not aborted', () => {
    expect(abortFacts([applied(1, 'a'), removed(2, 'a')])).toBeNull();
  });
});

const CONDITION: AbortCondition = {
  ...{ text: 'g failed > 50% for 2s', flow: 'g', indicator: { kind: 'failed' }, comparison: '>' },
  ...{ limit: 0.5, forMs: 2000 },
};
const START = 1_800_000_000_000;
/** The samples of the load are this far behind, as with k6. */
const LAG_MS = 2500;

/** Ten arrivals a second; all that are due from `badFrom` on fail. */
function loadFailingFrom(badFrom: number, clock: VirtualClock) {
  const window = new LiveWindow(300_000);
  for (let due = 0; due < 60_000; due += 100) {
    const dueAt = epochMs(START + due);
    window.due(dueAt, 'started');
    const outcome = due >= badFrom ? 'http-500' : 'ok';
    window.resolved({ kind: 'completed', dueAt, responseUs: 1000, outcome } as never);
  }
  const windowEnd = (): EpochMs => epochMs(Math.floor((clock.now() - LAG_MS) / 100) * 100);
  return {
    windowEnd,
    windowed: (_flow: string, length: number, end = windowEnd()) => window.read(end, length, [], end),
    settledUntil: windowEnd,
  };
}

describe('the time at which an abort condition first held', () => {
  it('is the end of the first window in which it did, however late it is asked', async () => {
    const clock = new VirtualClock(START + 30_000);
    // From 10.0 s on all fail: at 11.1 s eleven of the twenty arrivals of two seconds had failed.
    expect(await drive(clock, heldSince(CONDITION, loadFailingFrom(10_000, clock), clock))).toBe(
      START + 11_100,
    );
  });

  it('is told after the abort, so that nothing waits for it', async () => {
    const clock = new VirtualClock(START + 8000);
    const load = loadFailingFrom(10_000, clock);
    const told: [string, number][] = [];
    const flows = [{ flow: 'g', worstStallMs: ms(1000) }];
    const watch = watchAborts(
      { conditions: [CONDITION], flows, load: load as never, clock },
      {
        abort: (why) => {
          told.push([why, clock.now()]);
          return true;
        },
        met: (metAt) => told.push(['met', metAt]),
        blind: (why) => told.push([why, clock.now()]),
      },
    );
    await clock.advance(10_000);
    await watch.stop();
    expect(told).toEqual([
      ['abort condition met: g failed > 50% for 2s', START + 13_750],
      ['met', START + 11_100],
    ]);
  });

  it('is not told when something else was ending the run', async () => {
    const clock = new VirtualClock(START + 30_000);
    const load = loadFailingFrom(10_000, clock);
    const told: string[] = [];
    const watch = watchAborts(
      { conditions: [CONDITION], flows: [], load: load as never, clock },
      { abort: () => false, met: () => told.push('met'), blind: () => told.push('blind') },
    );
    await clock.advance(2000);
    await watch.stop();
    expect(told).toEqual([]);
  });
});
