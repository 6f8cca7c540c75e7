/**
 * When CPU stress counts as proven: the kernel reports that victims and spinners share one CPU, and that each
 * ms of work costs every victim clearly more waiting than before, as predicted for fair scheduling; probes
 * are alive. A victim that does not use the CPU does not wait: then nothing is proven, and the evidence
 * states that.
 */
import type { CpuUse } from '../../../core/acts/stress-acts.ts';
import { describeVictim, describeVictims, isSameVictim, type ProcessVictim } from '../../../core/topology.ts';
import { formatMs } from '../../../core/units.ts';
import type { Evidence, Proof } from '../../fault.ts';
import type { Snapshot } from '../../observation.ts';
import { saidBy, slowerAndAlive } from './slower-alive.ts';
import { type Cost, costOf, LEAST_WINDOW_MS } from './stress-cost.ts';

export type StressAct = {
  readonly id: string;
  readonly cpu: number;
  readonly victims: readonly { readonly victim: ProcessVictim; readonly cpus: string }[];
  readonly workers: number;
};

/** @param probed false when no probe can observe the service: then only the kernel's counters count. */
export function judgeStress(act: StressAct, probed: boolean, evidence: Evidence): Proof {
  const said = saidBy(evidence, probed);
  const notYet = (text: string): Proof => ({ kind: 'not-yet', ...said, evidence: text });
  const who = describeVictims(act.victims.map((one) => one.victim));
  const place = `CPU ${act.cpu}`;

  const first = evidence.snapshots.find((snapshot) => isInPlace(act, snapshot));
  const last = evidence.snapshots.at(-1);
  if (first === undefined || last === undefined) {
    const failed = last?.failed;
    const share = failed === undefined ? `do not share ${place}` : `may not share ${place}: ${failed}`;
    return notYet(`${who} and ${act.workers} spinners ${share}`);
  }
  if (!isInPlace(act, last)) {
    return notYet(`${who} and ${act.workers} spinners do not share ${place} any more`);
  }
  const spun = spinnersOf(act, last) - spinnersOf(act, first);
  const rows = act.victims.map(({ victim }) => waiting(act, victim, first, last, evidence.snapshotsBefore));
  const shared = `${act.workers} spinners on ${place} (affinity) used ${formatMs(spun)} of it; `;
  const text = shared + rows.map((row) => row.text).join('; ');
  if (last.at - first.at < LEAST_WINDOW_MS || spun <= 0) return notYet(text);
  if (!rows.every((row) => row.isSeen)) return notYet(text);
  return slowerAndAlive(text, first.at, probed, evidence);
}

function isInPlace({ id, cpu, workers, victims }: StressAct, snapshot: Snapshot): boolean {
  const stress = snapshot.stresses?.find((one) => one.id === id);
  const isPinned = victims.every(({ victim }) => useOf(victim, snapshot)?.cpus === String(cpu));
  return stress?.spinners === workers && isPinned;
}

const useOf = (victim: ProcessVictim, snapshot: Snapshot | undefined): CpuUse | undefined =>
  snapshot?.cpu?.find((one) => isSameVictim(one, victim));

const spinnersOf = ({ id }: StressAct, snapshot: Snapshot): number =>
  snapshot.stresses?.find((one) => one.id === id)?.spinnerCpuMs ?? 0;

/**
 * With N busy processes next to it, a busy process gets one turn in N + 1: each ms of work costs N ms of
 * waiting.
 */
function waiting(
  { workers }: StressAct,
  victim: ProcessVictim,
  first: Snapshot,
  last: Snapshot,
  before: readonly Snapshot[],
): Cost {
  const name = describeVictim(victim);
  const now = between(useOf(victim, first), useOf(victim, last));
  const usual = between(useOf(victim, before[0]), useOf(victim, before.at(-1)));
  if (now === undefined || usual === undefined) {
    return { isSeen: false, text: `${name} was not measured before and since` };
  }
  return costOf(name, now, usual, last.at - first.at, workers);
}

/** Undefined unless the same process was measured twice. */
function between(from: CpuUse | undefined, to: CpuUse | undefined) {
  if (from === undefined || to === undefined) return undefined;
  return {
    cpuMs: Math.max(0, to.cpuMs - from.cpuMs),
    waitedMs: Math.max(0, to.waitedMs - from.waitedMs),
  };
}
