/** All state of containers that a fault could have changed, and its difference from the earlier state. */
import { existsSync, readdirSync } from 'node:fs';
import { z } from 'zod';
import { cpuGroupOf, limitOf } from '../../src/system/cpu-cgroup.ts';
import { memoryGroupOf, oomScoreAdjOf } from '../../src/system/memory-cgroup.ts';
import { inspect } from '../../src/targets/docker/containers.ts';
import type { Engine } from '../../src/targets/docker/engine.ts';
import type { Difference } from './target-state.ts';

export interface ContainerState {
  /** By container: paused, the limits of its control groups, and what is in them; a new run has the engine's. */
  readonly held: readonly string[];
  /** Agents beside them, also those that were made and never started. */
  readonly agents: number;
  readonly running: readonly string[];
}

export async function readContainers(engine: Engine, ids: readonly string[]): Promise<ContainerState> {
  const found = await Promise.all(ids.map((id) => inspect(engine, id)));
  const held = found.flatMap((one) => {
    if (one === null || !one.isRunning) return [];
    const state = [one.isPaused ? 'paused' : 'goes on', memoryIn(one.pid), limitIn(one.pid, one.id)];
    return [`${one.name}: ${state.join(', ')}`];
  });
  const running = found.flatMap((one) => (one?.isRunning === true ? [one.name] : []));
  const agents = (await engine.get(AGENTS, z.array(z.object({ Id: z.string() })))) ?? [];
  return { held, agents: agents.length, running };
}

const AGENTS = `/containers/json?all=1&filters=${encodeURIComponent('{"label":["gauntlet.agent.of"]}')}`;

/** Its score, and the group that a memory stress has made in its own, or moved it to. */
function memoryIn(pid: number): string {
  const group = memoryGroupOf(pid);
  const inside = group === undefined || !existsSync(group) ? [] : readdirSync(group);
  const ours = [...(group?.split('/') ?? []), ...inside].filter((name) => name.startsWith('gauntlet-'));
  return [`score ${oomScoreAdjOf(pid)}`, ...ours].join(' ');
}

/** A run may end between the two looks. */
function limitIn(pid: number, id: string): string {
  try {
    const group = cpuGroupOf(pid, id);
    return group === undefined ? 'ended' : JSON.stringify(limitOf(group));
  } catch {
    return 'ended';
  }
}

export function containerDifference(before: ContainerState, now: ContainerState): Difference {
  const gone = before.running.filter((name) => !now.running.includes(name));
  // Of a container that is down there is nothing to undo.
  const isHere = (row: string): boolean => !gone.some((name) => row.startsWith(`${name}: `));
  const changed = now.held.filter((row) => isHere(row) && !before.held.includes(row) && !/ended$/.test(row));
  const agents = now.agents === before.agents ? [] : [`${now.agents} agents, before ${before.agents}`];
  return { undo: [...changed, ...agents], byItself: gone.map((name) => `${name} does not run`) };
}
