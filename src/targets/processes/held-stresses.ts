/** The CPU stresses that are in place on a target of processes, found by the processes that hold them. */
import { basename } from 'node:path';
import { processStat } from '../../system/proc.ts';
import { allPids, argumentsOf, parentOf } from '../../system/processes/process-finder.ts';
import type { ProcessIdentity } from '../../system/sandbox/state.ts';
import { sweepProcesses } from '../../system/sandbox/sweep.ts';
import { sendSignal } from '../../system/send-signal.ts';
import { HOLDER, type StressOrder } from './stress-order.ts';

const HOLDER_FILE = `${basename(HOLDER)}.js`;
const SPINNER_FILE = 'spinner-main.js';

export interface HeldStress {
  readonly holder: ProcessIdentity;
  readonly order: StressOrder;
  readonly spinners: readonly ProcessIdentity[];
}

/** Those of a target, whichever process has started them. */
export function heldStresses(target: string): readonly HeldStress[] {
  return allPids().flatMap((pid) => {
    const order = orderOf(argumentsOf(pid));
    const holder = order?.target === target ? identityOf(pid) : undefined;
    if (order === undefined || holder === undefined) return [];
    const spinners = childrenOf(pid).filter((one) =>
      argumentsOf(one.pid).some((word) => basename(word) === SPINNER_FILE),
    );
    return [{ holder, order, spinners }];
  });
}

/**
 * Ends the holder and what it has started. It is stopped first, so that nothing new begins, and no thread is
 * moved, after its children are listed.
 */
export function endHolder({ holder }: Pick<HeldStress, 'holder'>): void {
  if (identityOf(holder.pid)?.startTicks !== holder.startTicks) return;
  sendSignal(holder.pid, 'SIGSTOP');
  const { unkillable } = sweepProcesses([...childrenOf(holder.pid), holder]);
  if (unkillable.length === 0) return;
  throw new Error(`processes of a CPU stress do not end: pid ${unkillable.map((one) => one.pid).join(', ')}`);
}

function orderOf([, program, order]: readonly string[]): StressOrder | undefined {
  if (program === undefined || order === undefined || basename(program) !== HOLDER_FILE) return undefined;
  try {
    return JSON.parse(order) as StressOrder;
  } catch {
    return undefined;
  }
}

const childrenOf = (parent: number): readonly ProcessIdentity[] =>
  allPids().flatMap((pid) => (parentOf(pid) === parent ? (identityOf(pid) ?? []) : []));

function identityOf(pid: number): ProcessIdentity | undefined {
  const stat = processStat(pid);
  return stat && { pid, startTicks: stat.startTicks };
}
