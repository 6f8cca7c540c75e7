/** When another number of instances counts as in place, and when the former one does. */
import { z } from 'zod';
import { describeWorkload, type Workload } from '../../../core/acts/workload-acts.ts';
import { ms } from '../../../core/units.ts';
import type { Evidence, Proof, RemovalState } from '../../fault.ts';
import { sayLast } from '../../observation.ts';
import { countShape, workloadShape } from '../../undo-shapes.ts';
import { needActs, type World } from '../../world.ts';
import { notReadyAgain, sayReady } from './ready-again.ts';
import { WORKLOAD_FAULT_ACTS, wholeSince } from './workloads-of.ts';

export type ScaleAct = { readonly workload: Workload; readonly from: number; readonly to: number };

export type ScaleUndo = ScaleAct & {
  readonly readyBefore: number;
  /** Epoch ms of the plan: what changed earlier is none of its effects. */
  readonly since: number;
};

export const scaleUndoShape = z.object({
  workload: workloadShape,
  from: countShape,
  to: countShape,
  readyBefore: countShape,
  since: z.number(),
});

/** @param probed false when no probe can observe the service: then only the platform's answers count. */
export function judgeScale({ workload, to }: ScaleAct, probed: boolean, evidence: Evidence): Proof {
  const { service } = workload;
  const said = probed
    ? { held: sayLast(evidence.since.held), fresh: sayLast(evidence.since.fresh) }
    : { held: 'no probe', fresh: 'no probe' };
  let previous = evidence.appliedAt;
  let text = evidence.snapshots.at(-1)?.failed ?? 'no answer of the platform yet';
  for (const { at, instances, workloads } of evidence.snapshots) {
    if (instances === undefined || workloads === undefined) continue;
    const there = instances.filter((one) => one.service === service && one.isLeaving !== true);
    const wanted = workloads.find((one) => one.uid === workload.uid)?.replicas;
    const ready = there.filter((one) => one.ready).length;
    text = `${there.length} instances of ${service} exist, ${ready} of them ready; ${to} are wanted`;
    // A service without any instance has no workload that could be found by them.
    const isWanted = wanted === to || (to === 0 && workloads.length === 0);
    if (isWanted && there.length === to) {
      const isWatched = evidence.since.held.length > 0 && evidence.since.fresh.length > 0;
      if (probed && !isWatched) break;
      return { kind: 'seen', at, boundMs: ms(at - previous), ...said, evidence: text };
    }
    previous = at;
  }
  return { kind: 'not-yet', ...said, evidence: text };
}

/** A number that is neither ours nor the former one is another party's, and this cannot be called removed. */
export async function scaleRemoved(fault: string, undo: ScaleUndo, world: World): Promise<RemovalState> {
  const { workloads, instances } = needActs(fault, world, WORKLOAD_FAULT_ACTS);
  const { workload, from, to } = undo;
  const name = describeWorkload(workload);
  const now = await workloads.read(workload);
  if (now === null) return { gone: true, evidence: `${name} is gone, and its number with it` };
  if (now.replicas !== from) {
    const evidence =
      now.replicas === to
        ? `${name} still wants ${to} instances, before it wanted ${from}`
        : `${name} wants ${now.replicas} instances: another party changed it meanwhile (before ${from}, by us ${to}); not overwritten`;
    return { gone: false, evidence };
  }
  const all = await instances.list(workload.service);
  const running = all.filter((one) => one.isEnded !== true);
  if (running.length > from) {
    return {
      gone: false,
      evidence: `${running.length - from} more instances than the ${from} of before exist`,
    };
  }
  const waits = notReadyAgain(all, { service: workload.service, readyBefore: undo.readyBefore });
  if (waits !== null) return waits;
  const evidence = `${name} wants ${from} instances as before, ${sayReady(all, undo)}`;
  return { gone: true, evidence, ...wholeSince(await instances.lives(workload.service), undo.since) };
}
