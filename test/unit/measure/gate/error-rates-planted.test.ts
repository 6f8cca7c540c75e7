/**
 * Places in which other methods err, planted and simulated: drift, correlated seconds, peeking, a noisy
 * neighbour, a cliff. Each test judges the same blocks in the way that errs, as a control: without it a
 * test of the gate alone could not fail for the right reason.
 */
import { describe, expect, it } from 'vitest';
import type { GateBlock, GateSide } from '../../../../src/core/gate.ts';
import { judgeGate } from '../../../../src/measure/gate/judge-gate.ts';
import { studentQuantile } from '../../../../src/measure/gate/normal.ts';
import { standardDeviation } from '../../../../src/measure/gate/pairs-needed.ts';
import { lowerBound, signedRankCdf, walshAverages } from '../../../../src/measure/gate/signed-rank.ts';
import { FLOW, Machine, type Noise, PANEL, QUIET, STAGING } from './noise.ts';
import { oneGate, rates, single, slower, tell } from './rates.ts';

const GATES = 2000;
/** Share of gates in percent, printed. */
function share(what: string, count: number): number {
  const percent = (100 * count) / GATES;
  console.log(`${what}: ${percent.toFixed(1)} %`);
  return percent;
}

/** The same blocks as if all of the baseline had come first. */
function asSequence(blocks: readonly GateBlock[]): readonly GateBlock[] {
  const half = blocks.length / 2;
  return blocks.map((block, at) => ({
    ...block,
    side: at < half ? 'baseline' : 'candidate',
    pair: (at % half) + 1,
  }));
}

describe('drift', () => {
  it('by 30 % over the run fails equal versions at most 5 times of 100 in coin order, and at least 12 times with all of one side first', () => {
    const machine = new Machine(11);
    // 32 pairs of two blocks of 13 s; the model's drift is that of ten minutes.
    const drifting: Noise = { ...STAGING, drift: (0.3 * 600) / (32 * 26) };
    let coin = 0;
    let sequential = 0;
    for (let gate = 0; gate < GATES; gate += 1) {
      const blocks = [...machine.pairs(drifting)].flat();
      if (judgeGate(blocks, PANEL).status === 'FAIL') coin += 1;
      if (judgeGate(asSequence(blocks), PANEL).status === 'FAIL') sequential += 1;
    }
    expect(share('drift, coin order: FAIL', coin)).toBeLessThanOrEqual(5);
    expect(share('drift, all of one side first: FAIL', sequential)).toBeGreaterThanOrEqual(12);
  });

  it.each([
    { name: 'a quiet place', noise: QUIET },
    { name: 'staging', noise: STAGING },
  ])(
    'as it is usual in $name fails equal versions too often with all of one side first',
    ({ name, noise }) => {
      const machine = new Machine(12);
      const rule = single({ looks: [12] });
      let coin = 0;
      let sequential = 0;
      for (let gate = 0; gate < GATES / 2; gate += 1) {
        const blocks = [...machine.pairs(noise, { pairs: 12, blockS: 20 })].flat();
        if (judgeGate(blocks, rule).status === 'FAIL') coin += 2;
        if (judgeGate(asSequence(blocks), rule).status === 'FAIL') sequential += 2;
      }
      expect(share(`usual drift, ${name}, coin order: FAIL`, coin)).toBeLessThanOrEqual(5.8);
      expect(share(`usual drift, ${name}, all of one side first: FAIL`, sequential)).toBeGreaterThanOrEqual(
        8,
      );
    },
  );
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

describe('seconds that depend on one another', () => {
  it('make a Mann–Whitney test over them fail at least 15 % of equal versions, and the gate at most 5.8 %', () => {
    const machine = new Machine(13);
    const rule = single({ metrics: [{ flow: FLOW, quantity: 'p50' }], looks: [12] });
    let paired = 0;
    let overSeconds = 0;
    for (let gate = 0; gate < GATES; gate += 1) {
      const seconds: Record<GateSide, number[]> = { baseline: [], candidate: [] };
      const onSecond = (side: GateSide, medianMs: number): void => void seconds[side].push(medianMs);
      const blocks = [...machine.pairs(STAGING, { pairs: 12, onSecond })].flat();
      if (judgeGate(blocks, rule).status === 'FAIL') paired += 1;
      if (mannWhitneyZ(seconds.candidate, seconds.baseline) > 1.6449) overSeconds += 1;
    }
    expect(share('correlated seconds, pairs: FAIL', paired)).toBeLessThanOrEqual(5.8);
    expect(share('correlated seconds, Mann–Whitney over them: FAIL', overSeconds)).toBeGreaterThanOrEqual(15);
  });
});

describe('peeking', () => {
  it('four times fails equal versions at most 5 times of 100, and at least 9 times at the level of one look', () => {
    const machine = new Machine(14);
    const looks = [8, 12, 16, 20];
    let corrected = 0;
    let uncorrected = 0;
    for (let gate = 0; gate < GATES; gate += 1) {
      const blocks = [...machine.pairs(STAGING, { pairs: 20 })].flat();
      if (judgeGate(blocks, single({ looks })).status === 'FAIL') corrected += 1;
      const failsAt = (look: number): boolean => {
        const sofar = blocks.filter((one) => one.pair <= look);
        return judgeGate(sofar, single({ looks: [look] })).status === 'FAIL';
      };
      if (looks.some(failsAt)) uncorrected += 1;
    }
    expect(share('four looks: FAIL', corrected)).toBeLessThanOrEqual(5);
    expect(share('four looks, uncorrected: FAIL', uncorrected)).toBeGreaterThanOrEqual(9);
  });
});

describe('a noisy neighbour in one of ten pairs', () => {
  /**
   * One block of the pair is so much slower for 5 of its 20 s that a t-test finds +10 % in about 70 of 100.
   */
  const noise: Noise = { ...QUIET, neighbour: { share: 0.1, factor: 2.4 } };
  const rule = { ...PANEL, looks: [20] };
  const pairs = { pairs: 20, blockS: 20 };

  it('hides +10 % in at most 15 % of gates; by P99 alone signed ranks find it far more often than a t-test', () => {
    const machine = new Machine(15);
    const critical = studentQuantile(0.95, pairs.pairs - 1);
    const cdf = signedRankCdf(pairs.pairs);
    const found = { gate: 0, ranks: 0, tTest: 0 };
    for (let gate = 0; gate < GATES; gate += 1) {
      const { status, metrics } = oneGate(machine, noise, { ...pairs, candidate: slower(1.1) }, rule);
      if (status === 'FAIL') found.gate += 1;
      const logs = (metrics[2]?.byPair ?? []).map(Math.log);
      if (lowerBound(walshAverages(logs), cdf, 0.05) > 0) found.ranks += 1;
      const mean = logs.reduce((sum, one) => sum + one, 0) / logs.length;
      if (mean / (standardDeviation(logs) / Math.sqrt(logs.length)) > critical) found.tTest += 1;
    }
    expect(share('noisy neighbour, +10 %: FAIL', found.gate)).toBeGreaterThanOrEqual(85);
    const ranks = share('noisy neighbour, +10 %, P99 by signed ranks', found.ranks);
    expect(ranks).toBeGreaterThanOrEqual(85);
    expect(share('noisy neighbour, +10 %, P99 by a t-test', found.tTest)).toBeLessThanOrEqual(ranks - 10);
  });

  it('fails equal versions no more often than elsewhere', () => {
    const seen = rates(GATES, new Machine(16), noise, pairs, rule);
    tell('noisy neighbour, A/A', seen);
    expect(seen.FAIL).toBeLessThanOrEqual(5.8);
  });
});

describe('a tail with a cliff: one answer in a hundred takes 200 ms more', () => {
  const cliff: Noise = { ...QUIET, tail: 'cliff' };

  it('makes P99 vary more than four times as much as P95, which is named and decides nothing', () => {
    const machine = new Machine(17);
    let named = 0;
    for (let gate = 0; gate < GATES / 4; gate += 1) {
      const blocks = [...machine.pairs(cliff)].flat();
      const { checks, metrics } = judgeGate(blocks, { ...PANEL, looks: [32] });
      const [, p95, p99] = metrics;
      const ratio = (p99?.sdPair ?? 0) / (p95?.sdPair ?? 1);
      if (ratio > 4) {
        named += 4;
        expect(checks.cliffs).toEqual([FLOW]);
        expect(p99).toMatchObject({ status: 'INCONCLUSIVE' });
        expect(p99?.note).toBe(
          'lies on a cliff: few answers decide which of two modes it is, so that it says nothing here',
        );
      }
    }
    expect(share('cliff named', named)).toBeGreaterThanOrEqual(99);
  });

  it('leaves +10 % everywhere to be found by the other quantiles', () => {
    const seen = rates(GATES / 2, new Machine(18), cliff, { candidate: slower(1.1) });
    tell('cliff, +10 %', seen);
    expect(seen.FAIL).toBeGreaterThanOrEqual(97);
  });

  it('never passes a tail that became 25 % slower', () => {
    const machine = new Machine(19);
    const tail = (latencyMs: number): number => (latencyMs > 30 ? latencyMs * 1.25 : latencyMs);
    const seen = rates(GATES / 2, machine, cliff, { candidate: tail });
    tell('cliff, tail +25 %', seen);
    expect(seen.PASS).toBeLessThanOrEqual(1);
  });
});
