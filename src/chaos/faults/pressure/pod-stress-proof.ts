/**
 * When CPU stress inside pods counts as proven, and as removed. The record that reports Injected comes from
 * the controller itself; the kernel's counters decide: other processes in the container used its CPU, and the
 * victim itself waited.
 */
import type { CpuSpan, PodStressState, SqueezedPod } from '../../../core/acts/pod-stress-acts.ts';
import { describeVictim, describeVictims, isSameVictim, type PodVictim } from '../../../core/topology.ts';
import { formatMs } from '../../../core/units.ts';
import type { Evidence, Proof, RemovalState } from '../../fault.ts';
import { saidBy, slowerAndAlive } from './slower-alive.ts';
import { costOf, LEAST_WINDOW_MS } from './stress-cost.ts';

export type PodStressAct = {
  readonly id: string;
  readonly pods: readonly { readonly victim: PodVictim; readonly limitCpus: number }[];
  readonly workers: number;
  readonly holdMs: number;
};

/**
 * ms that a busy thread waits for each ms of its work next to N other busy processes, within this CPU limit:
 * N + 1 equals share it.
 */
export const predictedCost = (workers: number, limitCpus: number): number =>
  Math.max(0, (workers + 1 - limitCpus) / limitCpus);

export function judgePodStress(act: PodStressAct, probed: boolean, evidence: Evidence): Proof {
  const said = saidBy(evidence, probed);
  const notYet = (text: string): Proof => ({ kind: 'not-yet', ...said, evidence: text });
  const last = evidence.snapshots.at(-1);
  const state = last?.podStresses?.find((one) => one.id === act.id);
  if (state === undefined) {
    const who = describeVictims(act.pods.map((one) => one.victim));
    return notYet(`no stress on ${who}${last?.failed === undefined ? '' : `: ${last.failed}`}`);
  }
  const rows = act.pods.map((one) => rowOf(act, one, state));
  const text = `every record reports Injected; ${rows.map((row) => row.text).join('; ')}`;
  if (!rows.every((row) => row.isSeen)) return notYet(text);
  return slowerAndAlive(text, state.inPlaceAt, probed, evidence);
}

interface Row {
  readonly isSeen: boolean;
  readonly text: string;
}

function rowOf(
  { workers }: PodStressAct,
  { victim, limitCpus }: PodStressAct['pods'][number],
  { pods }: PodStressState,
): Row {
  const name = describeVictim(victim);
  const found = pods.find((one) => isSameVictim(one.victim, victim));
  if (found === undefined || found.before === null || found.since === null) {
    return { isSeen: false, text: `${name} was not measured before and since` };
  }
  const { before, since } = found;
  const cost = costOf(name, since, before, since.spanMs, predictedCost(workers, limitCpus));
  const text = `${cost.text}, ${sayBeside(since)}`;
  return { isSeen: cost.isSeen && since.besideMs > 0 && since.spanMs >= LEAST_WINDOW_MS, text };
}

function sayBeside({ beside, besideMs }: CpuSpan): string {
  if (beside.length === 0) return 'nothing else used its CPU';
  const named = beside.slice(0, 3).join(', ');
  const more = beside.length > 3 ? ` and ${beside.length - 3} more` : '';
  return `next to it ${named}${more} used ${formatMs(besideMs)}`;
}

/** @param pods those of the victims that still run, as counted since the end; null = no stress was begun. */
export function judgePodRelief(act: PodStressAct, pods: readonly SqueezedPod[] | null): RemovalState {
  if (pods === null) return { gone: true, evidence: 'no object was ever created' };
  if (pods.length === 0)
    return { gone: true, evidence: 'no object is left; the victims are gone for another reason' };
  const rows = act.pods.flatMap(({ victim, limitCpus }) => {
    const found = pods.find((one) => isSameVictim(one.victim, victim));
    return found === undefined ? [] : [reliefOf(found, predictedCost(act.workers, limitCpus))];
  });
  const evidence = `no object is left; ${rows.map((row) => row.text).join('; ')}`;
  return { gone: rows.every((row) => row.isSeen), evidence };
}

/**
 * `isSeen`: no process uses CPU next to it, and where its earlier cost per ms of work is known, the cost is
 * below the threshold of stress.
 */
function reliefOf({ victim, before, since }: SqueezedPod, predicted: number): Row {
  const name = describeVictim(victim);
  if (since === null) return { isSeen: false, text: `${name} was not measured since the end` };
  if (since.beside.length > 0) return { isSeen: false, text: `${name}: ${sayBeside(since)} since the end` };
  if (before === null) return { isSeen: true, text: `${name}: ${sayBeside(since)} since the end` };
  const cost = costOf(name, since, before, since.spanMs, predicted);
  return { isSeen: !cost.isSeen, text: `${cost.text}, ${sayBeside(since)}` };
}
