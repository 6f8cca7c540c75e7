/** The stresses that are in place on a target, found by the processes that hold them. */
import { basename } from 'node:path';
import { processStat } from '../../system/proc.ts';
import { allPids, argumentsOf, parentOf } from '../../system/processes/process-finder.ts';
import type { ProcessIdentity } from '../../system/sandbox/state.ts';
import { sweepProcesses } from '../../system/sandbox/sweep.ts';
import { sendSignal } from '../../system/send-signal.ts';
import { HELPER_OF, HOLDER, type OrderOf, type StressKind, type StressOrder } from './stress-order.ts';

const fileOf = (program: string): string => `${basename(program)}.js`;

export interface HeldStress<Kind extends StressKind> {
  readonly holder: ProcessIdentity;
  readonly order: OrderOf<Kind>;
  /** What it has started: spinners or hogs. */
  readonly helpers: readonly ProcessIdentity[];
}

/** Those of a target, whichever process has started them. */
export function heldStresses<Kind extends StressKind>(
  target: string,
  kind: Kind,
): readonly HeldStress<Kind>[] {
  return allPids().flatMap((pid) => {
    const order = orderOf(argumentsOf(pid));
    if (order?.target !== target || order.kind !== kind) return [];
    const holder = identityOf(pid);
    if (holder === undefined) return [];
    const helpers = childrenOf(pid).filter((one) =>
      argumentsOf(one.pid).some((word) => basename(word) === fileOf(HELPER_OF[kind])),
    );
    return [{ holder, order: order as OrderOf<Kind>, helpers }];
  });
}

/**
 * Ends the holder and what it has started. It is stopped first, so that nothing new begins, and nothing is
 * moved, after its children are listed.
 */
export function endHolder({ holder }: { readonly holder: ProcessIdentity }): void {
  if (identityOf(holder.pid)?.startTicks !== holder.startTicks) return;
  sendSignal(holder.pid, 'SIGSTOP');
  const { unkillable } = sweepProcesses([...childrenOf(holder.pid), holder]);
  if (unkillable.length === 0) return;
  throw new Error(`processes of a stress do not end: pid ${unkillable.map((one) => one.pid).join(', ')}`);
}

function orderOf([, program, order]: readonly string[]): StressOrder | undefined {
  if (program === undefined || order === undefined || basename(program) !== fileOf(HOLDER)) return undefined;
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
