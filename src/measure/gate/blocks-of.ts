/**
 * The blocks of a gate from what a run has recorded: live after each pair, and from disk with the same code.
 */
import {
  DECIDED_PHASE,
  flowOn,
  type GateBlock,
  type GateBlockFlow,
  type GatePlan,
  type GateQuantile,
  type GateSide,
  pairOfPhase,
} from '../../core/gate.ts';
import type { FlowPhase, Phase } from '../../core/result.ts';
import { epochMs } from '../../core/units.ts';
import { GENERATOR_LIMITS } from '../judge-generator.ts';
import { eachSecond, secondsOf } from '../phase-seconds.ts';
import { judgedHistogram } from '../phase-windows.ts';
import type { RunData } from '../run-data.ts';
import { blockFlow } from './block-flow.ts';

/** A phase may end so much earlier than its blocks by the rounding of timers. */
const SHORT_MS = 500;

/** @param phases of the run; pairs that a decision cut short are left out. */
export function blocksOf(gate: GatePlan, phases: readonly Phase[], data: RunData): readonly GateBlock[] {
  return phases.flatMap((phase, index) => {
    const pair = pairOfPhase(phase.name);
    const order = pair === null ? undefined : gate.order[pair - 1];
    const isWhole = phase.to - phase.from + SHORT_MS >= 2 * (gate.settleMs + gate.blockMs);
    if (pair === null || order === undefined || (!isWhole && phases[index + 1]?.name === DECIDED_PHASE))
      return [];
    return ([1, 2] as const).flatMap((slot) => {
      const side: GateSide = order[slot - 1] === 'A' ? 'baseline' : 'candidate';
      const from = epochMs(phase.from + (slot - 1) * (gate.settleMs + gate.blockMs) + gate.settleMs);
      const to = epochMs(from + gate.blockMs);
      return to > phase.to + SHORT_MS ? [] : [blockOf({ pair, slot, side, from, to }, gate, data)];
    });
  });
}

function blockOf(
  place: Pick<GateBlock, 'pair' | 'slot' | 'side' | 'from' | 'to'>,
  { metrics }: GatePlan,
  data: RunData,
): GateBlock {
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
