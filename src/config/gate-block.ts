/**
 * The `gate:` block of a campaign: what `gauntlet gate` asks of it when its flags do not say otherwise.
 *   gate: { find: 10%, allow: 0%, metrics: [failed, p50, p99], pairs: { max: 32 }, budget: 15m }
 */
import type { z } from 'zod';
import { MOST_GATE_METRICS } from '../core/gate.ts';
import { type Ms, type Parsed, parseDuration } from '../core/units.ts';
import { block, listOf, wholeNumber } from './forms.ts';
import { durationBy } from './words/duration.ts';
import { gateAlpha, gateDifference, gateMetric } from './words/gate.ts';

/** Fewer can never fail at the usual levels; with more the first pair is no longer like the last. */
export const GATE_PAIRS = { least: 5, most: 400 } as const;
const MOST_LOOKS = 8;

const between = (least: Ms, most: Ms, words: string) =>
  durationBy((text): Parsed<Ms> => {
    const parsed = parseDuration(text);
    const fits = !parsed.ok || (parsed.value >= least && parsed.value <= most);
    return fits ? parsed : { ok: false, expected: `a duration ${words}` };
  }, words);

const seconds = (value: number): Ms => (value * 1000) as Ms;
export const gateBudget = between(seconds(10), seconds(86_400), 'from 10s to 24h');

const pairCount = wholeNumber(
  GATE_PAIRS.least,
  GATE_PAIRS.most,
  `a whole number of pairs from ${GATE_PAIRS.least} to ${GATE_PAIRS.most}`,
);
const METRICS = 'a list such as [failed, p50, p99]';
const LOOKS = 'a list of numbers of pairs such as [16, 24, 32]';

export const gateBlock = block({
  find: gateDifference.prefault('10%').describe('a difference of times that must not be missed'),
  allow: gateDifference.prefault('0%').describe('a difference of times up to which nothing fails'),
  metrics: listOf(gateMetric, METRICS, 1)
    .max(MOST_GATE_METRICS, {
      error: `at most ${MOST_GATE_METRICS}: with more of them the level of each becomes so small that twice the pairs are needed`,
    })
    .prefault(['failed', 'p50', 'p95', 'p99'])
    .describe('what is gated: a quantile or the failed share, of the first flow or of FLOW:p99'),
  block: between(seconds(1), seconds(60), 'from 1s to 60s')
    .prefault('10s')
    .describe('the length of a block, longer where a quantile needs more arrivals'),
  settle: between(seconds(0), seconds(60), 'up to 60s')
    .prefault('3s')
    .describe('thrown away at the start of each block'),
  pairs: block({
    max: pairCount.default(32).describe('the most pairs that are judged; dropped ones are replaced'),
    looks: listOf(pairCount, LOOKS, 1)
      .max(MOST_LOOKS, { error: `at most ${MOST_LOOKS} looks` })
      .optional()
      .describe('at how many pairs the gate may decide, the last at max; without it at 1/2, 3/4 and all'),
  }).prefault({}),
  recovery: block({
    find: gateDifference.prefault('20%').describe('a difference of recovery times that must not be missed'),
    allow: gateDifference.prefault('0%').describe('a difference of recovery times up to which nothing fails'),
    pairs: wholeNumber(5, 100, 'a whole number of fault pairs from 5 to 100')
      .default(8)
      .describe('how often each fault is injected into both sides'),
  })
    .prefault({})
    .describe('how recoveries after the faults of the campaign are compared'),
  alpha: gateAlpha.prefault('5%').describe('the level of the whole gate, one-sided'),
  budget: gateBudget.optional().describe('the longest time for its load'),
});

export type GateBlockShape = z.output<typeof gateBlock>;
