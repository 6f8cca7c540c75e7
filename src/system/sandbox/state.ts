/**
 * What a running sandbox tells the world, as a file: where its folder is, which processes answer for it, how
 * to reach every part. `sandbox.json` is there, whole, exactly while everything had become ready once and was
 * not taken down.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Topology } from '../../core/topology.ts';
import type { Holder } from '../holder.ts';
import type { Places } from '../places.ts';

/**
 * A process of the supervisor's own pid namespace, by the two numbers that no other there will ever have
 * together.
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTicks: string;
}

export interface SandboxState {
  readonly schema: 'gauntlet.sandbox/1';
  readonly name: string;
  /** Path of this file: what a PlatformHandle names. */
  readonly stateFile: string;
  readonly supervisor: Holder;
  /** Outlives the supervisor by as long as it takes to end every process and to remove the folder. */
  readonly reaper: Holder;
  readonly controlSocket: string;
  readonly proxySocket: string;
  /** As users and load reach it (`client` links), with the probe's own links to Kafka and Redis. */
  readonly topology: Topology;
  /** The same parts through the `probe` links alone: a fault on the clients' links does not touch these. */
  readonly probeTopology: Topology;
  readonly addresses: readonly { readonly label: string; readonly address: string }[];
  /** Settings that explain recovery times, under the names of their owners (server.properties, kubelet). */
  readonly timers: Readonly<Record<string, string | number>>;
  /** ISO 8601, when everything was ready. */
  readonly startedAt: string;
}

/** Written by the reaper before anything else is: who is at work on this name. */
export interface SandboxClaim {
  readonly name: string;
  readonly supervisor: Holder;
  readonly reaper: Holder;
  /** Unix sockets live outside the folder when its path leaves no room for them. */
  readonly socketFolder: string;
}

/** The files of one sandbox; `folder` is removed with everything in it when the sandbox ends. */
export interface SandboxPaths {
  readonly root: string;
  readonly lock: string;
  readonly folder: string;
  readonly state: string;
  readonly claim: string;
  /** One identity per line, written before the process may do anything. */
  readonly processes: string;
  /** One memory group per line, written before it is made. */
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

/** Absent and half-written files are the same here: nothing that can be relied on. */
function readJson<T>(path: string): T | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch {
    return undefined;
  }
}
