/**
 * What a campaign may load: each scenario's flows, what it needs of a target, and how long its requests may
 * take.
 */
import type { Topology } from './topology.ts';
import type { Ms } from './units.ts';

export interface ScenarioEntry {
  readonly name: string;
  readonly summary: string;
  /** Flow and its share of the scenario's rate when no weights are set. */
  readonly flows: readonly string[];
  /** The client's own time limit: nothing takes longer, so rate × this is the number of VUs. */
  readonly worstStallMs: Ms;
  /** What one VU holds in k6 when nothing is garbage (docs/decisions/018-flat-memory.md), in kB. */
  readonly vuKb: number;
  /** Over HTTP: servers close connections that idle, and redirects can be followed. */
  readonly http: boolean;
  /** Whether the target has what a flow is sent to. */
  hasAddress(topology: Topology, flow: string): boolean;
  /** Environment of the script for some of its flows, or the part of the target that is missing. */
  environment(
    topology: Topology,
    flows: readonly string[],
  ): { readonly env: Readonly<Record<string, string>> } | { readonly missing: string };
}
