/** All that a fault could have changed on two processes of one service, read from the kernel each time. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { memoryGroupOf, oomScoreAdjOf } from '../../src/system/memory-cgroup.ts';
import { isStopped } from '../../src/system/proc.ts';
import { findProcesses } from '../../src/system/processes/process-finder.ts';
import { cpusOf } from '../../src/system/stress/cpu-affinity.ts';
import type { Difference } from './target-state.ts';

/** Programs of ours that must not outlive a fault. */
const HELPERS = ['stress-holder-main.js', 'spinner-main.js', 'hog-main.js', 'restarter-main.js'];
const DEADLINE_MS = 2000;

export interface Shop {
  /** Consecutive arguments of each process. */
  readonly command: string;
  readonly instances: number;
  readonly address: string;
  /** Groups of memory stresses where its processes are. */
  groups(): readonly string[];
  /** In the environment of every process that a round has started. */
  readonly state: string;
}

/** @param usual the CPUs that each process had before. */
export async function lookAtShop(
  { command, instances, address, state, groups }: Shop,
  usual: string,
): Promise<Difference> {
  const running = findProcesses({ command });
  const undo = [
    ...running.filter((one) => isStopped(one.pid, one.startTicks)).map((one) => `pid ${one.pid} is stopped`),
    ...running.flatMap(({ pid }) => {
      const cpus = cpusOf(pid);
      return cpus === undefined || cpus === usual ? [] : [`pid ${pid} may use CPUs ${cpus}, before ${usual}`];
    }),
    ...running.flatMap(({ pid }) => strayMemory(pid)),
    ...groups().map((one) => `memory group ${one} is left`),
    ...helpersWith(`GAUNTLET_STATE_DIR=${state}`),
  ];
  const missing = running.length === instances ? [] : [`${running.length} of ${instances} processes run`];
  return { undo, byItself: [...missing, ...(await problemAt(address))] };
}

/** In a group of a memory stress, or with the score that a victim has there. */
function strayMemory(pid: number): readonly string[] {
  const [group, score] = [memoryGroupOf(pid), oomScoreAdjOf(pid)];
  const isStray = group?.includes('gauntlet-memory-stress') === true || score === 1000;
  return isStray ? [`pid ${pid} is in ${group} with oom_score_adj ${score}`] : [];
}

async function problemAt(address: string): Promise<readonly string[]> {
  try {
    await (await fetch(address, { signal: AbortSignal.timeout(DEADLINE_MS) })).arrayBuffer();
    return [];
  } catch (error) {
    return [`${address}: ${String(error)}`];
  }
}

function helpersWith(variable: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const program = basename(
          wordsOf(pid, 'cmdline').find((word) => HELPERS.includes(basename(word))) ?? '',
        );
        return program !== '' && wordsOf(pid, 'environ').includes(variable)
          ? [`${program} pid ${pid} runs`]
          : [];
      } catch {
        // It has ended.
        return [];
      }
    });
}

const wordsOf = (pid: string, file: 'cmdline' | 'environ'): readonly string[] =>
  readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0');
