import { describe, expect, it } from 'vitest';
import type { RunEvent, RunEventBody } from '../../../../src/core/events.ts';
import type { FaultRecord } from '../../../../src/core/result.ts';
import { epochMs } from '../../../../src/core/units.ts';
import { phasesOf } from '../../../../src/run/verdict/phases.ts';

const at = (time: number, body: RunEventBody): RunEvent => ({
  ...body,
  at: epochMs(time),
  wall: epochMs(time),
});
const record = (name: string, appliedAt: number, removedAt: number): FaultRecord => ({
  name,
  kind: name,
  victim: 'x',
  plannedAt: appliedAt - 1,
  appliedAt,
  injectedAt: appliedAt + 1,
  removedAt,
  status: 'injected',
  injection: null,
  removal: null,
  lease: null,
  recovery: {},
  pod: null,
  timers: [],
});

describe('the phases of a run', () => {
  it('are cut at the act and at the proven removal of each fault', () => {
    const events = [
      at(0, { kind: 'phase', name: 'warmup' }),
      at(5000, { kind: 'phase', name: 'baseline' }),
      at(20_050, { kind: 'fault-applied', fault: 'kill-pod' }),
      at(23_000, { kind: 'fault-done', record: record('kill-pod', 20_010, 22_400) }),
      at(30_000, { kind: 'phase', name: 'steady' }),
      at(40_000, { kind: 'phase', name: 'drain' }),
      at(41_000, { kind: 'step', text: 'done' }),
    ];
    expect(phasesOf(events)).toEqual([
      { name: 'warmup', from: 0, to: 5000 },
      { name: 'baseline', from: 5000, to: 20_010 },
      { name: 'fault:kill-pod', from: 20_010, to: 22_400 },
      { name: 'recovery:kill-pod', from: 22_400, to: 30_000 },
      { name: 'steady', from: 30_000, to: 40_000 },
    ]);
  });

  it('of a run that was killed in the middle of a fault end with that fault, not with a baseline', () => {
    const events = [
      at(0, { kind: 'phase', name: 'baseline' }),
      at(10, { kind: 'fault-applied', fault: 'throttle-redis' }),
      at(50, { kind: 'fault-injected', fault: 'throttle-redis', boundMs: 1, evidence: '' }),
    ];
    expect(phasesOf(events).at(-1)).toEqual({ name: 'fault:throttle-redis', from: 10, to: 50 });
  });

  it('of a run that wrote nothing are none', () => {
    expect(phasesOf([])).toEqual([]);
  });
});
