import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GatePlan, GateResult } from '../../../../src/core/gate.ts';
import { ms } from '../../../../src/core/units.ts';
import { hardestOf, minutesOf, outlookOf } from '../../../../src/measure/gate/gate-outlook.ts';
import { asAa } from '../../../../src/measure/gate/judge-aa.ts';
import { judgeGate } from '../../../../src/measure/gate/judge-gate.ts';
import { noiseSentence } from '../../../../src/measure/gate/noise-words.ts';
import { pairsNeeded } from '../../../../src/measure/gate/pairs-needed.ts';
import { FLOW, Machine, PANEL, QUIET, SANDBOX } from './noise.ts';

const PLAN: GatePlan = {
  ...PANEL,
  ...{
    baseline: 'blue',
    candidate: 'blue',
    order: [],
    leadMs: ms(10_000),
    loadHash: 'f'.repeat(16),
    aa: true,
  },
};
const machine = new Machine(13);
const measured = (noise: typeof QUIET, change = (one: number): number => one): GateResult =>
  asAa(judgeGate([...machine.pairs(noise, { candidate: change })].flat(), PLAN), PLAN);

describe('an A/A gate', () => {
  it('of a quiet place passes, and says what a gate can find there', () => {
    const { status, sentence, aa } = measured(QUIET);
    expect([status, sentence.slice(0, 5)]).toEqual(['PASS', 'A/A: ']);
    expect(aa?.meaning).toMatch(
      /^equal versions pass here: P99 varies by 1\d % a pair; \+10 % needs \d+ pairs, \d+ min; the 32 pairs of this gate can find \+1?\d %$/,
    );
    expect(aa?.metrics.map((one) => one.quantity)).toEqual(['p50', 'p95', 'p99']);
  });

  it('of a noisy place is INCONCLUSIVE, and names pairs and minutes', () => {
    const { status, aa } = measured(SANDBOX);
    expect(status).toBe('INCONCLUSIVE');
    expect(aa?.meaning).toMatch(
      /^this place is too noisy for this gate: P\d\d varies by \d\d % a pair; \+10 % needs \d{2,3} pairs, \d{2,3} min; the 32 pairs of this gate can find \+\d\d %$/,
    );
  });

  it('that fails is called a false alarm, with how many are to be expected', () => {
    const { status, aa } = measured(QUIET, (one) => one * 1.4);
    expect(status).toBe('FAIL');
    expect(aa?.meaning).toBe(
      'a false alarm: both sides are blue, and at most 5 % of such gates fail by chance; more than that means that something favours one side',
    );
  });

  it('that was ended in the middle says nothing about the noise', () => {
    const { status, aa } = asAa(judgeGate([], PLAN), PLAN);
    expect([status, aa]).toEqual([
      'NO-DATA',
      { metrics: [], meaning: 'it says nothing about the noise of this place' },
    ]);
  });

  it('of a P99 on a cliff asks for a lower quantile', () => {
    const { meaning } = measured({ ...QUIET, tail: 'cliff' }).aa ?? { meaning: '' };
    expect(meaning).toMatch(
      /^P99 lies on a cliff: .* so that it says nothing here: gate a lower quantile here; P99 varies by \d+ % a pair; /,
    );
  });

  it('changes nothing else of the answer', () => {
    const blocks = [...machine.pairs(QUIET)].flat();
    const plain = judgeGate(blocks, PLAN);
    const { aa: _aa, ...same } = asAa(plain, PLAN);
    expect(same).toEqual({ ...plain, sentence: `A/A: ${plain.sentence}` });
  });
});

describe('the outlook of a place', () => {
  const metric = { flow: FLOW, quantity: 'p99' as const };

  it('is, at a deviation of 0.145 with three metrics, 31 pairs and 14 minutes for +10 %', () => {
    const one = outlookOf(metric, 0.145, PANEL);
    expect([one.pairsNeeded, one.minutesNeeded]).toEqual([31, 14]);
    expect(noiseSentence(one, PANEL)).toBe(
      'P99 varies by 16 % a pair; +10 % needs 31 pairs, 14 min; the 32 pairs of this gate can find +10 %',
    );
  });

  it('is at most one pair off 1.05·((t + t)·s/δ)² with its own degrees of freedom', () => {
    // t quantiles at 0.05/3 and at 0.1, 123 degrees of freedom: 2.1491 and 1.2883 (tables of Student's t).
    const formula = 1.05 * (((2.1491 + 1.2883) * 0.3) / Math.log(1.1)) ** 2;
    expect(Math.abs(pairsNeeded(0.3, { allow: 0, find: 0.1, level: 0.05 / 3 }) - formula)).toBeLessThan(1.5);
  });

  it('names no number where none within reason would do', () => {
    const one = outlookOf(metric, 40, PANEL);
    expect([one.pairsNeeded, one.minutesNeeded]).toEqual([null, null]);
    expect(noiseSentence(one, PANEL)).toContain('; no number of pairs in reach finds +10 %; ');
  });

  it('finds the difference that was asked for exactly where the pairs suffice for it', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 2, noNaN: true }), (sdPair) => {
        const one = outlookOf(metric, sdPair, PANEL);
        const enough = (one.pairsNeeded ?? Number.POSITIVE_INFINITY) <= 32;
        return enough === one.detectable <= 0.1 + 1e-9;
      }),
    );
  });

  it('asks for more the noisier a place is, and for whole minutes', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 1, noNaN: true }), (sdPair) => {
        const [one, noisier] = [outlookOf(metric, sdPair, PANEL), outlookOf(metric, sdPair * 1.5, PANEL)];
        expect(noisier.detectable).toBeGreaterThan(one.detectable);
        expect(noisier.pairsNeeded ?? 1e9).toBeGreaterThanOrEqual(one.pairsNeeded ?? 1e9);
        expect(one.minutesNeeded).toBe(minutesOf(one.pairsNeeded ?? 0, PANEL));
        expect(hardestOf([one, noisier])).toBe(noisier);
      }),
    );
  });
});
