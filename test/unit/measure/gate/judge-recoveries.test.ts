/** The answer of a gate with faults: its blocks and its recoveries together. */
import { describe, expect, it } from 'vitest';
import type { GateResult, GateRule } from '../../../../src/core/gate.ts';
import type { FaultRecord, Recovery } from '../../../../src/core/result.ts';
import { ms } from '../../../../src/core/units.ts';
import { withRecoveries } from '../../../../src/measure/gate/judge-recoveries.ts';

const FLOW = 'shop.order';
const rule = (flows: readonly string[] = [FLOW]): GateRule => ({
  metrics: [{ flow: FLOW, quantity: 'p50' }],
  times: { allow: 0, find: 0.1 },
  failed: { allow: 0, find: 0.005 },
  ...{ alpha: 0.05, looks: [16], blockMs: ms(10_000), settleMs: ms(3000) },
  recovery: {
    ...{ find: 0.2, allow: 0, pairs: 8, flows, order: [] },
    faults: [{ name: 'kill-pod', members: ['kill-pod'], isHeld: false }],
  },
});

const blocks = (status: GateResult['status'], sentence: string): GateResult => ({
  ...{ status, sentence, pairs: { run: 16, kept: 16, judged: 16 }, dropped: [], looks: [], metrics: [] },
  checks: { slotEffect: null, lag1: null, cliffs: [] },
});
const PASSED = blocks('PASS', 'no metric is worse');

const level = (sinceInjectedMs: number): Recovery => ({
  ...{ status: 'recovered', onsetMs: 0, sinceInjectedMs, sinceRemovedMs: null, boundMs: 1 },
  ...{ worst: 1, lossSeconds: 1, flaps: 0 },
});

/** Eight pairs of kills; the candidate takes so many times as long. */
function records(factor: number, flows: readonly string[] = [FLOW], pairs = 8): readonly FaultRecord[] {
  return Array.from({ length: pairs }, (_, at) =>
    (['baseline', 'candidate'] as const).map((side): FaultRecord => {
      const took = (side === 'candidate' ? factor : 1) * (4000 + 100 * at) * (1 + 0.002 * at);
      const round = at === 0 ? '' : `@${at + 1}`;
      return {
        ...{ name: `kill-pod@${side}${round}`, kind: 'kill-pod', victim: 'v', plannedAt: 0, appliedAt: 1000 },
        ...{ injectedAt: 1050, removedAt: 2000, status: 'injected', injection: null, removal: null },
        ...{ lease: null, pod: null, timers: [] },
        recovery: Object.fromEntries(
          flows.flatMap((flow) => [
            [`${flow}@${side} failed`, level(took)],
            [`${flow}@${side} slow`, level(took)],
          ]),
        ),
      };
    }),
  ).flat();
}

describe('a gate with faults', () => {
  it('passes when its blocks and all recoveries do, and says both', () => {
    const { status, sentence } = withRecoveries(PASSED, rule(), records(1.01));
    expect(status).toBe('PASS');
    expect(sentence).toBe(
      'no metric is worse; candidate recovers within +20 % of baseline after kill-pod: ratio 1.01 (1.01–1.01), 8 pairs',
    );
  });

  it('fails when a recovery does, whatever its blocks say, and the recovery comes first', () => {
    for (const found of [PASSED, blocks('INCONCLUSIVE', 'P50 ratio 1.02 (0.90–1.20)')]) {
      const { status, sentence } = withRecoveries(found, rule(), records(1.5));
      expect(status).toBe('FAIL');
      expect(sentence).toBe(
        'candidate recovers later than baseline after kill-pod: ratio 1.50 (1.50–1.50), 8 pairs',
      );
    }
  });

  it('stays open when its blocks do', () => {
    const open = blocks('INCONCLUSIVE', 'P50 ratio 1.02 (0.90–1.20)');
    expect(withRecoveries(open, rule(), records(1.01))).toMatchObject({
      status: 'INCONCLUSIVE',
      sentence: 'P50 ratio 1.02 (0.90–1.20)',
    });
  });

  it('whose blocks fail is not played on, and keeps their answer', () => {
    const failed = blocks('FAIL', 'P50 ratio 2.00 (1.90–2.10)');
    const result = withRecoveries(failed, rule(), []);
    expect([result.status, result.sentence]).toEqual(['FAIL', failed.sentence]);
    expect(result.recoveries?.map((one) => one.status)).toEqual(['NO-DATA']);
  });

  it('that should have been played and was not is INVALID', () => {
    expect(withRecoveries(PASSED, rule(), [])).toMatchObject({
      status: 'INVALID',
      sentence: 'no fault pair of kill-pod was played',
    });
    expect(withRecoveries(PASSED, rule(), records(1, [FLOW], 3))).toMatchObject({
      status: 'INVALID',
      sentence: 'ended before all fault pairs of kill-pod: 3 of 8 kept',
    });
  });

  it('names the flow where it asks for several', () => {
    const flows = [FLOW, 'shop.pay'];
    const { sentence, recoveries } = withRecoveries(PASSED, rule(flows), records(1.5, flows));
    expect(recoveries).toHaveLength(2);
    expect(sentence).toMatch(
      /^shop\.order: candidate recovers later .*; shop\.pay: candidate recovers later /,
    );
  });

  it('without faults is what its blocks are', () => {
    const { recovery: _, ...without } = rule();
    expect(withRecoveries(PASSED, without, [])).toBe(PASSED);
  });
});
