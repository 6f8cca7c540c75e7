/**
 * `gate.json`: who was compared by which rule, and what came out; made from the evidence like `result.json`.
 */
import type { GateBlock, GateFile, GatePlan, GateResult, GateSide, Replicas } from '../../core/gate.ts';
import type { Plan } from '../../core/plan.ts';

export function gateFileOf(
  { id, campaign, seed }: Plan,
  gate: GatePlan,
  result: GateResult,
  blocks: readonly GateBlock[],
): GateFile {
  const { baseline, candidate, metrics, looks, ...asked } = gate;
  const replicasOf = (side: GateSide): Replicas | null =>
    blocks.find((one) => one.side === side && one.replicas !== undefined)?.replicas ?? null;
  return {
    schema: 'gauntlet.gate/1',
    ...{ run: id, campaign, seed, mode: 'interleaved' },
    baseline: { target: baseline, replicas: replicasOf('baseline') },
    candidate: {
      target: candidate,
      replicas: replicasOf('candidate'),
      version: gate.attempt?.version ?? null,
    },
    asked: { ...asked, metrics, looks },
    result,
  };
}
