/**
 * Blocks joined to pairs, without those pairs in which the generator or an overloaded baseline was measured.
 */
import type { DroppedPair, GateBlock, GateRule, GateSide } from '../../core/gate.ts';

export interface GatePair {
  readonly pair: number;
  readonly baseline: GateBlock;
  readonly candidate: GateBlock;
}

export interface GatePairs {
  readonly kept: readonly GatePair[];
  readonly dropped: readonly DroppedPair[];
  /** Pairs of which only one block is there: the gate was ended in the middle. */
  readonly torn: number;
}

export function pairsOf(blocks: readonly GateBlock[]): GatePairs {
  const numbers = [...new Set(blocks.map((one) => one.pair))].sort((a, b) => a - b);
  const kept: GatePair[] = [];
  const dropped: DroppedPair[] = [];
  let torn = 0;
  for (const pair of numbers) {
    const of = (side: GateSide): GateBlock | undefined =>
      blocks.find((one) => one.pair === pair && one.side === side);
    const [baseline, candidate] = [of('baseline'), of('candidate')];
    if (baseline === undefined || candidate === undefined) {
      torn += 1;
      continue;
    }
    const why = whyDropped(baseline, candidate);
    if (why === null) kept.push({ pair, baseline, candidate });
    else dropped.push({ pair, why });
  }
  return { kept, dropped, torn };
}

function whyDropped(baseline: GateBlock, candidate: GateBlock): string | null {
  for (const block of [baseline, candidate]) {
    const why = whyNotKept(block);
    if (why !== null) return `${block.side}: ${why}`;
  }
  return null;
}

/**
 * A candidate that leaves arrivals unanswered keeps its pair: its quantiles are then lower bounds, by which
 * it may fail and never pass. The same in the baseline would make the candidate look worse than it is.
 */
export function whyNotKept({ limited, side, flows }: GateBlock): string | null {
  if (limited !== null || side === 'candidate') return limited;
  const found = Object.entries(flows).find(([, one]) => one.unanswered > 0);
  if (found === undefined) return null;
  const [flow, { unanswered }] = found;
  return `${unanswered} ${unanswered === 1 ? 'arrival' : 'arrivals'} of ${flow} ${unanswered === 1 ? 'was' : 'were'} never answered`;
}

/** Arrivals of the gated flows that the candidate never answered. */
export const unansweredOf = (judged: readonly GatePair[], { metrics }: GateRule): number =>
  [...new Set(metrics.map((one) => one.flow))].reduce(
    (sum, flow) =>
      sum + judged.reduce((count, { candidate }) => count + (candidate.flows[flow]?.unanswered ?? 0), 0),
    0,
  );
