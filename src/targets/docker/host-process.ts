/**
 * The main process of a container as this machine sees it. An engine that is asked to kill a container takes
 * that for the wish of its user and does not restart it; a crash is the end of the process itself, and only
 * that shows what the restart policy does.
 */
import { messageOf } from '../../core/errors.ts';
import type { ContainerVictim, ProcessVictim } from '../../core/topology.ts';
import { processStat } from '../../system/proc.ts';
import { textIn } from '../../system/text-in.ts';
import type { Container } from './containers.ts';

export type HostProcess =
  | { readonly kind: 'here'; readonly process: ProcessVictim }
  | { readonly kind: 'gone' }
  | { readonly kind: 'elsewhere'; readonly got: string; readonly next: string };

const SAME_MACHINE =
  'Run Gauntlet on the machine of the engine, outside of containers: it ends the main process of a container, as a crash does.';

/** Verified by its control group, whose name holds the whole id of the container. */
export function hostProcessOf(
  { service, instance, container }: ContainerVictim,
  { pid }: Container,
): HostProcess {
  const stat = pid > 0 ? processStat(pid) : undefined;
  const groups = stat === undefined ? undefined : textIn(`/proc/${pid}/cgroup`);
  if (stat === undefined || groups === undefined || !groups.includes(container)) {
    const got = `none: pid ${pid}, which the engine names, is not its process here`;
    return { kind: 'elsewhere', got, next: SAME_MACHINE };
  }
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return { kind: 'gone' };
    const next = 'Run Gauntlet as root, or as the user of a rootless engine.';
    return { kind: 'elsewhere', got: `one that this user may not signal (${messageOf(error)})`, next };
  }
  return { kind: 'here', process: { service, instance, pid, startTicks: stat.startTicks } };
}
