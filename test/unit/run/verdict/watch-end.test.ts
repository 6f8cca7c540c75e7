import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../../src/core/events.ts';
import type { FaultRecord } from '../../../../src/core/result.ts';
import { epochMs } from '../../../../src/core/units.ts';
import { watchEnd } from '../../../../src/run/verdict/recoveries.ts';

const fault = (name: string, plannedAt: number): FaultRecord => ({
  ...{
    name,
    kind: 'kill-pod',
    victim: 'x',
    plannedAt,
    appliedAt: plannedAt + 1,
    injectedAt: null,
    removedAt: null,
  },
  ...{ status: 'injected', injection: null, removal: null, lease: null, recovery: {}, pod: null, timers: [] },
});
const watched = (names: readonly string[], at: number): RunEvent => ({
  kind: 'recovery-watched',
  notBack: Object.fromEntries(names.map((name) => [name, []])),
  until: { flows: { g: at - 3 }, probes: at - 1 },
  ...{ at: epochMs(at), wall: epochMs(at) },
});
const phases = [{ name: 'steady', from: epochMs(900), to: epochMs(1000) }];
const run = (records: readonly FaultRecord[], events: readonly RunEvent[]) => ({
  ...{ flows: ['g', 'h'], records, events, phases },
});

describe('up to where a watch is judged', () => {
  const [a, b] = [fault('a', 100), fault('b', 500)];

  it('is where the run wrote that it had settled, each flow and the probes by themselves', () => {
    const events = [watched(['a'], 480), watched(['b', 'c'], 800)];
    expect(watchEnd(a, run([a, b], events))).toEqual({ flows: { g: 477 }, probes: 479 });
    expect(watchEnd(b, run([a, b], events))).toEqual({ flows: { g: 797 }, probes: 799 });
  });

  it('is the plan of the next fault, or the end of the last phase, in folders that do not say it', () => {
    expect(watchEnd(a, run([a, b], []))).toEqual({ flows: { g: 500, h: 500 }, probes: 500 });
    expect(watchEnd(b, run([a, b], []))).toEqual({ flows: { g: 1000, h: 1000 }, probes: 1000 });
  });
});
