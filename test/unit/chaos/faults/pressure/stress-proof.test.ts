import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../../../../src/chaos/fault.ts';
import { judgeStress } from '../../../../../src/chaos/faults/pressure/stress-proof.ts';
import type { Snapshot } from '../../../../../src/chaos/observation.ts';
import { epochMs } from '../../../../../src/core/units.ts';

const victims = [1, 2].map((pid) => ({
  victim: { service: 'web', instance: `web-${pid}`, pid, startTicks: '9' },
  cpus: '0-1',
}));
const [first] = victims;
if (first === undefined) throw new Error('no victim');
const one = { id: 's', cpu: 1, victims: [first], workers: 2 };
const both = { ...one, victims };

interface Said {
  readonly cpus?: string | null;
  readonly spinners?: number;
  readonly spun?: number;
  /** Work and waiting of each victim, in ms. */
  readonly times: readonly (readonly [number, number])[];
}

const snapshot = (at: number, { cpus = '1', spinners = 2, spun = at, times }: Said): Snapshot => ({
  at: epochMs(at),
  cpu: times.map(([cpuMs, waitedMs], index) => {
    const victim = victims[index]?.victim ?? first.victim;
    return { ...victim, cpus, cpuMs, waitedMs };
  }),
  stresses: spinners === 0 ? [] : [{ id: 's', cpu: 1, spinners, spinnerCpuMs: spun }],
});
/** Before the act: 10 ms of work cost 5 ms of waiting. */
const before = [
  snapshot(-1000, {
    cpus: '0-1',
    spinners: 0,
    times: [
      [0, 0],
      [0, 0],
    ],
  }),
  snapshot(-10, {
    cpus: '0-1',
    spinners: 0,
    times: [
      [10, 5],
      [10, 5],
    ],
  }),
];
const evidence = (...snapshots: readonly Snapshot[]): Evidence => ({
  appliedAt: epochMs(0),
  baseline: { held: [], fresh: [] },
  since: { held: [], fresh: [] },
  snapshotsBefore: before,
  snapshots,
});
const judge = (...snapshots: readonly Snapshot[]) => judgeStress(one, false, evidence(...snapshots));
const start = snapshot(40, {
  times: [
    [10, 5],
    [10, 5],
  ],
});
const shared = '2 spinners on CPU 1 (affinity) used 300 ms of it; ';

describe('a fight for the CPU', () => {
  it('is seen from half of the predicted waiting on, dated to the snapshot in which everything was in place', () => {
    // Before 0.5 ms per ms; two equals make it at least 1 more: 1.5.
    const enough = judge(
      snapshot(20, { spinners: 1, times: [[10, 5]] }),
      start,
      snapshot(340, { times: [[20, 20]] }),
    );
    expect(enough).toEqual({
      kind: 'seen',
      at: 40,
      boundMs: 40,
      held: 'no probe',
      fresh: 'no probe',
      evidence:
        `${shared}web-1 (pid 1) waited 15.0 ms for 10.0 ms of work, 1.5 ms per ms ` +
        '(before 0.5, predicted 2 more, seen from 1.5); no probe reaches this service',
    });
    expect(judge(start, snapshot(340, { times: [[20, 19.9]] })).kind).toBe('not-yet');
  });

  it('needs a window of 300 ms, 10 ms of waiting, 1 ms of work and spinners that spin', () => {
    const seen = (at: number, times: readonly [number, number], spun = at) =>
      judge(start, snapshot(at, { times: [times], spun })).kind === 'seen';
    expect([seen(340, [15, 25]), seen(339, [15, 25])]).toEqual([true, false]);
    expect([seen(340, [11, 15]), seen(340, [11, 14.9])]).toEqual([true, false]);
    expect([seen(340, [11, 40]), seen(340, [10.9, 40])]).toEqual([true, false]);
    expect(seen(340, [15, 25], 40)).toBe(false);
  });

  it('needs 10 ms of work of a victim that was idle before: what its work usually costs is not known', () => {
    const [from = start, to = start] = before;
    const idleBefore = [from, { ...to, cpu: from.cpu ?? [] }];
    const since = (times: readonly [number, number]) =>
      judgeStress(one, false, {
        ...evidence(start, snapshot(340, { times: [times] })),
        snapshotsBefore: idleBefore,
      });
    expect(since([19.9, 900])).toMatchObject({
      kind: 'not-yet',
      evidence: `${shared}web-1 (pid 1) was idle before and used 9.90 ms of CPU in 300 ms since: less than 10.0 ms, so no effect can be measured`,
    });
    expect(since([20, 14.9]).kind).toBe('not-yet');
    expect(since([20, 15]).kind).toBe('seen');
  });

  it('is not seen by the waiting of others: every victim must show it', () => {
    const last = snapshot(340, {
      times: [
        [20, 40],
        [10.2, 6],
      ],
    });
    expect(judgeStress(both, false, evidence(start, last)).evidence).toBe(
      `${shared}web-1 (pid 1) waited 35.0 ms for 10.0 ms of work, 3.5 ms per ms (before 0.5, predicted 2 more, ` +
        'seen from 1.5); web-2 (pid 2) is idle (used 0.20 ms of CPU in 300 ms), so no effect can be measured',
    );
    expect(judgeStress(both, false, evidence(start, last)).kind).toBe('not-yet');
    const all = snapshot(340, {
      times: [
        [20, 40],
        [20, 40],
      ],
    });
    expect(judgeStress(both, false, evidence(start, all)).kind).toBe('seen');
  });

  it('is not seen while something is missing, and says what', () => {
    const who = 'web-1 (pid 1) and 2 spinners';
    const elsewhere = snapshot(340, { cpus: null, times: [[20, 40]] });
    expect(judge().evidence).toBe(`${who} do not share CPU 1`);
    expect(judge(elsewhere).evidence).toBe(`${who} do not share CPU 1`);
    expect(judge(start, elsewhere).evidence).toBe(`${who} do not share CPU 1 any more`);
    expect(judge(start, snapshot(340, { spinners: 1, times: [[20, 40]] })).kind).toBe('not-yet');
    expect(judge({ at: epochMs(5), failed: 'no answer' }).evidence).toBe(
      `${who} may not share CPU 1: no answer`,
    );
  });

  it('is not seen without a measurement from before: nobody could say that it waits longer', () => {
    const blind = { ...evidence(start, snapshot(340, { times: [[20, 40]] })), snapshotsBefore: [] };
    expect(judgeStress(one, false, blind)).toMatchObject({
      kind: 'not-yet',
      evidence: `${shared}web-1 (pid 1) was not measured before and since`,
    });
  });

  it('needs good answers on both connections since then where probes reach', () => {
    const sample = (connection: 'held' | 'fresh', at: number, ok: boolean) => ({
      probe: 'web',
      connection,
      at: epochMs(at),
      tookMs: 1,
      ok,
      outcome: ok ? 'ok' : 'reset',
    });
    const snapshots = [start, snapshot(340, { times: [[20, 40]] })];
    const kindOf = (held: readonly [number, boolean], fresh: readonly [number, boolean]) =>
      judgeStress(one, true, {
        ...evidence(...snapshots),
        since: { held: [sample('held', ...held)], fresh: [sample('fresh', ...fresh)] },
      }).kind;
    expect(kindOf([50, true], [50, true])).toBe('seen');
    expect(kindOf([30, true], [50, true])).toBe('not-yet');
    expect(kindOf([50, true], [50, false])).toBe('not-yet');
    expect(judgeStress(one, true, evidence(...snapshots)).kind).toBe('not-yet');
  });
});
