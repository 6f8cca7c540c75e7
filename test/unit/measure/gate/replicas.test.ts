import { describe, expect, it } from 'vitest';
import type { GateBlock, GateRule, GateSide, Replicas } from '../../../../src/core/gate.ts';
import { epochMs, ms } from '../../../../src/core/units.ts';
import { isDecided, judgeGate } from '../../../../src/measure/gate/judge-gate.ts';
import { unequalReplicas } from '../../../../src/measure/gate/replicas.ts';

const FLOW = 'shop.orders';
const RULE: GateRule = {
  metrics: [{ flow: FLOW, quantity: 'p50' }],
  times: { allow: 0, find: 0.1 },
  failed: { allow: 0, find: 0.005 },
  ...{ alpha: 0.05, looks: [8], blockMs: ms(10_000), settleMs: ms(3000) },
};

function gate(pairs: number, of: (pair: number, side: GateSide) => Replicas | undefined): GateBlock[] {
  return Array.from({ length: pairs }, (_, index) => index + 1).flatMap((pair) =>
    (['baseline', 'candidate'] as const).map((side, slot): GateBlock => {
      const from = epochMs(pair * 26_000 + slot * 13_000);
      const replicas = of(pair, side);
      const counts = { due: 500, completed: 500, failed: 0, unanswered: 0 };
      return {
        ...{ pair, slot: slot === 0 ? 1 : 2, side, from, to: epochMs(from + 10_000), limited: null },
        flows: { [FLOW]: { ...counts, goodMs: { p50: 20 + (pair % 3) } } },
        ...(replicas && { replicas }),
      };
    }),
  );
}

const said = (blocks: readonly GateBlock[]): string => {
  const { status, sentence } = judgeGate(blocks, RULE);
  return `${status}: ${sentence}`;
};

describe('replicas in a gate', () => {
  it('do not matter while both sides have the same all the time, or where nobody knows them', () => {
    expect(
      judgeGate(
        gate(8, () => ({ gateway: 2, hive: 1 })),
        RULE,
      ).status,
    ).toBe('PASS');
    expect(
      judgeGate(
        gate(8, () => undefined),
        RULE,
      ).status,
    ).toBe('PASS');
  });

  it('that one side has more of make it INVALID, and end it at once', () => {
    const unequal = gate(1, (_, side) => ({ gateway: side === 'baseline' ? 2 : 3 }));
    expect(isDecided(unequal, RULE)).toBe(true);
    expect(said(unequal)).toBe(
      'INVALID: gateway has 2 replicas on the baseline and 3 replicas on the candidate; 1 pair kept',
    );
  });

  it('that come in the middle make it INVALID, with the pair in which they were seen', () => {
    const scaled = gate(8, (pair, side) => ({ gateway: side === 'candidate' && pair >= 5 ? 2 : 1 }));
    expect(said(scaled)).toBe(
      'INVALID: gateway of the candidate was scaled from 1 replica to 2 replicas in pair 5; 8 pairs kept',
    );
    const gone = gate(8, (pair) => (pair < 3 ? { gateway: 1, hive: 1 } : { gateway: 1 }));
    expect(said(gone)).toBe(
      'INVALID: hive of the baseline was scaled from 1 replica to 0 replicas in pair 3; 8 pairs kept',
    );
  });

  it('are compared for the services that both sides name', () => {
    expect(unequalReplicas({ gateway: 1, redis: 3 }, { gateway: 1 })).toBe(null);
  });
});
