/** Records of faults on both sides, joined to pairs. */
import { describe, expect, it } from 'vitest';
import type { GateFault } from '../../../../src/core/gate-recovery.ts';
import type { FaultRecord, Recovery } from '../../../../src/core/result.ts';
import { recoveryPairsOf } from '../../../../src/measure/gate/recovery-pairs.ts';

const FLOW = 'shop.order';
const KILL: GateFault = { name: 'kill-pod', members: ['kill-pod'], isHeld: false };
const LATENCY: GateFault = { name: 'latency', members: ['latency'], isHeld: true };

const level = (sinceInjectedMs: number | null, more: Partial<Recovery> = {}): Recovery => ({
  status: sinceInjectedMs === null ? 'never-degraded' : 'recovered',
  ...{ onsetMs: 0, sinceInjectedMs, sinceRemovedMs: null, boundMs: 100, worst: 1, lossSeconds: 1, flaps: 0 },
  ...more,
});

/** @param levels both of the flow on the side that the name says. */
function record(
  name: string,
  [failed, slow]: readonly [Recovery, Recovery],
  more: Partial<FaultRecord> = {},
): FaultRecord {
  const side = name.includes('@baseline') ? 'baseline' : 'candidate';
  const [kind = ''] = name.split('@');
  return {
    ...{ name, kind, victim: 'v', plannedAt: 0, appliedAt: 1000, injectedAt: 1050, removedAt: 4000 },
    ...{ status: 'injected', injection: null, removal: null, lease: null, pod: null, timers: [] },
    recovery: { [`${FLOW}@${side} failed`]: failed, [`${FLOW}@${side} slow`]: slow },
    ...more,
  };
}

const both = (one: Recovery): readonly [Recovery, Recovery] => [one, one];
const pairs = (fault: GateFault, records: readonly FaultRecord[], n = 2) =>
  recoveryPairsOf(fault, FLOW, { pairs: n }, records);

describe('the time of one side', () => {
  it('is that of the later of both levels, from the act', () => {
    const { kept, clock } = pairs(KILL, [
      record('kill-pod@baseline', [level(2000), level(3500)]),
      record('kill-pod@candidate', [level(2500), level(null)]),
    ]);
    expect(clock).toBe('applied');
    expect(kept).toEqual([
      {
        pair: 1,
        baseline: { status: 'recovered', ms: 3500, boundMs: 100 },
        candidate: { status: 'recovered', ms: 2500, boundMs: 100 },
      },
    ]);
  });

  it('is the resolution where nothing degraded, and a lower bound where the watch ended first', () => {
    const lost = level(60_000, { status: 'censored', boundMs: 0 });
    const { kept } = pairs(KILL, [
      record('kill-pod@baseline', both(level(null))),
      record('kill-pod@candidate', [lost, level(9000)]),
    ]);
    expect(kept[0]).toEqual({
      pair: 1,
      baseline: { status: 'never-degraded', ms: 100, boundMs: 100 },
      candidate: { status: 'censored', ms: 60_000, boundMs: 0 },
    });
  });

  it('counts from the end of a fault that was held, where no side was back before', () => {
    const after = [
      record('latency@baseline', both(level(3600))),
      record('latency@candidate', both(level(5000))),
    ];
    expect(pairs(LATENCY, after)).toMatchObject({
      clock: 'removed',
      kept: [{ baseline: { ms: 600 }, candidate: { ms: 2000 } }],
    });
    const failedOver = [
      ...after,
      record('latency@baseline@2', both(level(800))),
      record('latency@candidate@2', both(level(900))),
    ];
    expect(pairs(LATENCY, failedOver)).toMatchObject({
      clock: 'applied',
      kept: [{ baseline: { ms: 3600 } }, { baseline: { ms: 800 } }],
    });
  });

  it('of a group counts from its first act to the last member that was back', () => {
    const group: GateFault = { name: 'a,b', members: ['a', 'b'], isHeld: false };
    const { kept } = pairs(group, [
      record('a@baseline', both(level(1500))),
      record('b@baseline', both(level(2000)), { appliedAt: 4000 }),
      record('a@candidate', both(level(1000))),
      record('b@candidate', both(level(null)), { appliedAt: 4000 }),
    ]);
    expect(kept).toMatchObject([{ baseline: { ms: 5000 }, candidate: { ms: 1000 } }]);
  });
});

describe('a pair', () => {
  const good = (name: string) => record(name, both(level(2000)));

  it('is dropped by a fault that was not in place as planned on one side', () => {
    const evidence = { held: 'not judged', fresh: 'not judged', boundMs: 0, evidence: 'no probe saw it' };
    const { kept, dropped } = pairs(
      KILL,
      [
        good('kill-pod@baseline'),
        record('kill-pod@candidate', both(level(2000)), { status: 'not-injected', injection: evidence }),
        record('kill-pod@baseline@2', both(level(2000)), { cutShort: 'its probe was lost' }),
        good('kill-pod@candidate@2'),
        good('kill-pod@baseline@3'),
        good('kill-pod@candidate@3'),
      ],
      3,
    );
    expect(kept.map((one) => one.pair)).toEqual([3]);
    expect(dropped).toEqual([
      { pair: 1, why: 'candidate: kill-pod@candidate was not injected (no probe saw it)' },
      { pair: 2, why: 'baseline: kill-pod@baseline@2 was cut short (its probe was lost)' },
    ]);
  });

  it('of which one side was not reached is torn', () => {
    const { kept, torn } = pairs(KILL, [
      good('kill-pod@baseline'),
      good('kill-pod@candidate'),
      good('kill-pod@baseline@2'),
    ]);
    expect([kept.length, torn]).toEqual([1, 1]);
  });

  it('is dropped when its watch ended before anything was known', () => {
    const unknown = level(null, { status: 'censored' });
    const { dropped } = pairs(KILL, [record('kill-pod@baseline', both(unknown)), good('kill-pod@candidate')]);
    expect(dropped).toEqual([{ pair: 1, why: 'baseline: its watch ended before anything was known' }]);
  });
});
