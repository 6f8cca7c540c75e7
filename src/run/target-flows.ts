/**
 * Which flows of a scenario a target can be asked for. With `weights` its author names them, and each needs its address; without,
 * the rate goes to those that the target has an address for, and the plan says so.
 */
import type { Topology } from '../core/topology.ts';
import type { CampaignLoad } from './campaign-load.ts';

export interface FlowsThere {
  readonly flows: readonly string[];
  /** By which each flow's rate is multiplied, so that the scenario's rate stays what it is. */
  readonly factor: number;
  /** For the plan; null when the target has them all. */
  readonly note: string | null;
}

/** @param topology null: not known yet, and then all are there. */
export function flowsThere(
  { scenario, flows, weighted }: Pick<CampaignLoad, 'scenario' | 'flows' | 'weighted'>,
  topology: Topology | null,
  target: string,
): FlowsThere {
  const all = { flows, factor: 1, note: null };
  if (topology === null || weighted) return all;
  const there = flows.filter((flow) => scenario.hasAddress(topology, flow));
  // Without any the environment says what is missing.
  if (there.length === 0 || there.length === flows.length) return all;
  const note =
    `${scenario.name}: target ${target} has an address for ${there.length} of its ${flows.length} flows, ` +
    `${there.join(', ')}; they share its whole rate`;
  return { flows: there, factor: flows.length / there.length, note };
}
