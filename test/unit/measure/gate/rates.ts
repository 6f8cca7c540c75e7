/**
 * What the tests of error rates share: whole gates through the real code, block histograms in, verdict out.
 */
import type { GateBlock, GateResult, GateRule } from '../../../../src/core/gate.ts';
import type { VerdictStatus } from '../../../../src/core/verdict.ts';
import { isDecided, judgeGate } from '../../../../src/measure/gate/judge-gate.ts';
import { FLOW, type Machine, type Noise, PANEL, type Versions } from './noise.ts';

/** One metric instead of the panel: what a comparison of methods is made with. */
export const single = (rule: Partial<GateRule>): GateRule => ({
  ...PANEL,
  metrics: [{ flow: FLOW, quantity: 'p99' }],
  ...rule,
});

export const slower = (factor: number) => (latencyMs: number) => latencyMs * factor;

/** A gate as the driver runs it: pair after pair, until it knows. */
export function oneGate(
  machine: Machine,
  noise: Noise,
  versions: Versions = {},
  rule: GateRule = PANEL,
): GateResult {
  const blocks: GateBlock[] = [];
  for (const pair of machine.pairs(noise, versions)) {
    blocks.push(...pair);
    if (isDecided(blocks, rule)) break;
  }
  return judgeGate(blocks, rule);
}

export interface Rates extends Record<VerdictStatus, number> {
  /** Kept, on average. */
  readonly pairs: number;
}

/** Shares of the verdicts of so many gates, in percent. */
export function rates(
  gates: number,
  machine: Machine,
  noise: Noise,
  versions: Versions = {},
  rule: GateRule = PANEL,
): Rates {
  const seen = { PASS: 0, FAIL: 0, INCONCLUSIVE: 0, 'NO-DATA': 0, INVALID: 0, RESIDUE: 0 };
  let pairs = 0;
  for (let gate = 0; gate < gates; gate += 1) {
    const result = oneGate(machine, noise, versions, rule);
    seen[result.status] += 1;
    pairs += result.pairs.kept / gates;
  }
  const share = (count: number): number => (100 * count) / gates;
  return {
    ...{ PASS: share(seen.PASS), FAIL: share(seen.FAIL), INCONCLUSIVE: share(seen.INCONCLUSIVE) },
    ...{ 'NO-DATA': share(seen['NO-DATA']), INVALID: share(seen.INVALID), RESIDUE: share(seen.RESIDUE) },
    pairs,
  };
}

/** Printed with the test: the figures that docs/gate.md states. */
export function tell(what: string, { FAIL, PASS, INCONCLUSIVE, pairs }: Rates): void {
  const percent = (value: number): string => `${value.toFixed(1)} %`;
  console.log(
    `${what}: FAIL ${percent(FAIL)}, PASS ${percent(PASS)}, INCONCLUSIVE ${percent(INCONCLUSIVE)}, ${pairs.toFixed(1)} pairs`,
  );
}
