/**
 * What a reader of a gate may want to see behind its answer, from the blocks and what was recorded in them.
 */
import {
  flowOn,
  GATE_QUANTILES,
  type GateBlock,
  type GateMetric,
  type GateResult,
  type GateRule,
  type GateSide,
} from '../../core/gate.ts';
import {
  CURVE,
  type FlowTimes,
  type GateEvidence,
  type SeenPair,
  type SideValues,
} from '../../core/gate-evidence.ts';
import { type LatencyHistogram, msAt } from '../latency-histogram.ts';
import { eachSecond, secondsOf } from '../phase-seconds.ts';
import { judgedHistogram } from '../phase-windows.ts';
import type { RunData } from '../run-data.ts';
import { medianOf, samplesForQuantile } from '../statistics.ts';
import { driftOf, settlingOf } from './gate-conditions.ts';
import { type GatePair, pairsOf } from './gate-pairs.ts';

/** @param judged how many of the kept pairs the answer rests on. */
export function gateEvidence(
  blocks: readonly GateBlock[],
  rule: GateRule,
  { pairs: { judged } }: Pick<GateResult, 'pairs'>,
  data: RunData,
): GateEvidence {
  const { kept } = pairsOf(blocks);
  const counted = kept.slice(0, judged);
  const flows = [...new Set(rule.metrics.map((one) => one.flow))];
  const timed = rule.metrics.find((one) => one.quantity !== 'failed');
  return {
    pairs: seenPairs(blocks, rule, judged),
    sides: rule.metrics.map((metric) => sidesOf(counted, metric, data)),
    times: flows.map((flow): FlowTimes => {
      const times = (side: GateSide): FlowTimes['baseline'] => {
        const found = goodTimes(kept, flow, side, data);
        const at = (quantile: number): number | null =>
          found.count < samplesForQuantile(quantile) ? null : msAt(found, quantile);
        return { count: found.count, ms: CURVE.map(at) };
      };
      return { flow, baseline: times('baseline'), candidate: times('candidate') };
    }),
    lateness: flows.map((flow) => {
      const late = (side: GateSide): number | null => {
        const name = flowOn(flow, side);
        return msAt(judgedHistogram(data, name, 'lateness', secondsOfSide(kept, side)), 0.99);
      };
      return { flow, baselineMs: late('baseline'), candidateMs: late('candidate') };
    }),
    settling: timed === undefined ? null : settlingOf(kept, timed.flow, data),
    drift: timed === undefined ? null : driftOf(kept, timed),
    ...replicasOf(blocks),
  };
}

function replicasOf(blocks: readonly GateBlock[]): Pick<GateEvidence, 'replicas'> {
  const last = (side: GateSide): GateBlock['replicas'] =>
    blocks.findLast((one) => one.side === side && one.replicas !== undefined)?.replicas;
  const [baseline, candidate] = [last('baseline'), last('candidate')];
  return baseline && candidate ? { replicas: { baseline, candidate } } : {};
}

/** Dropped pairs too: what they showed is seen, though it counts for nothing. */
function seenPairs(blocks: readonly GateBlock[], rule: GateRule, judged: number): readonly SeenPair[] {
  const { kept, dropped } = pairsOf(blocks);
  const counted = new Set(kept.slice(0, judged).map((one) => one.pair));
  const first = Math.min(...blocks.map((one) => one.from));
  return [...kept.map((one) => one.pair), ...dropped.map((one) => one.pair)]
    .sort((a, b) => a - b)
    .flatMap((pair): SeenPair[] => {
      const of = (side: GateSide): GateBlock | undefined =>
        blocks.find((one) => one.pair === pair && one.side === side);
      const [baseline, candidate] = [of('baseline'), of('candidate')];
      if (baseline === undefined || candidate === undefined) return [];
      return [
        {
          pair,
          order: baseline.slot === 1 ? 'AB' : 'BA',
          atMs: Math.min(baseline.from, candidate.from) - first,
          judged: counted.has(pair),
          dropped: dropped.find((one) => one.pair === pair)?.why ?? null,
          values: rule.metrics.map((metric) => difference({ pair, baseline, candidate }, metric)),
        },
      ];
    });
}

function difference({ baseline, candidate }: GatePair, metric: GateMetric): number | null {
  const [from, to] = [valueIn(baseline, metric), valueIn(candidate, metric)];
  if (from === null || to === null) return null;
  return metric.quantity === 'failed' ? to - from : to / from;
}

/** Times in ms, `failed` as a share of what was due. */
function valueIn(block: GateBlock, { flow, quantity }: GateMetric): number | null {
  const found = block.flows[flow];
  if (found === undefined) return null;
  if (quantity !== 'failed') return found.goodMs[quantity] ?? null;
  return found.due === 0 ? null : (found.failed + found.unanswered) / found.due;
}

function sidesOf(pairs: readonly GatePair[], metric: GateMetric, data: RunData): SideValues {
  const { flow, quantity } = metric;
  if (quantity === 'failed') {
    const share = (side: GateSide): number | null => {
      const found = pairs.flatMap((one) => one[side].flows[flow] ?? []);
      const due = found.reduce((sum, one) => sum + one.due, 0);
      return due === 0 ? null : found.reduce((sum, one) => sum + one.failed + one.unanswered, 0) / due;
    };
    return { baseline: share('baseline'), candidate: share('candidate'), pooledRatio: null };
  }
  const typical = (side: GateSide): number | null =>
    medianOf(pairs.map((one) => valueIn(one[side], metric)).filter((one) => one !== null));
  const pooled = (side: GateSide): number | null =>
    msAt(goodTimes(pairs, flow, side, data), GATE_QUANTILES[quantity]);
  const [from, to] = [pooled('baseline'), pooled('candidate')];
  return {
    baseline: typical('baseline'),
    candidate: typical('candidate'),
    pooledRatio: from === null || to === null || from === 0 ? null : to / from,
  };
}

const goodTimes = (
  pairs: readonly GatePair[],
  flow: string,
  side: GateSide,
  data: RunData,
): LatencyHistogram => judgedHistogram(data, flowOn(flow, side), 'response', secondsOfSide(pairs, side));

const secondsOfSide = (pairs: readonly GatePair[], side: GateSide): readonly number[] =>
  pairs.flatMap((one) => secondsOfBlock(one[side]));

const secondsOfBlock = ({ from, to }: GateBlock): readonly number[] => [
  ...eachSecond(secondsOf({ name: 'block', from, to })),
];
