import { describe, expect, it } from 'vitest';
import type { GateBlock } from '../../../../src/core/gate.ts';
import type { GateFault } from '../../../../src/core/gate-recovery.ts';
import { epochMs, ms } from '../../../../src/core/units.ts';
import { outlookOf } from '../../../../src/measure/gate/gate-outlook.ts';
import { judgeGate } from '../../../../src/measure/gate/judge-gate.ts';
import { type NoiseRule, noiseWords, outlookWords } from '../../../../src/run/gate/noise-words.ts';

const FLOW = 'gateway.intentions';
const RULE: NoiseRule = {
  metrics: (['failed', 'p50', 'p99'] as const).map((quantity) => ({ flow: FLOW, quantity })),
  times: { allow: 0, find: 0.1 },
  failed: { allow: 0, find: 0.005 },
  ...{ alpha: 0.05, looks: [16, 24, 32], blockMs: ms(10_000), settleMs: ms(3000) },
};
const noise = (sdPair: number, rule: NoiseRule) => [
  outlookOf({ flow: FLOW, quantity: 'p50' }, sdPair / 3, rule),
  outlookOf({ flow: FLOW, quantity: 'p99' }, sdPair, rule),
];

/** P99 of the candidate is 1.1 times more and less in turns. @param late the first pairs are dropped. */
function blocks(pairs: number, late = 0): GateBlock[] {
  return Array.from({ length: pairs }, (_, index) => index + 1).flatMap((pair) =>
    (['baseline', 'candidate'] as const).map((side, slot): GateBlock => {
      const p99 = side === 'candidate' ? 50 * 1.1 ** (pair % 2 === 0 ? 1 : -1) : 50;
      const counts = { due: 500, completed: 500, failed: 0, unanswered: 0 };
      return {
        ...{ pair, slot: slot === 0 ? 1 : 2, side, from: epochMs(pair), to: epochMs(pair + 1) },
        limited: pair <= late ? 'late' : null,
        flows: { [FLOW]: { ...counts, goodMs: { p50: 20, p99 } } },
      };
    }),
  );
}

describe('the noise of a place, in words', () => {
  it('is told once, after the first eight pairs that were kept', () => {
    expect(noiseWords(blocks(7), RULE)).toBe(null);
    expect(noiseWords(blocks(8), RULE)).toBe(
      'noise after 8 pairs: P99 varies by 11 % a pair; +10 % needs 17 pairs, 8 min; with its 32 pairs it can find +7 %',
    );
    expect(noiseWords(blocks(9), RULE)).toBe(null);
    expect(noiseWords(blocks(8, 1), RULE)).toBe(null);
    expect(noiseWords(blocks(9, 1), RULE)).toMatch(/^noise after 8 pairs: P99 varies by 11 % a pair/);
  });

  it('asks for the pairs that the judge asks for, whose level recoveries after faults share', () => {
    const fault = { name: 'kill-pod', kind: 'kill-pod' } as unknown as GateFault;
    const recovery = { find: 0.2, allow: 0, faults: [fault, fault], flows: [FLOW], order: [], pairs: 8 };
    const shared: NoiseRule = { ...RULE, recovery };
    const judged = judgeGate(blocks(16), shared).metrics.find((one) => one.quantity === 'p99');
    const said = outlookOf({ flow: FLOW, quantity: 'p99' }, judged?.sdPair ?? 0, shared);
    expect(said.pairsNeeded).toBe(judged?.pairsNeeded);
    expect(said.pairsNeeded).toBeGreaterThan(
      outlookOf({ flow: FLOW, quantity: 'p99' }, judged?.sdPair ?? 0, RULE).pairsNeeded ?? Infinity,
    );
  });

  it('says what can be found within a budget', () => {
    const short = { ...RULE, looks: [16], budgetMs: ms(450_000) };
    expect(outlookWords('noise of 3 rounds', noise(0.18, short), short)).toBe(
      'noise of 3 rounds: P99 varies by 20 % a pair; +10 % needs 46 pairs, 20 min; within the budget (8 min) it can find +19 %',
    );
  });

  it('says so where no time would do, names the flow where there are several, and says nothing of no times', () => {
    const two = {
      ...RULE,
      metrics: [...RULE.metrics, { flow: 'specialist.technical', quantity: 'p50' as const }],
    };
    expect(outlookWords('noise', noise(30, two), two)).toMatch(
      /^noise: gateway\.intentions P99 varies by \d+ % a pair; \+10 % is not to be found in any time; with its 32 pairs it can find \+\d+ %$/,
    );
    expect(outlookWords('noise', [], RULE)).toBe(null);
  });
});
