/** Blocks of a gate as a test describes them, without a run. */
import type { GateBlock, GateBlockFlow, GateRule } from '../../../../src/core/gate.ts';
import { seededRng } from '../../../../src/core/rng.ts';
import { epochMs, ms } from '../../../../src/core/units.ts';
import { judgeGate } from '../../../../src/measure/gate/judge-gate.ts';

export const FLOW = 'shop.order';
export const RULE: GateRule = {
  metrics: (['failed', 'p50', 'p95', 'p99'] as const).map((quantity) => ({ flow: FLOW, quantity })),
  times: { allow: 0, find: 0.1 },
  failed: { allow: 0, find: 0.005 },
  alpha: 0.05,
  looks: [16, 24, 32],
  blockMs: ms(10_000),
  settleMs: ms(3000),
};

export type Side = Partial<GateBlockFlow> & { readonly limited?: string };

/** @param spread of the times: with 2 % no two differences are equal, with 0 all are. */
export function gate(
  pairs: number,
  candidate: (pair: number) => Side = () => ({}),
  baseline: (pair: number) => Side = () => ({}),
  spread = 0.02,
): GateBlock[] {
  const rng = seededRng(7);
  const jitter = (value: number | null | undefined): number | null =>
    value == null ? null : value * (1 + spread * (rng.next() - 0.5));
  const block = (
    pair: number,
    side: 'baseline' | 'candidate',
    slot: 1 | 2,
    { limited, ...given }: Side,
  ): GateBlock => {
    const from = epochMs(pair * 26_000 + slot * 13_000);
    const goodMs = { p50: 20, p95: 50, p99: 80, ...given.goodMs };
    const flow = {
      ...{ due: 1000, completed: 1000, failed: 0, unanswered: 0, ...given },
      goodMs: { p50: jitter(goodMs.p50), p95: jitter(goodMs.p95), p99: jitter(goodMs.p99) },
    };
    return {
      pair,
      side,
      slot,
      from,
      to: epochMs(from + 10_000),
      limited: limited ?? null,
      flows: { [FLOW]: flow },
    };
  };
  return Array.from({ length: pairs }, (_, at) => at + 1).flatMap((pair) => {
    const first = rng.next() < 0.5;
    return [
      block(pair, 'baseline', first ? 1 : 2, baseline(pair)),
      block(pair, 'candidate', first ? 2 : 1, candidate(pair)),
    ];
  });
}

export const slower = (factor: number): Side => ({
  goodMs: { p50: 20 * factor, p95: 50 * factor, p99: 80 * factor },
});
export const said = (blocks: readonly GateBlock[], rule = RULE): string => {
  const { status, sentence } = judgeGate(blocks, rule);
  return `${status}: ${sentence}`;
};
