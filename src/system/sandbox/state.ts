/**
 * The public state of a running sandbox, as a file: its folder, its processes, and how to reach every part.
 * `sandbox.json` exists, complete, exactly from when everything was ready until the sandbox is stopped.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GauntletError } from '../../core/errors.ts';
import type { Topology } from '../../core/topology.ts';
import type { Holder } from '../holder.ts';
import type { Places } from '../places.ts';

/** A process of the supervisor's own pid namespace; these two numbers together are never reused there. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTicks: string;
}

export interface SandboxState {
  readonly schema: 'gauntlet.sandbox/1';
  readonly name: string;
  /** What it runs. */
  readonly system: { readonly name: string; readonly file: string; readonly digest: string };
  /** Path of this file, as a PlatformHandle names it. */
  readonly stateFile: string;
  readonly supervisor: Holder;
  /** Outlives the supervisor until every process has ended and the folder is removed. */
  readonly reaper: Holder;
  readonly controlSocket: string;
  readonly proxySocket: string;
  /** For users and load (`client` links), with the probe's own links to Kafka and Redis. */
  readonly topology: Topology;
  /** The same parts through the `probe` links only: a fault on the clients' links does not affect these. */
  readonly probeTopology: Topology;
  readonly addresses: readonly { readonly label: string; readonly address: string }[];
  /** Settings that explain recovery times, under the names of their owners (server.properties, kubelet). */
  readonly timers: Readonly<Record<string, string | number>>;
  /** ISO 8601, when everything was ready. */
  readonly startedAt: string;
}

/** Written by the reaper before anything else: which processes use this name. */
export interface SandboxClaim {
  readonly name: string;
  readonly supervisor: Holder;
  readonly reaper: Holder;
  /** Unix sockets are outside the folder when its path is too long for them. */
  readonly socketFolder: string;
}

/** The files of one sandbox; `folder` is removed with everything in it when the sandbox ends. */
export interface SandboxPaths {
  readonly root: string;
  readonly lock: string;
  readonly folder: string;
  readonly state: string;
  readonly claim: string;
  /** One identity per line, written before the process may act. */
  readonly processes: string;
  /** One memory cgroup per line, written before it is created. */
  readonly groups: string;
  readonly logs: string;
}

export const sandboxesRoot = (places: Places): string => join(places.state, 'sandboxes');

export function sandboxPaths(root: string, name: string): SandboxPaths {
  const folder = join(root, name);
  return {
    root,
    lock: join(root, `${name}.lock`),
    folder,
    state: join(folder, 'sandbox.json'),
    claim: join(folder, 'claim.json'),
    processes: join(folder, 'processes.ndjson'),
    groups: join(folder, 'groups'),
    logs: join(folder, 'logs'),
  };
}

export const readState = (paths: SandboxPaths): SandboxState | undefined => readJson(paths.state);
export const readClaim = (paths: SandboxPaths): SandboxClaim | undefined => readJson(paths.claim);

/**
 * Another version may be installed while a sandbox runs, and reads addresses that it does not know.
 * @throws refused with the way out.
 */
export function requireThisVersion(
  subject: string,
  state: Pick<SandboxState, 'probeTopology'> & Partial<Pick<SandboxState, 'system'>>,
): void {
  const { services } = state.probeTopology as Partial<Topology>;
  if (Array.isArray(services) && state.system !== undefined) return;
  const expected = 'a sandbox that this version of Gauntlet has started';
  const next = 'Stop it with: gauntlet sandbox down';
  throw new GauntletError('refused', [{ subject, expected, got: 'one of another version', next }]);
}

/** Treats absent and half-written files alike: neither is reliable. */
function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch {
    return undefined;
  }
}
