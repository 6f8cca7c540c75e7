/**
 * What a campaign may load: each scenario's flows, its requirements on a target, and how long its requests
 * may take.
 */
import type { Topology } from './topology.ts';
import type { Ms } from './units.ts';

export interface ScenarioEntry {
  readonly name: string;
  readonly summary: string;
  /** Flow and its share of the scenario's rate when no weights are set. */
  readonly flows: readonly string[];
  /** The client's own time limit. No request takes longer, so rate × this is the number of VUs. */
  readonly worstStallMs: Ms;
  /** Memory of one VU in k6 without garbage (docs/decisions/018-flat-memory.md), in kB. */
  readonly vuKb: number;
  /** Uses HTTP: servers close idle connections, and redirects can be followed. */
  readonly http: boolean;
  /** Whether the target has the part that a flow is sent to. */
  hasAddress(topology: Topology, flow: string): boolean;
  /** Environment of the script for some of its flows, or the part of the target that is missing. */
  environment(
    topology: Topology,
    flows: readonly string[],
  ): { readonly env: Readonly<Record<string, string>> } | { readonly missing: string };
}
