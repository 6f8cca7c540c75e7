import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../src/core/rng.ts';
import type { ProbeSample } from '../../../src/core/samples.ts';
import { epochMs } from '../../../src/core/units.ts';
import {
  observationsOf,
  ownStalls,
  slowNeeded,
  usualAnswers,
} from '../../../src/measure/probe-observations.ts';

const AT = 1_800_000_000_000;
const answer = (index: number, tookMs: number, more: Partial<ProbeSample> = {}): ProbeSample => ({
  probe: 'redis',
  connection: 'held',
  at: epochMs(AT + index * 100),
  tookMs,
  ok: true,
  outcome: 'ok',
  ...more,
});
const answers = (times: readonly number[]): ProbeSample[] => times.map((took, index) => answer(index, took));
const badOf = (samples: readonly ProbeSample[], usualMs = 5, slowShare = 0): number[] =>
  observationsOf(samples, usualMs, slowShare).flatMap((one) => (one.good ? [] : [(one.at - AT) / 100]));

describe('which answers of a probe speak against a connection', () => {
  it('a failure does, alone', () => {
    const samples = [answer(0, 2), answer(1, 2, { ok: false, outcome: 'refused' }), answer(2, 2)];
    expect(badOf(samples)).toEqual([1]);
  });

  it('a stray slow answer does not: 62 to 92 ms, four of 773', () => {
    const times = Array.from({ length: 773 }, () => 2);
    for (const [index, took] of [80, 62, 92, 75].entries()) times[100 + index * 150] = took;
    expect(badOf(answers(times))).toEqual([]);
  });

  it('three of ten in a row do, each of them, and two do not', () => {
    expect(badOf(answers([2, 90, 2, 90, 2, 2, 2, 2, 2, 2, 2, 2]))).toEqual([]);
    expect(badOf(answers([2, 90, 2, 90, 2, 2, 2, 2, 2, 90, 2, 2]))).toEqual([1, 3, 9]);
    expect(badOf(answers([2, 90, 2, 90, 2, 2, 2, 2, 2, 2, 2, 90]))).toEqual([]);
  });

  it('a slow answer among failures does: the way back is slow before it is good', () => {
    const failed = [0, 1, 2].map((index) => answer(index, 2, { ok: false, outcome: 'refused' }));
    expect(badOf([...failed, answer(3, 90), answer(4, 2)])).toEqual([0, 1, 2, 3]);
  });

  it('an answer that kept the connection from three others does, alone', () => {
    expect(badOf(answers([2, 299, 2]))).toEqual([]);
    expect(badOf(answers([2, 300, 2]))).toEqual([1]);
  });

  it('a lasting latency is seen from its first answer to its last', () => {
    const times = Array.from({ length: 60 }, (_, index) => (index >= 20 && index < 40 ? 105 : 2));
    expect(badOf(answers(times))).toEqual(Array.from({ length: 20 }, (_, index) => 20 + index));
  });

  it('needs more slow answers where the baseline has more of them, never more than all ten', () => {
    expect([0, 0.01, 0.05, 0.2, 0.5, 1].map(slowNeeded)).toEqual([3, 3, 5, 8, 10, 10]);
    expect(usualAnswers(answers([2, 2, 2, 90]))).toEqual({ usualMs: 2, slowShare: 0.25 });
    expect(usualAnswers([])).toEqual({ usualMs: 5, slowShare: 0 });
  });

  it('calls a quiet connection degraded in at most one of a hundred watches of a minute', () => {
    let alarms = 0;
    for (let seed = 1; seed <= 500; seed += 1) {
      const rng = seededRng(seed);
      const times = Array.from({ length: 600 }, () => (rng.next() < 0.005 ? 80 : 2));
      if (badOf(answers(times)).length > 0) alarms += 1;
    }
    console.log(
      `probes: ${alarms} of 500 quiet watches of a minute degraded, at 0.5 % of stray slow answers`,
    );
    expect(alarms).toBeLessThanOrEqual(5);
  });
});

describe('an answer that our own process made late', () => {
  it('is left out when it was in time but for the stall, and is counted', () => {
    const samples = [answer(0, 2), answer(1, 92, { ownStallMs: 80 }), answer(2, 2)];
    expect(observationsOf(samples, 2).map((one) => one.at - AT)).toEqual([0, 200]);
    expect(ownStalls(samples, 2)).toBe(1);
  });

  it('is left out, too, when the deadline passed while we stood still', () => {
    const missed = answer(1, 400, { ok: false, outcome: 'stalled', ownStallMs: 380 });
    expect(badOf([answer(0, 2), missed])).toEqual([]);
    expect(ownStalls([missed], 2)).toBe(1);
  });

  it('counts against the target when it was late without the stall, and when the server itself said no', () => {
    const late = [1, 2, 3].map((index) => answer(index, 180, { ownStallMs: 30 }));
    expect(badOf(late)).toEqual([1, 2, 3]);
    expect(badOf([answer(1, 90, { ok: false, outcome: 'refused', ownStallMs: 88 })])).toEqual([1]);
    expect(badOf([answer(1, 400, { ok: false, outcome: 'stalled', ownStallMs: 100 })])).toEqual([1]);
    expect(ownStalls(late, 2)).toBe(0);
  });

  it('never turns a bad answer of another instant into a good one, whatever is left out', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 500 }), fc.boolean(), fc.boolean())),
        (list) => {
          const samples = list.map(([took, ok, own], index) =>
            answer(index, took, { ok, outcome: ok ? 'ok' : 'reset', ...(own && { ownStallMs: took - 1 }) }),
          );
          const seen = observationsOf(samples, 2);
          const resets = samples.filter((one) => !one.ok).map((one) => one.at);
          expect(seen.filter((one) => resets.includes(epochMs(one.at))).every((one) => !one.good)).toBe(true);
          expect(seen.filter((one) => resets.includes(epochMs(one.at))).length).toBe(resets.length);
        },
      ),
    );
  });
});
