/**
 * When a rolling restart counts as begun, and when as over: every old instance is gone by its identity, and
 * the service is whole.
 */
import { z } from 'zod';
import { describeWorkload, type Workload } from '../../../core/acts/workload-acts.ts';
import { describeVictims, isSameVictim, type Victim } from '../../../core/topology.ts';
import { type EpochMs, type Ms, ms } from '../../../core/units.ts';
import type { Evidence, Proof, RemovalState } from '../../fault.ts';
import { type Snapshot, sayLast } from '../../observation.ts';
import { countShape, victimShape, workloadShape } from '../../undo-shapes.ts';
import { needActs, type World } from '../../world.ts';
import { notReadyAgain, sayReady } from './ready-again.ts';
import { WORKLOAD_FAULT_ACTS, wholeSince } from './workloads-of.ts';

export type RollAct = {
  readonly service: string;
  readonly workloads: readonly Workload[];
  readonly mark: string;
  readonly victims: readonly Victim[];
};

export type RollUndo = RollAct & {
  readonly readyBefore: number;
  /** Epoch ms of the plan: what changed earlier is none of its effects. */
  readonly since: number;
};

export const rollUndoShape = z.object({
  service: z.string(),
  workloads: z.array(workloadShape),
  mark: z.string(),
  victims: z.array(victimShape),
  readyBefore: countShape,
  since: z.number(),
});

/** @param probed false when no probe can observe the service: then only the platform's answers count. */
export function judgeRoll(act: RollAct, probed: boolean, evidence: Evidence): Proof {
  const said = probed
    ? { held: sayLast(evidence.since.held), fresh: sayLast(evidence.since.fresh) }
    : { held: 'no probe', fresh: 'no probe' };
  const begun = begunAt(act, evidence);
  if (begun === undefined) {
    const failed = evidence.snapshots.at(-1)?.failed;
    const why = failed === undefined ? '' : `: ${failed}`;
    return { kind: 'not-yet', ...said, evidence: `no instance of ${act.service} was replaced yet${why}` };
  }
  const { gone, ...at } = begun;
  const text =
    gone.length > 0
      ? `the restart has begun: ${describeVictims(gone)} is gone`
      : `the restart has begun: the first new instance of ${act.service} was started`;
  const isWatched = evidence.since.held.length > 0 && evidence.since.fresh.length > 0;
  if (probed && !isWatched) return { kind: 'not-yet', ...said, evidence: text };
  return { kind: 'seen', ...at, ...said, evidence: text };
}

/** The first answer of the platform in which our mark has replaced something. */
function begunAt(
  act: RollAct,
  { appliedAt, snapshots }: Evidence,
): { readonly at: EpochMs; readonly boundMs: Ms; readonly gone: readonly Victim[] } | undefined {
  let previous = appliedAt;
  for (const snapshot of snapshots) {
    const { instances, workloads } = snapshot;
    if (instances === undefined || workloads === undefined) continue;
    const ours = workloads.filter((one) => one.mark === act.mark);
    const gone = ours.length === 0 ? [] : goneOf(act.victims, snapshot);
    if (gone.length > 0 || ours.some((one) => one.updated > 0)) {
      return { at: snapshot.at, boundMs: ms(snapshot.at - previous), gone };
    }
    previous = snapshot.at;
  }
  return undefined;
}

/** One that is asked to drain and still does is on its way out. */
const goneOf = (victims: readonly Victim[], { instances = [] }: Snapshot): readonly Victim[] =>
  victims.filter(
    (victim) =>
      !instances.some((one) => isSameVictim(one, victim) && one.isEnded !== true && one.isLeaving !== true),
  );

export async function rollRemoved(fault: string, undo: RollUndo, world: World): Promise<RemovalState> {
  const { workloads, instances } = needActs(fault, world, WORKLOAD_FAULT_ACTS);
  const states = await Promise.all(undo.workloads.map((one) => workloads.read(one)));
  const now = await instances.list(undo.service);
  const ours = states.filter((one) => one?.mark === undo.mark);
  for (const one of ours) {
    if (one === null || one.isSettled) continue;
    const paused = one.noRestart === null ? '' : `; ${one.noRestart.why}. ${one.noRestart.fix}`;
    const evidence = `the restart of ${describeWorkload(one)} has ${one.updated} of ${one.replicas} new instances${paused}`;
    return { gone: false, evidence };
  }
  const isWhole = ours.length === undo.workloads.length;
  const running = now.filter((one) => one.isEnded !== true);
  const left = undo.victims.filter((victim) => running.some((one) => isSameVictim(one, victim)));
  if (isWhole && left.length > 0)
    return { gone: false, evidence: `${describeVictims(left)} is not replaced yet` };
  const waits = notReadyAgain(now, undo);
  if (waits !== null) return waits;
  if (!isWhole) {
    const other = undo.workloads.filter((_, index) => states[index]?.mark !== undo.mark);
    const names = other.map(describeWorkload).join(', ');
    const evidence = `${names} does not carry the mark of this restart (never begun, or another came after it), ${sayReady(now, undo)}`;
    return { gone: true, evidence };
  }
  const evidence = `all ${undo.victims.length} old instances are replaced, ${sayReady(now, undo)}`;
  return { gone: true, evidence, ...wholeSince(await instances.lives(undo.service), undo.since) };
}
