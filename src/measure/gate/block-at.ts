/**
 * A block of a gate from what a run has recorded: live when it has settled, and from disk with the same code.
 */
import {
  flowOn,
  type GateBlock,
  type GateBlockFlow,
  type GatePlan,
  type GateQuantile,
  type GateSide,
} from '../../core/gate.ts';
import type { FlowPhase, Phase } from '../../core/result.ts';
import { type EpochMs, epochMs } from '../../core/units.ts';
import { GENERATOR_LIMITS } from '../judge-generator.ts';
import { eachSecond, secondsOf } from '../phase-seconds.ts';
import { judgedHistogram } from '../phase-windows.ts';
import type { RunData } from '../run-data.ts';
import { blockFlow } from './block-flow.ts';

export type BlockPlace = Pick<GateBlock, 'pair' | 'slot' | 'side' | 'from' | 'to'>;

/** Both blocks of a pair, without their settling. @param pair from 1. @param from the start of the pair. */
export function blockPlaces(
  { order, settleMs, blockMs }: Pick<GatePlan, 'order' | 'settleMs' | 'blockMs'>,
  pair: number,
  from: EpochMs,
): readonly [BlockPlace, BlockPlace] {
  const place = (slot: 1 | 2): BlockPlace => {
    const side: GateSide = order[pair - 1]?.[slot - 1] === 'B' ? 'candidate' : 'baseline';
    const begin = epochMs(from + (slot - 1) * (settleMs + blockMs) + settleMs);
    return { pair, slot, side, from: begin, to: epochMs(begin + blockMs) };
  };
  return [place(1), place(2)];
}

/** @param data in which every arrival that was due in the block has its end. */
export function blockAt(
  place: BlockPlace,
  { metrics }: Pick<GatePlan, 'metrics'>,
  data: RunData,
): Omit<GateBlock, 'replicas'> {
  const phase: Phase = { name: 'block', from: place.from, to: place.to };
  const flows: Record<string, GateBlockFlow> = {};
  let limited: string | null = null;
  for (const flow of new Set(metrics.map((one) => one.flow))) {
    const name = flowOn(flow, place.side);
    const stats = data.flowPhase(name, phase);
    const quantiles = metrics
      .filter((one) => one.flow === flow)
      .flatMap(({ quantity }): GateQuantile[] => (quantity === 'failed' ? [] : [quantity]));
    // P95 is asked for beside P99: it shows whether P99 lies on a cliff.
    const wanted = [
      ...new Set<GateQuantile>([...quantiles, ...(quantiles.includes('p99') ? (['p95'] as const) : [])]),
    ];
    const good = judgedHistogram(data, name, 'response', [...eachSecond(secondsOf(phase))]);
    flows[flow] = blockFlow({ due: stats.due, completed: stats.count, failed: stats.failed }, good, wanted);
    limited ??= limitOf(flow, stats);
  }
  return { ...place, limited, flows };
}

/**
 * As for the baseline of a run (judge-generator.ts): where arrivals start late, the generator's queue is
 * measured.
 */
function limitOf(
  flow: string,
  { due, dueRate, attainedRate, dropped, latenessMs }: FlowPhase,
): string | null {
  if (due === 0) return null;
  const late = latenessMs.p99;
  if (late !== null && late > GENERATOR_LIMITS.lateP99Ms)
    return `arrivals of ${flow} started ${late.toFixed(0)} ms late (P99)`;
  // Arrivals that found no VU are the target's: their answers took too long.
  const started = dropped > 0 ? 1 : attainedRate / dueRate;
  return started < GENERATOR_LIMITS.attained
    ? `only ${(started * 100).toFixed(1)} % of the arrivals of ${flow} were started`
    : null;
}
