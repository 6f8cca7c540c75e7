import { describe, expect, it } from 'vitest';
import { epochMs, ms, perSecond } from '../../../../src/core/units.ts';
import { firstDueMs, settleTimeout } from '../../../../src/run/plan/plan-length.ts';
import { firstArrivals, settle } from '../../../../src/run/story/settle.ts';
import { VirtualClock } from '../../../fakes/virtual-clock.ts';

const START = 1_800_000_000_000;
const flows = [
  { flow: 'fast', worstStallMs: ms(1000) },
  { flow: 'slow', worstStallMs: ms(30_000) },
];

function settling(settledUntil: (flow: string) => number) {
  const clock = new VirtualClock(START);
  const stopping = new AbortController();
  const load = { flows, clock, stopped: stopping.signal };
  const done = settle({ ...load, settledUntil: (flow) => epochMs(settledUntil(flow)) }, epochMs(START));
  return { clock, stopping, done };
}

describe('waiting until arrivals have settled', () => {
  it('ends one flush after the last flow has, and does not wait for a load that is over', async () => {
    const over = settling(() => Number.POSITIVE_INFINITY);
    await over.clock.advance(1100);
    expect(await over.done).toEqual([]);
    let until = START - 1;
    const later = settling((flow) => (flow === 'slow' ? until : START + 1));
    await later.clock.advance(5000);
    until = START;
    await later.clock.advance(1200);
    expect(await later.done).toEqual([]);
  });

  it('gives an answer the time that its client gives it, twice, and then names the flows that are open', async () => {
    expect(settleTimeout(flows)).toBe(80_000);
    const stuck = settling((flow) => (flow === 'slow' ? START - 1 : START));
    let found: readonly string[] | undefined;
    void stuck.done.then((open) => {
      found = open;
    });
    await stuck.clock.advance(79_900);
    expect(found).toBeUndefined();
    await stuck.clock.advance(300);
    expect(found).toEqual(['slow']);
  });

  it('ends with the run', async () => {
    const stuck = settling(() => START - 1);
    const end = expect(stuck.done).rejects.toThrow('over');
    stuck.stopping.abort(new Error('over'));
    await stuck.clock.advance(100);
    await end;
  });
});

describe('waiting for the first arrivals', () => {
  const flow = (to: number, ...steps: readonly [number, number][]) => ({
    ...{ flow: 'g', executor: 'g', vus: 1, worstStallMs: ms(1000) },
    schedule: {
      startRate: perSecond(to),
      stages: steps.map(([rate, durationMs]) => ({ to: perSecond(rate), durationMs: ms(durationMs) })),
    },
  });

  it('knows that a ramp from 0 begins late', () => {
    expect(firstDueMs([flow(10)])).toBe(0);
    expect(firstDueMs([flow(10), flow(0, [1, 60_000])])).toBeCloseTo(Math.sqrt(2 * 60) * 1000, 3);
    expect(firstDueMs([flow(0, [0, 10_000], [10, 0], [10, 1000])])).toBeCloseTo(10_100, 3);
  });

  it('gives k6 two minutes more than that, then says so, and ends with the run', async () => {
    const clock = new VirtualClock(START);
    const late = firstArrivals(new Promise(() => undefined), [flow(1)], clock, new AbortController().signal);
    const refused = expect(late).rejects.toThrow(
      'load: expected an arrival of every flow, got none of at least one of them after 120 s.',
    );
    await clock.advance(120_000);
    await refused;
    const stopping = new AbortController();
    const stopped = firstArrivals(new Promise(() => undefined), [flow(1)], clock, stopping.signal);
    const ended = expect(stopped).rejects.toThrow('over');
    stopping.abort(new Error('over'));
    await ended;
    await firstArrivals(Promise.resolve(), [flow(1)], clock, new AbortController().signal);
  });
});
