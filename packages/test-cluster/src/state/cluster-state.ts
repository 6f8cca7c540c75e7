/**
 * The state file of a running test cluster: enough for any other process to use it and to take it down.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GauntletError } from '../../../../src/core/errors.ts';
import { fateOf, isHere, sayHolder, thisHolder } from '../../../../src/system/holder.ts';
import type { Places } from '../../../../src/system/places.ts';
import { isAlive } from '../../../../src/system/proc.ts';

/**
 * `api`: etcd and API server. `controllers`: with controllers and scheduler. `kwok`: with 50 fake nodes that
 * report their pods as running. `node`: with one real node and real pods, in its own namespaces (root, cgroup
 * v1).
 */
export const CLUSTER_KINDS = ['api', 'controllers', 'kwok', 'node'] as const;
export type ClusterKind = (typeof CLUSTER_KINDS)[number];

export interface ClusterProcess {
  readonly part: string;
  readonly pid: number;
  readonly startTicks: string;
  readonly command: readonly string[];
}

export interface ServicesState {
  /** The target file of the services. */
  readonly target: string;
  /** Ports on 127.0.0.1, by name (`gateway`, `kafka-1`). */
  readonly ports: Readonly<Record<string, number>>;
}

export interface ClusterState {
  readonly name: string;
  readonly kind: ClusterKind;
  readonly folder: string;
  readonly server: string;
  /**
   * The administrator's kubeconfig; a test that needs fewer rights requests a ServiceAccount's token with it.
   */
  readonly kubeconfig: string;
  /** The system under test as pods in it; null without (kind node, `--services`). */
  readonly services: ServicesState | null;
  /** In the order in which they were started. */
  readonly processes: readonly ClusterProcess[];
}

export const clusterFolder = (places: Places, name: string): string => join(places.state, 'clusters', name);

/**
 * Undefined when no cluster of that name exists, running or broken. After a reboot the file exists without
 * processes.
 * @throws refused when its processes are in another pid namespace: here the same pids belong to other
 * processes.
 */
export function readClusterState(places: Places, name: string): ClusterState | undefined {
  const path = join(clusterFolder(places, name), 'state.json');
  if (!existsSync(path)) return undefined;
  const { startedBy, ...state } = JSON.parse(readFileSync(path, 'utf8')) as ClusterState & {
    startedBy?: unknown;
  };
  if (isHere(startedBy)) return state;
  if (fateOf(startedBy, path) === 'dead') return { ...state, processes: [] };
  throw new GauntletError('refused', [
    {
      subject: `cluster ${name}`,
      expected: 'one whose processes can be seen from here',
      got: sayHolder(startedBy),
      text: `its processes are not visible from here; it was started by ${sayHolder(startedBy)}`,
      next: `Use it from there. If it has ended for good: rm -r ${clusterFolder(places, name)}`,
    },
  ]);
}

/** Written as a whole or not at all: another process may read it at any moment. */
export function writeClusterState(state: ClusterState): void {
  mkdirSync(state.folder, { recursive: true, mode: 0o700 });
  const path = join(state.folder, 'state.json');
  writeFileSync(`${path}.new`, JSON.stringify({ ...state, startedBy: thisHolder() }, null, 2), {
    mode: 0o600,
  });
  renameSync(`${path}.new`, path);
}

export const livingParts = (state: ClusterState): readonly ClusterProcess[] =>
  state.processes.filter((one) => isAlive(one.pid, one.startTicks));
