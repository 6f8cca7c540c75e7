/** The error rates that the gate states, through its real code: block histograms in, verdict out. Minutes of simulation. */
import { describe, expect, it } from 'vitest';
import type { GateBlock, GateRule, GateSide } from '../../../../src/core/gate.ts';
import { seededRng } from '../../../../src/core/rng.ts';
import type { VerdictStatus } from '../../../../src/core/verdict.ts';
import { isDecided, judgeGate } from '../../../../src/measure/gate/judge-gate.ts';
import { FLOW, Machine, type Noise, PANEL, QUIET, SANDBOX, STAGING, type Versions } from './noise.ts';

const machine = new Machine(seededRng(20261129));

/** Shares of the verdicts in percent. */
function rates(
  gates: number,
  noise: Noise,
  versions: Versions = {},
  rule: GateRule = PANEL,
): Record<VerdictStatus, number> {
  const seen = { PASS: 0, FAIL: 0, INCONCLUSIVE: 0, 'NO-DATA': 0, INVALID: 0, RESIDUE: 0 };
  for (let gate = 0; gate < gates; gate += 1) seen[oneGate(noise, versions, rule)] += 100 / gates;
  return seen;
}

function oneGate(noise: Noise, versions: Versions, rule: GateRule): VerdictStatus {
  const blocks: GateBlock[] = [];
  for (const pair of machine.pairs(noise, versions)) {
    blocks.push(...pair);
    if (isDecided(blocks, rule)) break;
  }
  return judgeGate(blocks, rule).status;
}

const times = (factor: number) => (latencyMs: number) => latencyMs * factor;

describe('a gate of two equal versions', () => {
  it.each([
    { name: 'a quiet place', noise: QUIET },
    { name: 'staging', noise: STAGING },
    { name: 'a noisy sandbox', noise: SANDBOX },
  ])('fails at most 5.8 % of 2,000 in $name', ({ noise }) => {
    const { FAIL, PASS } = rates(2000, noise);
    console.log(`A/A: FAIL ${FAIL.toFixed(1)} %, PASS ${PASS.toFixed(1)} %`);
    expect(FAIL).toBeLessThanOrEqual(5.8);
    if (noise === QUIET) expect(PASS).toBeGreaterThanOrEqual(93);
  });
});

describe('a candidate that is 10 % slower everywhere', () => {
  it.each([
    { name: 'a quiet place', noise: QUIET, atLeast: 97 },
    { name: 'staging', noise: STAGING, atLeast: 90 },
  ])('fails in $name', ({ noise, atLeast }) => {
    const { FAIL, PASS } = rates(1000, noise, { candidate: times(1.1) });
    console.log(`+10 %: FAIL ${FAIL.toFixed(1)} %, PASS ${PASS.toFixed(1)} %`);
    expect(FAIL).toBeGreaterThanOrEqual(atLeast);
    expect(PASS).toBeLessThanOrEqual(5);
  });

  it('is mostly left open in a noisy sandbox, and hardly ever passed', () => {
    const { PASS, INCONCLUSIVE } = rates(1000, SANDBOX, { candidate: times(1.1) });
    expect(PASS).toBeLessThanOrEqual(5);
    expect(INCONCLUSIVE).toBeGreaterThanOrEqual(55);
  });
});

/** Standardised rank sum of `one` against `other`; no ties among latencies. */
function mannWhitneyZ(one: readonly number[], other: readonly number[]): number {
  const all = [
    ...one.map((value) => ({ value, mine: true })),
    ...other.map((value) => ({ value, mine: false })),
  ];
  all.sort((a, b) => a.value - b.value);
  const rankSum = all.reduce((sum, { mine }, at) => sum + (mine ? at + 1 : 0), 0);
  const [n, m] = [one.length, other.length];
  const u = rankSum - (n * (n + 1)) / 2;
  return (u - (n * m) / 2) / Math.sqrt((n * m * (n + m + 1)) / 12);
}

const single = (rule: Partial<GateRule>): GateRule => ({
  ...PANEL,
  metrics: [{ flow: FLOW, quantity: 'p99' }],
  ...rule,
});

describe('what the gate does not do', () => {
  it('drift by 30 % does not fail equal versions in coin order, and fails them when all of one side come first', () => {
    const drifting = { ...STAGING, drift: 0.3 };
    const rule = single({ looks: [12] });
    expect(rates(1000, drifting, { pairs: 12 }, rule).FAIL).toBeLessThanOrEqual(6.5);
    let failed = 0;
    for (let gate = 0; gate < 1000; gate += 1) {
      // The same 24 blocks, the first half taken for the baseline's and the second for the candidate's.
      const blocks = [
        ...machine.pairs(drifting, { pairs: 12, order: () => ['baseline', 'candidate'] }),
      ].flat();
      const half = blocks.length / 2;
      const asSequence = blocks.map((block, at) => ({
        ...block,
        side: at < half ? ('baseline' as const) : ('candidate' as const),
        pair: (at % half) + 1,
      }));
      if (judgeGate(asSequence, rule).status === 'FAIL') failed += 1;
    }
    console.log(`all A, then all B under drift: FAIL ${failed / 10} %`);
    expect(failed / 10).toBeGreaterThanOrEqual(12);
  });

  it('a Mann–Whitney test over seconds would fail more than 15 % of equal versions, where the pairs fail at most 6.5 %', () => {
    const rule = single({ metrics: [{ flow: FLOW, quantity: 'p50' }], looks: [12] });
    let paired = 0;
    let overSeconds = 0;
    for (let gate = 0; gate < 1000; gate += 1) {
      const seconds = { baseline: [] as number[], candidate: [] as number[] };
      const onSecond = (side: GateSide, medianMs: number): unknown => seconds[side].push(medianMs);
      const blocks = [
        ...machine.pairs(STAGING, { pairs: 12, onSecond: (side, median) => void onSecond(side, median) }),
      ].flat();
      if (judgeGate(blocks, rule).status === 'FAIL') paired += 1;
      if (mannWhitneyZ(seconds.candidate, seconds.baseline) > 1.6449) overSeconds += 1;
    }
    console.log(`pairs ${paired / 10} %, Mann–Whitney over seconds ${overSeconds / 10} %`);
    expect(paired / 10).toBeLessThanOrEqual(6.5);
    expect(overSeconds / 10).toBeGreaterThanOrEqual(15);
  });

  it('looking four times without correction would fail more than 9 % of equal versions', () => {
    const looks = [8, 12, 16, 20];
    const rule = single({ looks });
    let corrected = 0;
    let uncorrected = 0;
    for (let gate = 0; gate < 1000; gate += 1) {
      const blocks = [...machine.pairs(STAGING, { pairs: 20 })].flat();
      if (judgeGate(blocks, rule).status === 'FAIL') corrected += 1;
      const peeks = looks.some(
        (look) =>
          judgeGate(
            blocks.filter((one) => one.pair <= look),
            single({ looks: [look] }),
          ).status === 'FAIL',
      );
      if (peeks) uncorrected += 1;
    }
    console.log(`four looks: FAIL ${corrected / 10} %, uncorrected ${uncorrected / 10} %`);
    expect(corrected / 10).toBeLessThanOrEqual(6.5);
    expect(uncorrected / 10).toBeGreaterThanOrEqual(9);
  });
});

describe('the interval of a gate with one look', () => {
  it.each([QUIET, STAGING])('holds a true +10 % in at least 88 % of 1,000 for its nominal 90 %', (noise) => {
    const rule = single({ looks: [16] });
    let held = 0;
    for (let gate = 0; gate < 1000; gate += 1) {
      const blocks = [...machine.pairs(noise, { pairs: 16, candidate: times(1.1) })].flat();
      const [metric] = judgeGate(blocks, rule).metrics;
      if ((metric?.low ?? 2) <= 1.1 && 1.1 <= (metric?.high ?? 0)) held += 1;
    }
    console.log(`coverage ${held / 10} %`);
    expect(held / 10).toBeGreaterThanOrEqual(88);
  });
});

describe('a tail with a cliff', () => {
  const cliff: Noise = { ...QUIET, tail: 'cliff' };

  it('leaves P99 open and still finds +10 % by the other quantiles', () => {
    const { FAIL } = rates(300, cliff, { candidate: times(1.1) });
    expect(FAIL).toBeGreaterThanOrEqual(97);
  });

  it('never passes a tail that became 25 % slower', () => {
    const slower = (latencyMs: number): number => (latencyMs > 30 ? latencyMs * 1.25 : latencyMs);
    expect(rates(300, cliff, { candidate: slower }).PASS).toBeLessThanOrEqual(1);
  });
});
