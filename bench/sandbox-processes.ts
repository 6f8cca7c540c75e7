/** The processes of a running sandbox by kind, and the CPU that they have used. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { processStat } from '../src/system/proc.ts';
import type { SandboxState } from '../src/system/sandbox/state.ts';
import { readIdentities } from '../src/system/sandbox/sweep.ts';

/**
 * What a command line holds, by kind, the first that fits: those of the supervisor name the tools as well.
 * `harness` is this process.
 */
const MARKS = {
  supervisor: 'sandbox/src/supervisor/main',
  reaper: 'sandbox/src/reaper/main',
  kafka: 'kafka.Kafka',
  proxy: 'link-proxy/src/main',
  gateway: 'stand-ins/src/gateway/main',
  specialists: 'stand-ins/src/specialist/main',
  hive: 'stand-ins/src/hive/main',
  redis: 'redis-server',
} as const;

export type Kind = keyof typeof MARKS | 'harness';
export const KINDS: readonly Kind[] = [...(Object.keys(MARKS) as (keyof typeof MARKS)[]), 'harness'];

/** ms of CPU, or a value derived from it. */
export type CpuByKind = Readonly<Record<Kind, number>>;

/** ms of CPU since each process of the sandbox began. @throws Error for a process of no known kind. */
export function cpuOfSandbox(state: SandboxState): CpuByKind {
  const sums = Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Record<Kind, number>;
  const written = readIdentities(join(dirname(state.stateFile), 'processes.ndjson'));
  for (const { pid, startTicks } of [...written, state.supervisor, state.reaper]) {
    const stat = processStat(pid);
    if (stat?.startTicks === startTicks) sums[kindOf(pid)] += stat.cpuMs;
  }
  const { user, system } = process.cpuUsage();
  sums.harness = (user + system) / 1000;
  return sums;
}

function kindOf(pid: number): Kind {
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  const found = Object.entries(MARKS).find(([, mark]) => command.includes(mark));
  if (found) return found[0] as Kind;
  throw new Error(`process ${pid} is of no known kind: ${command}`);
}
