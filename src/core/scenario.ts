/**
 * What a campaign may load: each scenario's flows, its requirements on a target, and how long its requests
 * may take.
 */
import type { Problem } from './errors.ts';
import type { ReadScript } from './foreign-script.ts';
import type { Correlation } from './system.ts';
import type { Ms } from './units.ts';

export interface PromisedRecords {
  /** The topics as the scenario names them. */
  readonly written: readonly string[];
  /** Those of the system, with the place of their id. */
  readonly topics: readonly {
    readonly name: string;
    readonly service: string;
    readonly correlation: Correlation;
  }[];
}

export interface ScenarioEntry {
  readonly name: string;
  /** The script: an absolute path. */
  readonly file: string;
  /** What k6 says about it, for a foreign script; absent: the script is one of ours. */
  readonly script?: ReadScript;
  readonly summary: string;
  /** Flow and its share of the scenario's rate when no weights are set. */
  readonly flows: readonly string[];
  /** The client's own time limit. No request takes longer, so rate × this is the number of VUs. */
  readonly worstStallMs: Ms;
  /** Memory of one VU in k6 without garbage (docs/decisions/018-flat-memory.md), in kB; absent: unknown. */
  readonly vuKb?: number;
  /** Uses HTTP: servers close idle connections, and redirects can be followed. */
  readonly http: boolean;
  /** By flow, the service that it is sent to. */
  readonly services: Readonly<Record<string, string>>;
  /** By flow, where a good answer writes one record with the id of its iteration. Absent: nowhere. */
  readonly records?: Readonly<Record<string, PromisedRecords>>;
  /** Of a foreign script, with addresses as `${web.address}`. Absent: addresses come by service. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The environment variable of a script that holds the address of a service: `GAUNTLET_ADDRESS_WEB`. */
export const addressVariable = (service: string): string =>
  `GAUNTLET_ADDRESS_${service.toUpperCase().replaceAll('-', '_')}`;

/** What is known of a scenario that a campaign names, or why it cannot be a load. */
export type ScenarioReading =
  | { readonly ok: true; readonly entry: ScenarioEntry }
  | { readonly ok: false; readonly expected: string; readonly got: string; readonly next?: string }
  /** All that its description says wrong, each with its place in the script. */
  | { readonly ok: false; readonly problems: readonly Problem[] };
