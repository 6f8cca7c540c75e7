/** The smallest number of ready instances in a phase, and when it is not known. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../src/core/events.ts';
import type { Objective } from '../../../src/core/objective.ts';
import type { FaultRecord } from '../../../src/core/result.ts';
import { epochMs } from '../../../src/core/units.ts';
import { judgeObjective } from '../../../src/measure/judge-objective.ts';
import { type ReadyTimeline, readyTimeline } from '../../../src/measure/ready-instances.ts';

const PHASE = { name: 'fault:rolling-restart', from: epochMs(1000), to: epochMs(2000) };
const WHOLE: ReadyTimeline = { changes: [{ at: 500, ready: 3 }], gaps: [], until: 9000 };
const objective = (limit: number): Objective => ({
  name: `web ready >= ${limit} in fault:rolling-restart`,
  ...{ flow: 'web', indicator: { kind: 'ready' }, comparison: '>=', limit, source: null },
  scope: { kind: 'phase', phase: PHASE.name },
});
const none = () => undefined;

function judge(
  limit: number,
  timeline: ReadyTimeline,
  rounds = [PHASE],
  faults: readonly FaultRecord[] = [],
) {
  const facts = { flowPhase: none, histogram: none, windows: none, capacity: [], faults };
  const { status, observed, unit, note, samples } = judgeObjective(objective(limit), {
    ...facts,
    rounds: () => rounds,
    ready: () => timeline,
  });
  return { status, observed, unit, note, samples };
}

const dip: ReadyTimeline = {
  ...WHOLE,
  changes: [...WHOLE.changes, { at: 1200, ready: 2 }, { at: 1400, ready: 3 }, { at: 2500, ready: 0 }],
};

describe('ready instances', () => {
  it('are the smallest number in the phase, with the one that it began with', () => {
    expect(judge(3, WHOLE)).toEqual({
      ...{ status: 'PASS', observed: 3, unit: 'instances', note: null, samples: 1 },
    });
    expect(judge(2, dip)).toMatchObject({ status: 'PASS', observed: 2, samples: 3 });
    expect(judge(3, dip)).toMatchObject({ status: 'FAIL', observed: 2 });
    const low = {
      ...WHOLE,
      changes: [
        { at: 900, ready: 1 },
        { at: 1001, ready: 3 },
      ],
    };
    expect(judge(2, low)).toMatchObject({ status: 'FAIL', observed: 1 });
  });

  it('of several rounds are the smallest of all', () => {
    const later = { ...PHASE, name: 'fault:rolling-restart@2', from: epochMs(2400), to: epochMs(2600) };
    expect(judge(1, dip, [PHASE, later])).toMatchObject({ status: 'FAIL', observed: 0 });
  });

  it('are not met by a watch with a hole, but missed by a number that was seen', () => {
    const hole = { ...dip, gaps: [{ from: 1500, to: 1600, why: 'the watch was cut' }] };
    expect(judge(2, hole)).toEqual({
      status: 'INCONCLUSIVE',
      ...{ observed: 2, unit: 'instances', samples: 3 },
      note: 'not watched all the time: the watch was cut',
    });
    expect(judge(3, hole)).toMatchObject({ status: 'FAIL', note: null });
    const outside = {
      ...dip,
      gaps: [
        { from: 2000, to: 2600, why: 'later' },
        { from: 1, to: 1000, why: 'before' },
      ],
    };
    expect(judge(2, outside).status).toBe('PASS');
  });

  it('are not known where the watch began later, ended earlier, or was cut off', () => {
    const note = (timeline: ReadyTimeline) => judge(1, timeline).note;
    const late = { ...WHOLE, changes: [{ at: 1500, ready: 3 }] };
    expect(judge(1, late).status).toBe('INCONCLUSIVE');
    expect(note(late)).toBe('not watched all the time: the watch began later');
    expect(note({ ...WHOLE, until: 1999 })).toBe(
      'not watched all the time: the watch ended before the phase',
    );
    expect(note({ ...WHOLE, until: null })).toBe('not watched all the time: the run was cut off');
  });

  it('have no data without a watch, without the phase, and where the fault was not injected', () => {
    const nothing = { changes: [], gaps: [], until: null };
    const noEvent = 'ready instances of web were not watched: the watch began later';
    expect(judge(1, nothing)).toMatchObject({ status: 'NO-DATA', observed: null, note: noEvent });
    const refused = {
      ...nothing,
      gaps: [{ from: 0, to: null, why: 'platform none does not report instances' }],
    };
    expect(judge(1, refused).note).toBe(
      'ready instances of web were not watched: platform none does not report instances',
    );
    expect(judge(1, WHOLE, []).note).toBe('the run had no phase fault:rolling-restart');
    const absent = { name: 'rolling-restart', status: 'not-injected', injection: null } as FaultRecord;
    expect(judge(1, WHOLE, [PHASE], [absent])).toMatchObject({ status: 'NO-DATA' });
  });

  it('never pass when any number below the limit was in effect in the phase', () => {
    const change = fc.record({ at: fc.integer({ min: 0, max: 3000 }), ready: fc.nat(5) });
    fc.assert(
      fc.property(fc.array(change), fc.integer({ min: 1, max: 5 }), (some, limit) => {
        const changes = [...some].sort((a, b) => a.at - b.at);
        const { status } = judge(limit, { changes, gaps: [], until: 9000 });
        const inEffect = changes.filter(
          ({ at }, index) =>
            at < PHASE.to && (changes[index + 1]?.at ?? Number.POSITIVE_INFINITY) > PHASE.from,
        );
        const isLow = inEffect.some(({ ready }) => ready < limit);
        if (isLow) expect(status).toBe('FAIL');
        else expect(status).not.toBe('FAIL');
        if (status === 'PASS') expect(changes[0]?.at).toBeLessThanOrEqual(PHASE.from);
      }),
    );
  });
});

it('are read from the events of their own service', () => {
  const stamp = { at: epochMs(1), wall: epochMs(1) };
  const events: RunEvent[] = [
    { kind: 'instances-ready', service: 'web', ready: 2, since: 20, ...stamp },
    { kind: 'instances-ready', service: 'web', ready: 3, since: 10, ...stamp },
    { kind: 'instances-ready', service: 'orders', ready: 9, since: 5, ...stamp },
    { kind: 'instances-unwatched', service: 'web', from: 1, to: 2, why: 'x', ...stamp },
    { kind: 'instances-watched', service: 'web', until: 30, ...stamp },
  ];
  expect(readyTimeline(events, 'web')).toMatchObject({
    changes: [
      { at: 10, ready: 3 },
      { at: 20, ready: 2 },
    ],
    gaps: [{ from: 1, to: 2, why: 'x' }],
    until: 30,
  });
  expect(readyTimeline(events, 'cache')).toEqual({ changes: [], gaps: [], until: null });
});
